#include "control/run/run.hpp"

#include "base/clock.hpp"
#include "base/config.hpp"
#include "base/exit_codes.hpp"
#include "base/program.hpp"
#include "control/run/check.hpp"
#include "control/run/public_listener.hpp"
#include "control/run/supervisor.hpp"

#include <csignal>
#include <fcntl.h>
#include <fmt/format.h>
#include <iostream>
#include <sys/file.h>
#include <unistd.h>

namespace pult::control {
namespace {

std::filesystem::path own_folder() {
  return std::filesystem::read_symlink("/proc/self/exe").parent_path();
}

std::optional<RoomConfig> load(const std::filesystem::path& file) {
  auto reading = read_config(file);
  if (!reading.config) std::cerr << reading.text();
  return std::move(reading.config);
}

// One supervisor a room. The lock goes with the process, also by kill -9.
Result<UniqueFd> lock_room(const RunDir& run_dir) {
  UniqueFd fd(::open((run_dir.path() / "run.lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!fd) return errno_error("open run.lock", errno);
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0)
    return Error{Errc::kAlreadyExists,
                 "this room is run by another `pult run` already (" + run_dir.path().string() + ")"};
  return fd;
}

bool runs(const RunDir& run_dir, const std::string& name) {
  const auto record = read_record(run_dir, name);
  return record && record->pid > 0 && start_time_of(record->pid) == record->start;
}

Result<void> keep_running(const RoomConfig& config) {
  auto run_dir = RunDir::open(config.run_dir);
  if (!run_dir) return run_dir.error();
  auto lock = lock_room(*run_dir);
  if (!lock) return lock.error();
  auto socket = hold_public_socket(*run_dir, config.http, runs(*run_dir, "pult-packager"));
  if (!socket) return socket.error();
  asio::io_context io;
  auto log = RoomLog::open(io, *run_dir);
  if (!log) return log.error();
  Supervisor supervisor(io, *run_dir, own_folder(), **log);
  const StopSignals signals(io, [&] { supervisor.stop(); });
  (*log)->say(fmt::format("room \"{}\": viewers at {}, crew at {}, cameras at {}", config.name, config.http.text(),
                          config.control.text(), config.srt_listen.text()));
  if (!run_dir->in_memory())
    (*log)->say("the run directory " + config.run_dir.string() + " does not lie in memory", 'W');
  auto started = supervisor.start(programs_of(config), std::move(*socket));
  if (!started) {
    supervisor.stop();
    io.run();
    return started;
  }
  io.run();
  return {};
}

bool room_runs(const RoomConfig& config) {
  auto run_dir = RunDir::open_existing(config.run_dir);
  return run_dir && runs(*run_dir, "pult-packager");
}

} // namespace

int run_room(const std::filesystem::path& config_file) {
  auto config = load(config_file);
  if (!config) return exit_code::kBadConfig;
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGHUP, SIG_IGN); // a terminal that is closed does not end the show
  if (auto ended = keep_running(*config); !ended) {
    std::cerr << "pult run: " << ended.error().message << '\n';
    return exit_code::kRefused;
  }
  return exit_code::kDone;
}

int check_room(const std::filesystem::path& config_file) {
  const auto config = load(config_file);
  if (!config) return exit_code::kBadConfig;
  const bool running = room_runs(*config);
  const auto check = check_machine(*config, own_folder(), running);
  bool refused = false;
  for (const auto& finding : check.findings) {
    std::cerr << "pult check: " << (finding.error ? "" : "warning: ") << finding.text << '\n';
    refused = refused || finding.error;
  }
  if (refused) return exit_code::kRefused;
  const auto more = running ? std::string("; the room runs, so its ports and encoders were not tried")
                            : (check.encoding.empty() ? "" : "; " + check.encoding);
  std::cout << fmt::format("{}: good (feeds: {}, scenes: {}, renditions: {} at {} pictures a second{})\n",
                           config->file.string(), config->feeds.size(), config->scenes.size(),
                           config->renditions.size(), config->fps, more);
  return exit_code::kDone;
}

} // namespace pult::control
