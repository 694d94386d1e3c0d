#include "base/link.hpp"

#include <algorithm>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

namespace pult {
namespace {

constexpr std::chrono::milliseconds kFirstPause{20};
constexpr std::chrono::milliseconds kLongestPause{250};
constexpr std::size_t kReadBytes = 256u << 10;
constexpr std::size_t kMaxFdsPerRead = 4;

void keep_fds(msghdr& message, std::deque<UniqueFd>& fds) {
  for (auto* c = CMSG_FIRSTHDR(&message); c != nullptr; c = CMSG_NXTHDR(&message, c)) {
    if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS) continue;
    const auto count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof fd);
      fds.emplace_back(fd);
    }
  }
}

} // namespace

Link::Link(Socket socket, Bounds bounds)
    : socket_(std::move(socket)), bounds_(bounds),
      read_buffer_(std::make_unique_for_overwrite<std::uint8_t[]>(kReadBytes)) {
  ErrorCode ignored;
  socket_.native_non_blocking(true, ignored);
}

void Link::start(OnFrame on_frame, OnClosed on_closed) {
  on_frame_ = std::move(on_frame);
  on_closed_ = std::move(on_closed);
  wait_readable();
}

bool Link::send(wire::Frame frame, UniqueFd fd) {
  const auto bytes = wire::kHeaderBytes + frame.payload->size();
  if (!open_ || queued_bytes_ + bytes > bounds_.max_queued_bytes) return false;
  Outgoing out;
  wire::encode_header({static_cast<std::uint32_t>(frame.payload->size()), frame.type, static_cast<bool>(fd)},
                      out.header);
  out.payload = std::move(frame.payload);
  out.fd = std::move(fd);
  outgoing_.push_back(std::move(out));
  queued_bytes_ += bytes;
  if (!writing_) write_some();
  return true;
}

void Link::close(Error reason) {
  if (!open_) return;
  open_ = false;
  ErrorCode ignored;
  socket_.close(ignored);
  outgoing_.clear();
  queued_bytes_ = 0;
  // Moved out first: the callback may drop the last reference that it captured.
  const auto on_closed = std::move(on_closed_);
  on_frame_ = nullptr;
  on_closed_ = nullptr;
  if (on_closed) on_closed(reason);
}

void Link::wait_readable() {
  socket_.async_wait(Socket::wait_read, [self = shared_from_this()](ErrorCode failed) {
    if (!failed && self->open_) self->read_some();
  });
}

void Link::wait_writable() {
  writing_ = true;
  socket_.async_wait(Socket::wait_write, [self = shared_from_this()](ErrorCode failed) {
    self->writing_ = false;
    if (!failed && self->open_) self->write_some();
  });
}

void Link::read_some() {
  iovec part{read_buffer_.get(), kReadBytes};
  alignas(cmsghdr) char control[CMSG_SPACE(kMaxFdsPerRead * sizeof(int))];
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  const auto n = ::recvmsg(socket_.native_handle(), &message, MSG_CMSG_CLOEXEC);
  const int error = errno;
  if (n > 0) incoming_.insert(incoming_.end(), read_buffer_.get(), read_buffer_.get() + n);
  if (n == 0) return close({Errc::kUnavailable, "the other side closed the link"});
  if (n < 0 && error != EAGAIN && error != EINTR) return close(errno_error("link read", error));
  if (n > 0) {
    keep_fds(message, incoming_fds_);
    const auto self = shared_from_this();
    if (auto delivered = deliver(); !delivered) return close(delivered.error());
  }
  if (open_) wait_readable();
}

Result<void> Link::deliver() {
  while (open_) {
    const ByteView rest(incoming_.data() + incoming_begin_, incoming_.size() - incoming_begin_);
    if (rest.size() < wire::kHeaderBytes) break;
    auto header = wire::decode_header(rest.first(wire::kHeaderBytes), bounds_.max_payload_bytes);
    if (!header) return header.error();
    if (rest.size() - wire::kHeaderBytes < header->payload_bytes) break;
    UniqueFd fd;
    if (header->carries_fd) {
      if (incoming_fds_.empty()) return Error{Errc::kCorrupt, "link: a frame came without its descriptor"};
      fd = std::move(incoming_fds_.front());
      incoming_fds_.pop_front();
    }
    incoming_begin_ += wire::kHeaderBytes + header->payload_bytes;
    if (!on_frame_) return {};
    auto handled = on_frame_(header->type, rest.subspan(wire::kHeaderBytes, header->payload_bytes), std::move(fd));
    if (!handled) return handled;
  }
  incoming_.erase(incoming_.begin(), incoming_.begin() + static_cast<std::ptrdiff_t>(incoming_begin_));
  incoming_begin_ = 0;
  return {};
}

