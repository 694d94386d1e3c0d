#include "base/http_server.hpp"

#include "base/http_session.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <spdlog/spdlog.h>
#include <sys/socket.h>
#include <unordered_map>

namespace pult::http {
namespace {

constexpr int kAcceptsPerTurn = 64;                    // then others have their turn
constexpr std::chrono::milliseconds kAcceptPause{100}; // out of descriptors and none to be had
constexpr std::chrono::milliseconds kYoung{500};       // a connection's first request may still be on its way
constexpr std::chrono::milliseconds kSlowestSweep{1000};
constexpr std::chrono::milliseconds kFastestSweep{10};

std::chrono::milliseconds sweep_pause(const Limits& limits) {
  const auto shortest = std::min({limits.header_time, limits.body_time, limits.idle_time, limits.write_time});
  return std::clamp(shortest / 4, kFastestSweep, kSlowestSweep);
}

std::string text_of(const sockaddr_storage& address) {
  char text[INET6_ADDRSTRLEN] = {};
  if (address.ss_family == AF_INET)
    ::inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in&>(address).sin_addr, text, sizeof text);
  if (address.ss_family == AF_INET6) {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address).sin6_addr;
    if (IN6_IS_ADDR_V4MAPPED(&v6))
      ::inet_ntop(AF_INET, v6.s6_addr + 12, text, sizeof text);
    else
      ::inet_ntop(AF_INET6, &v6, text, sizeof text);
  }
  return address.ss_family == AF_UNIX ? "unix" : text;
}

int port_of(int fd) {
  sockaddr_storage address{};
  socklen_t length = sizeof address;
  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length) != 0) return 0;
  if (address.ss_family == AF_INET) return ntohs(reinterpret_cast<const sockaddr_in&>(address).sin_port);
  if (address.ss_family == AF_INET6) return ntohs(reinterpret_cast<const sockaddr_in6&>(address).sin6_port);
  return 0;
}

bool out_of_resources(int error) {
  return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

} // namespace

Response Response::text(Status status, std::string content_type, std::string_view text) {
  Response response;
  response.status = status;
  response.headers.emplace_back("Content-Type", std::move(content_type));
  auto bytes = share(Bytes(text.begin(), text.end()));
  response.body.push_back({bytes, 0, bytes->size()});
  return response;
}

struct Server::Impl : std::enable_shared_from_this<Server::Impl> {
  using Descriptor = asio::posix::basic_stream_descriptor<IoExecutor>;

  Impl(asio::io_context& io_context, UniqueFd fd, Handler handler, Limits limits)
      : io(io_context), listening(io.get_executor(), fd.release()), port(port_of(listening.native_handle())),
        accept_retry(io.get_executor()), sweep_timer(io.get_executor()), grace_timer(io.get_executor()),
        context(std::make_shared<SessionContext>(SessionContext{std::move(handler), limits, false, 0, {}, {}})) {}

  void wait_to_accept() {
    listening.async_wait(Descriptor::wait_read, [self = shared_from_this()](ErrorCode failed) {
      if (!failed && self->listening.is_open()) self->accept_some();
    });
  }

  void accept_some() {
    for (int i = 0; i < kAcceptsPerTurn; ++i) {
      if (sessions.size() >= context->limits.connections && !drop_idlest()) return accept_later();
      sockaddr_storage address{};
      socklen_t length = sizeof address;
      const int fd = ::accept4(listening.native_handle(), reinterpret_cast<sockaddr*>(&address), &length,
                               SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (fd >= 0) {
        begin(UniqueFd(fd), address);
      } else if (out_of_resources(errno)) {
        if (!somebody_waits()) break; // the kernel asks for a descriptor before it looks
        if (!drop_idlest()) return accept_later();
      } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
        break;
      } // anything else is one connection's own misfortune
    }
    wait_to_accept();
  }

  bool somebody_waits() {
    pollfd waiting{listening.native_handle(), POLLIN, 0};
    return ::poll(&waiting, 1, 0) > 0;
  }

  // The backlog keeps who comes meanwhile.
  void accept_later() {
    accept_retry.expires_after(kAcceptPause);
    accept_retry.async_wait([self = shared_from_this()](ErrorCode cancelled) {
      if (!cancelled && self->listening.is_open()) self->accept_some();
    });
  }

