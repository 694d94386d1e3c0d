// `run_dir/programs/<name>.json`: who runs, so that a new `pult run` adopts and `pult status` can tell.
//
// A pid alone may have been given to somebody else since; pid and start time together name one process. Any thread.
#pragma once

#include "base/result.hpp"
#include "base/run_dir.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <sys/types.h>

namespace pult::control {

struct ProgramRecord {
  std::string name;
  pid_t pid = 0;
  std::uint64_t start = 0; // /proc/<pid>/stat, field 22: clock ticks since boot
  std::uint64_t restarts = 0;
  std::string state; // "running", "restarting", "stopped"
};

Result<void> write_record(const RunDir& run_dir, const ProgramRecord& record);
std::optional<ProgramRecord> read_record(const RunDir& run_dir, const std::string& name);
void remove_record(const RunDir& run_dir, const std::string& name);

// The start time of a living process; nothing when there is none (a zombie does not count).
std::optional<std::uint64_t> start_time_of(pid_t pid);

} // namespace pult::control
