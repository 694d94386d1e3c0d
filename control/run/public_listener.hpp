// The public listening socket: held by `pult run`, so that no viewer's connection is refused while the packager
// restarts.
//
// A new supervisor first asks a packager that still runs for the socket (it cannot bind the port that its orphan
// holds), and binds only when nobody answers.
#pragma once

#include "base/config.hpp"
#include "base/result.hpp"
#include "base/run_dir.hpp"
#include "base/unique_fd.hpp"

namespace pult::control {

// At most a second. Blocks; call before the io_context runs.
Result<UniqueFd> hold_public_socket(const RunDir& run_dir, const ListenAddress& address, bool packager_runs);

} // namespace pult::control