  // Those that never asked anything go first, then the longest idle.
  bool drop_idlest() {
    const auto young = std::chrono::steady_clock::now() - kYoung;
    Session* idlest = nullptr;
    for (const auto& [_, session] : sessions) {
      if (!session->idle() || session->idle_since() > young) continue;
      const auto rank = [](const Session& s) { return std::pair(s.ever_asked(), s.idle_since()); };
      if (idlest == nullptr || rank(*session) < rank(*idlest)) idlest = session.get();
    }
    if (idlest == nullptr) return false;
    idlest->close(); // its descriptor is free at once; its coroutine ends in its turn
    forget(idlest);
    return true;
  }

  void begin(UniqueFd fd, const sockaddr_storage& address) {
    const int on = 1;
    if (address.ss_family != AF_UNIX) ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    Socket socket(io.get_executor());
    ErrorCode failed;
    const int protocol = address.ss_family == AF_UNIX ? 0 : IPPROTO_TCP;
    socket.assign(asio::generic::stream_protocol(address.ss_family, protocol), fd.get(), failed);
    if (failed) return; // the reactor is out of memory
    (void)fd.release();
    socket.native_non_blocking(true, failed);
    const auto session =
        std::make_shared<Session>(context, std::move(socket), text_of(address), address.ss_family == AF_UNIX);
    sessions.emplace(session.get(), session);
    asio::co_spawn(io, session->run(), [self = shared_from_this(), session](const std::exception_ptr& broken) {
      self->ended(session.get(), broken);
    });
  }

  void ended(Session* session, const std::exception_ptr& broken) {
    try {
      if (broken) std::rethrow_exception(broken);
    } catch (const std::exception& what) {
      spdlog::error("http: a connection failed: {}", what.what());
    }
    session->close();
    forget(session);
  }

  void forget(const Session* session) {
    sessions.erase(session);
    if (context->stopping && sessions.empty()) close_all();
  }

  void sweep() {
    const auto now = std::chrono::steady_clock::now();
    for (const auto& [_, session] : sessions)
      if (session->deadline() < now) session->close();
    sweep_timer.expires_after(sweep_pause(context->limits));
    sweep_timer.async_wait([self = shared_from_this()](ErrorCode cancelled) {
      if (!cancelled && !self->closed) self->sweep();
    });
  }

  void stop(std::chrono::milliseconds grace) {
    context->stopping = true;
    ErrorCode ignored;
    listening.close(ignored);
    accept_retry.cancel();
    for (const auto& [_, session] : sessions)
      if (session->idle()) session->close();
    if (sessions.empty()) return close_all();
    grace_timer.expires_after(grace);
    grace_timer.async_wait([self = shared_from_this()](ErrorCode cancelled) {
      if (!cancelled) self->close_all();
    });
  }

  void close_all() {
    closed = true;
    for (const auto& [_, session] : sessions)
      session->close();
    sweep_timer.cancel();
    grace_timer.cancel();
  }

  asio::io_context& io;
  Descriptor listening;
  int port;
  SteadyTimer accept_retry;
  SteadyTimer sweep_timer;
  SteadyTimer grace_timer;
  std::shared_ptr<SessionContext> context;
  std::unordered_map<const Session*, std::shared_ptr<Session>> sessions;
  bool closed = false;
};

Result<std::unique_ptr<Server>> Server::serve(asio::io_context& io, UniqueFd listening, Handler handler,
                                              Limits limits) {
  int listens = 0;
  socklen_t length = sizeof listens;
  if (::getsockopt(listening.get(), SOL_SOCKET, SO_ACCEPTCONN, &listens, &length) != 0)
    return errno_error("http: take over a listening socket", errno);
  if (listens == 0) return Error{Errc::kInvalidArgument, "http: the socket that was handed over does not listen"};
  const int flags = ::fcntl(listening.get(), F_GETFL);
  ::fcntl(listening.get(), F_SETFL, flags | O_NONBLOCK);
  auto impl = std::make_shared<Impl>(io, std::move(listening), std::move(handler), limits);
  impl->wait_to_accept();
  impl->sweep();
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

Server::Server(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}

Server::~Server() {
  impl_->stop({});
  impl_->close_all();
}

void Server::stop(std::chrono::milliseconds grace) {
  impl_->stop(grace);
}

std::size_t Server::connections() const {
  return impl_->sessions.size();
}

int Server::listening_fd() const {
  return impl_->listening.is_open() ? impl_->listening.native_handle() : -1;
}

int Server::port() const {
  return impl_->port;
}

} // namespace pult::http
