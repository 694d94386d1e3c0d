// One log for a room: every program writes lines to the supervisor's datagram socket, else to stderr.
//
// A pipe to a dead supervisor would kill its writer; a datagram socket is reopened. Lines that the supervisor cannot
// take at once are dropped and counted, never waited for. Secrets are never logged: no call site holds one in a
// message. log::init once in main; then spdlog::info(…) and friends from any thread.
#pragma once

#include "base/run_dir.hpp"

#include <string_view>

namespace pult::log {

// `program` is the name of docs and status: "pult-decode@cam1". Without a run directory lines go to stderr only.
void init(std::string_view program);
void init(std::string_view program, const RunDir& run_dir);

// A datagram as the supervisor reads it: "<level> <program> <text>", level one of T D I W E C.

} // namespace pult::log
