// Who runs, as the supervisor writes it down: read again and again by a thread of its own, told when it changed.
//
// pultd supervises nothing; it looks. A record whose process is gone says "gone": then nobody restarts it, for instance
// because `pult run` itself was killed. Callbacks run in the io thread.
#pragma once

#include "base/asio.hpp"
#include "base/run_dir.hpp"
#include "control/run/program_record.hpp"

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace pult::control {

class ProgramsWatch {
 public:
  using OnChange = std::function<void(const std::vector<ProgramRecord>&)>;
  // `names` in the order in which status shows them. Only those that have a record are told.
  ProgramsWatch(asio::io_context& io, RunDir run_dir, std::vector<std::string> names, OnChange on_change);
  ~ProgramsWatch();

 private:
  struct Shared;
  std::shared_ptr<Shared> shared_;
  std::jthread thread_;
};

// The room starts, not pultd alone: no other program of it was running well before us; where no supervisor writes
// records (systemd), no pultd ran in this run directory before. Reads /proc; for main().
bool starts_with_its_room(const RunDir& run_dir, const std::vector<std::string>& others);

} // namespace pult::control
