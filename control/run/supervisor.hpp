// Keeps all programs of a room running: starts, restarts, adopts, watches their pulse, holds the public socket.
//
// Supervision lives here and nowhere else. It judges a program by its end (pidfd) and by its heartbeat (a program that
// is stopped or hangs is killed and started anew); a supervisor whose own timer was late does not judge. When it is
// killed itself, all programs go on, and the next `pult run` adopts them. SIGTERM and SIGINT end all programs at once;
// the show stays open in the room's state. One thread.
#pragma once

#include "base/asio.hpp"
#include "base/config.hpp"
#include "base/heartbeat.hpp"
#include "base/run_dir.hpp"
#include "control/run/process.hpp"
#include "control/run/program_record.hpp"
#include "control/run/program_spec.hpp"
#include "control/run/restart_pause.hpp"
#include "control/run/room_log.hpp"

#include <filesystem>
#include <memory>
#include <vector>

namespace pult::control {

class Supervisor {
 public:
  Supervisor(asio::io_context& io, RunDir run_dir, std::filesystem::path programs_folder, RoomLog& log);
  ~Supervisor();

  // Adopts what runs and starts the rest. `public_socket` is held until the end.
  Result<void> start(std::vector<ProgramSpec> specs, UniqueFd public_socket);
  // SIGTERM to all; after 10 s SIGKILL. The io_context is stopped when all are gone.
  void stop();

 private:
  struct Kept;
  Result<void> adopt_or_start(Kept& kept);
  Result<void> launch(Kept& kept);
  void ended(Kept& kept, const std::string& what);
  void relaunch_after(Kept& kept, std::chrono::milliseconds pause);
  void record(const Kept& kept, const std::string& state);
  void show_last_words(const Kept& kept);
  void check_pulses();
  void judge(Kept& kept);
  void finish_when_all_ended();

  asio::io_context& io_;
  RunDir run_dir_;
  std::filesystem::path programs_folder_;
  RoomLog& log_;
  UniqueFd public_socket_;
  std::vector<std::unique_ptr<Kept>> programs_;
  SteadyTimer pulse_timer_;
  SteadyTimer kill_timer_;
  Nanoseconds last_check_{};
  Nanoseconds judge_after_{};
  bool stopping_ = false;
};

} // namespace pult::control
