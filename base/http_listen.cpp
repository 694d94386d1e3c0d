#include "base/http_server.hpp"

#include <arpa/inet.h>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <netdb.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace pult::http {
namespace {

constexpr int kBacklog = 4096; // what waits while a killed server is started again; the kernel caps it at somaxconn
constexpr int kFirstPassedFd = 3;

struct AddressList {
  addrinfo* first = nullptr;
  ~AddressList() {
    if (first != nullptr) ::freeaddrinfo(first);
  }
};

Result<UniqueFd> listen_at(const addrinfo& address, const std::string& what) {
  UniqueFd fd(::socket(address.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return errno_error(what, errno);
  const int on = 1;
  const int off = 0;
  ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (address.ai_family == AF_INET6) ::setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
  if (::bind(fd.get(), address.ai_addr, address.ai_addrlen) != 0 || ::listen(fd.get(), kBacklog) != 0)
    return errno_error(what, errno);
  return fd;
}

long number_of_variable(const char* name) {
  const char* text = std::getenv(name);
  return text != nullptr ? std::strtol(text, nullptr, 10) : -1;
}

} // namespace

Result<UniqueFd> listen_tcp(const ListenAddress& address) {
  const auto what = "listen at " + address.text();
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  AddressList found;
  const int failed = ::getaddrinfo(address.host.c_str(), std::to_string(address.port).c_str(), &hints, &found.first);
  if (failed != 0) return Error{Errc::kInvalidArgument, what + ": " + ::gai_strerror(failed)};
  auto fd = listen_at(*found.first, what);
  const bool no_v6 = !fd && found.first->ai_family == AF_INET6 && (errno == EAFNOSUPPORT || errno == EADDRNOTAVAIL);
  if (no_v6 && address.host == "::") return listen_tcp({"0.0.0.0", address.port});
  return fd;
}

Result<UniqueFd> listen_unix(const std::string& path) {
  const auto what = "listen at " + path;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return Error{Errc::kInvalidArgument, what + ": the path is too long"};
  std::memcpy(address.sun_path, path.data(), path.size());
  UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return errno_error(what, errno);
  ::unlink(path.c_str());
  if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(fd.get(), kBacklog) != 0)
    return errno_error(what, errno);
  return fd;
}

std::vector<UniqueFd> take_listen_fds() {
  std::vector<UniqueFd> fds;
  if (number_of_variable("LISTEN_PID") == ::getpid()) {
    const auto count = number_of_variable("LISTEN_FDS");
    for (int fd = kFirstPassedFd; fd < kFirstPassedFd + count; ++fd) {
      if (::fcntl(fd, F_SETFD, FD_CLOEXEC) != 0) continue; // not open
      fds.emplace_back(fd);
    }
  }
  ::unsetenv("LISTEN_PID"); // children of ours are not meant
  ::unsetenv("LISTEN_FDS");
  return fds;
}

} // namespace pult::http