void Link::write_some() {
  while (!outgoing_.empty()) {
    auto& out = outgoing_.front();
    const auto total = wire::kHeaderBytes + out.payload->size();
    iovec parts[2];
    int count = 0;
    if (out.sent < wire::kHeaderBytes) parts[count++] = {out.header + out.sent, wire::kHeaderBytes - out.sent};
    const auto payload_sent = out.sent > wire::kHeaderBytes ? out.sent - wire::kHeaderBytes : 0;
    if (payload_sent < out.payload->size())
      parts[count++] = {const_cast<std::uint8_t*>(out.payload->data()) + payload_sent,
                        out.payload->size() - payload_sent};
    msghdr message{};
    message.msg_iov = parts;
    message.msg_iovlen = static_cast<std::size_t>(count);
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
    if (out.fd && out.sent == 0) {
      message.msg_control = control;
      message.msg_controllen = sizeof control;
      auto* c = CMSG_FIRSTHDR(&message);
      c->cmsg_level = SOL_SOCKET;
      c->cmsg_type = SCM_RIGHTS;
      c->cmsg_len = CMSG_LEN(sizeof(int));
      const int fd = out.fd.get();
      std::memcpy(CMSG_DATA(c), &fd, sizeof fd);
    }
    const auto n = ::sendmsg(socket_.native_handle(), &message, MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EAGAIN) return wait_writable();
    if (n < 0) {
      // Not from inside send(): the caller must not find its link closed under its feet.
      asio::post(socket_.get_executor(),
                 [self = shared_from_this(), error = errno] { self->close(errno_error("link write", error)); });
      return;
    }
    out.sent += static_cast<std::size_t>(n);
    if (out.sent < total) continue;
    queued_bytes_ -= total;
    outgoing_.pop_front();
  }
}

Result<std::unique_ptr<LinkListener>> LinkListener::open(asio::io_context& io, const std::string& socket_path,
                                                         Link::Bounds bounds, OnLink on_link) {
  std::unique_ptr<LinkListener> listener(new LinkListener(io, bounds, std::move(on_link)));
  ::unlink(socket_path.c_str());
  ErrorCode failed;
  auto& acceptor = listener->acceptor_;
  acceptor.open(asio::local::stream_protocol{}, failed);
  if (!failed) acceptor.bind(asio::local::stream_protocol::endpoint(socket_path), failed);
  if (!failed) acceptor.listen(64, failed);
  if (failed) return Error{Errc::kIo, "listen at " + socket_path + ": " + failed.message()};
  listener->accept();
  return listener;
}

LinkListener::LinkListener(asio::io_context& io, Link::Bounds bounds, OnLink on_link)
    : acceptor_(io.get_executor()), retry_(io.get_executor()), bounds_(bounds), on_link_(std::move(on_link)) {}

void LinkListener::close() {
  ErrorCode ignored;
  acceptor_.close(ignored);
  retry_.cancel();
}

void LinkListener::accept() {
  acceptor_.async_accept([this](ErrorCode failed, Link::Socket socket) {
    if (failed == asio::error::operation_aborted) return;
    if (failed) {
      retry_.expires_after(std::chrono::milliseconds(100));
      retry_.async_wait([this](ErrorCode cancelled) {
        if (!cancelled) accept();
      });
      return;
    }
    on_link_(std::make_shared<Link>(std::move(socket), bounds_));
    if (acceptor_.is_open()) accept();
  });
}

LinkDialer::LinkDialer(asio::io_context& io, std::string socket_path, Link::Bounds bounds, OnLink on_link)
    : io_(io), socket_path_(std::move(socket_path)), bounds_(bounds), on_link_(std::move(on_link)),
      timer_(io.get_executor()), pause_(kFirstPause), alive_(std::make_shared<bool>(true)) {}

void LinkDialer::dial() {
  if (stopped_) return;
  timer_.expires_after(pause_);
  timer_.async_wait([this, alive = std::weak_ptr(alive_)](ErrorCode cancelled) {
    if (!cancelled && !alive.expired()) try_connect();
  });
  pause_ = std::min(pause_ * 2, kLongestPause);
}

void LinkDialer::stop() {
  stopped_ = true;
  timer_.cancel();
}

void LinkDialer::try_connect() {
  // A Unix connect succeeds or fails at once (or blocks on a full backlog, hence non-blocking).
  Link::Socket socket(io_.get_executor());
  ErrorCode failed;
  socket.open(asio::local::stream_protocol{}, failed);
  if (!failed) socket.non_blocking(true, failed);
  if (!failed) socket.connect(asio::local::stream_protocol::endpoint(socket_path_), failed);
  if (failed) return dial();
  pause_ = kFirstPause;
  on_link_(std::make_shared<Link>(std::move(socket), bounds_));
}

} // namespace pult
