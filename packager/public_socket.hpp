// The public listening socket: taken over from the supervisor at the start, given back to a new one.
//
// It belongs to `pult run` (or a systemd .socket), so that a restarted packager refuses no connection. A supervisor
// that was killed and comes again dials `packager.listener.sock` and gets one frame (kGiveBack, no payload) with the
// descriptor; then the link is closed. io thread.
#pragma once

#include "base/link.hpp"
#include "base/run_dir.hpp"

#include <functional>

namespace pult {
struct ListenAddress;
}

namespace pult::packager {

inline constexpr std::uint16_t kGiveBack = 1;

// LISTEN_FDS, else a socket of our own at that address (run alone).
[[nodiscard]] Result<UniqueFd> take_public_socket(const ListenAddress& address);

// `listening_fd` says which descriptor it is; negative: none at present.
[[nodiscard]] Result<std::unique_ptr<LinkListener>> give_back_on_request(asio::io_context& io, const RunDir& run_dir,
                                                                         std::function<int()> listening_fd);

} // namespace pult::packager
