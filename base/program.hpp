// What every program of the room does before its own work: options, config, run directory, log, epoch, signals.
//
// main() calls Program::start and returns the exit code that it gives on failure. Threads other than the io thread are
// the program's own. SIGPIPE is ignored; SIGTERM and SIGINT call `on_stop` in the io thread, once.
#pragma once

#include "base/asio.hpp"
#include "base/config.hpp"
#include "base/heartbeat.hpp"
#include "base/room_epoch.hpp"
#include "base/run_dir.hpp"

#include <functional>
#include <optional>
#include <string>
#include <variant>

namespace pult {

struct Program {
  std::string name; // of docs and status: "pult-decode@cam1"
  RoomConfig config;
  RunDir run_dir;
  RoomEpoch epoch;
  Heartbeat heartbeat;

  struct ExitCode {
    int code;
  };
  // Options: --config FILE, and for each entry of `more` one --NAME VALUE that must be given. Says what is wrong on
  // stderr. The program's name is `name`, and "@" with the value of the first of `more` when there is one.
  static std::variant<Program, ExitCode> start(int argc, char** argv, const std::string& name,
                                               const std::vector<std::string>& more = {});
  std::vector<std::string> values; // of `more`
};

// Calls `on_stop` once, at the first SIGTERM or SIGINT. Keep it alive while the io_context runs.
class StopSignals {
 public:
  StopSignals(asio::io_context& io, std::function<void()> on_stop);
  ~StopSignals();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

} // namespace pult
