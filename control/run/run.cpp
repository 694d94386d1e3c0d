#include "control/run/run.hpp"

#include "base/clock.hpp"
#include "base/config.hpp"
#include "base/exit_codes.hpp"
#include "base/http_server.hpp"
#include "base/program.hpp"
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

constexpr std::uintmax_t kLowDiskBytes = std::uintmax_t{20} << 30;

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

// What is wrong with the machine, one line each.
std::vector<std::string> faults_of_machine(const RoomConfig& config) {
  std::vector<std::string> faults;
  auto run_dir = RunDir::open(config.run_dir);
  const bool room_runs = run_dir && runs(*run_dir, "pult-packager");
  if (!run_dir)
    faults.push_back(run_dir.error().message);
  else if (!run_dir->in_memory())
    faults.push_back(
        fmt::format("run directory {} does not lie in memory; put run_dir on a tmpfs", config.run_dir.string()));
  if (!room_runs) {
    for (const auto& address : {config.http, config.control})
      if (auto bound = http::listen_tcp(address); !bound) faults.push_back(bound.error().message);
  }
  std::error_code failed;
  std::filesystem::create_directories(config.data_dir, failed);
  if (failed) faults.push_back("data_dir " + config.data_dir.string() + ": " + failed.message());
  const auto space = std::filesystem::space(config.data_dir, failed);
  if (!failed && space.available < kLowDiskBytes)
    faults.push_back(fmt::format("data_dir {}: {} GiB free; a day of a room wants 20 at least",
                                 config.data_dir.string(), space.available >> 30));
  for (const auto& program : programs_of(config))
    if (!std::filesystem::exists(own_folder() / program.arguments.front(), failed))
      faults.push_back(
          fmt::format("{} is missing beside pult in {}", program.arguments.front(), own_folder().string()));
  return faults;
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
  const auto faults = faults_of_machine(*config);
  for (const auto& fault : faults)
    std::cerr << "pult check: " << fault << '\n';
  if (!faults.empty()) return exit_code::kRefused;
  std::cout << fmt::format("{}: good ({} feeds, {} scenes, {} renditions at {} pictures a second)\n",
                           config->file.string(), config->feeds.size(), config->scenes.size(),
                           config->renditions.size(), config->fps);
  return exit_code::kDone;
}

} // namespace pult::control
