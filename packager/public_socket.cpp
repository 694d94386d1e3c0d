#include "packager/public_socket.hpp"

#include "base/http_server.hpp"

#include <fcntl.h>

namespace pult::packager {

Result<UniqueFd> take_public_socket(const ListenAddress& address) {
  auto passed = http::take_listen_fds();
  if (!passed.empty()) return std::move(passed.front());
  return http::listen_tcp(address);
}

Result<std::unique_ptr<LinkListener>> give_back_on_request(asio::io_context& io, const RunDir& run_dir,
                                                           std::function<int()> listening_fd) {
  const auto give = [listening_fd = std::move(listening_fd)](const std::shared_ptr<Link>& link) {
    UniqueFd copy(::fcntl(listening_fd(), F_DUPFD_CLOEXEC, 0));
    // A frame this small leaves with send() or never.
    if (copy) link->send({kGiveBack, share({})}, std::move(copy));
    link->close({Errc::kUnavailable, "the socket is given back"});
  };
  return LinkListener::open(io, run_dir.socket_path(socket_name::kListener), {}, give);
}

} // namespace pult::packager
