#include "control/run/public_listener.hpp"

#include "base/http_server.hpp"
#include "base/link.hpp"

namespace pult::control {
namespace {

constexpr std::uint16_t kListenerFrame = 1;
constexpr std::chrono::seconds kPatience{1};

// The packager sends one frame with the descriptor to whoever dials its listener socket.
Result<UniqueFd> ask_packager(const RunDir& run_dir) {
  asio::io_context io;
  UniqueFd received;
  LinkDialer* dialer_in_use = nullptr;
  LinkDialer dialer(io, run_dir.socket_path(socket_name::kListener), {}, [&](std::shared_ptr<Link> link) {
    link->start(
        [&](std::uint16_t type, ByteView, UniqueFd fd) -> Result<void> {
          if (type != kListenerFrame || !fd) return Error{Errc::kCorrupt, "listener socket: not a descriptor"};
          received = std::move(fd);
          io.stop();
          return {};
        },
        [&](const Error&) {
          if (!received) dialer_in_use->dial();
        });
  });
  dialer_in_use = &dialer;
  dialer.dial();
  io.run_for(kPatience);
  if (!received)
    return Error{Errc::kTimeout, "the running pult-packager did not give the public socket back within 1 s"};
  return received;
}

} // namespace

Result<UniqueFd> hold_public_socket(const RunDir& run_dir, const ListenAddress& address, bool packager_runs) {
  if (packager_runs) {
    auto given = ask_packager(run_dir);
    if (given) return given;
  }
  return http::listen_tcp(address);
}

} // namespace pult::control
