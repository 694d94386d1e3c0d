// `pultd`: what the crew wants. Alone opens pult.db; everybody else gets their orders from here.
#include "base/exit_codes.hpp"
#include "base/program.hpp"
#include "control/api.hpp"
#include "control/crew_ports.hpp"
#include "control/room_time.hpp"

#include <cstdlib>
#include <iostream>
#include <spdlog/spdlog.h>

namespace {

using namespace pult;

constexpr std::chrono::milliseconds kPulse{500};
constexpr std::chrono::seconds kLongestWriting{5}; // all programs end within 10 s

// The pulse of the io thread: commands are what it is for.
class Pulse {
 public:
  Pulse(asio::io_context& io, Heartbeat& heart) : timer_(io.get_executor()), heart_(heart) { beat(); }
  void stop() {
    stopped_ = true;
    timer_.cancel();
  }

 private:
  void beat() {
    heart_.beat();
    timer_.expires_after(kPulse);
    timer_.async_wait([this](ErrorCode) {
      if (!stopped_) beat();
    });
  }
  SteadyTimer timer_;
  Heartbeat& heart_;
  bool stopped_ = false;
};

// An injected one goes on where it was when pultd was killed.
Result<control::ScheduleClock> schedule_clock(const RoomEpoch& epoch) {
  const char* injected = std::getenv("PULT_SCHEDULE_CLOCK");
  return injected != nullptr ? control::ScheduleClock::of(injected, epoch.monotonic) : control::ScheduleClock();
}

int run(Program& program) {
  control::use_timezone(program.config.timezone);
  const bool clean = control::starts_with_its_room(program.run_dir, control::worker_names(program.config));
  asio::io_context io;
  control::Room room(io, {program.config, program.run_dir, program.epoch, clean});
  auto clock = schedule_clock(program.epoch);
  if (!clock) {
    std::cerr << "pultd: " << clock.error().message << '\n';
    return exit_code::kUsage;
  }
  control::Archive archive(io, room, std::move(*clock));
  control::ScheduleKeeper schedule(io, room, archive);
  control::Api api(io, room, archive, schedule);
  auto ports = control::CrewPorts::open(io, room, api);
  if (!ports) {
    spdlog::error("{}", ports.error().message);
    std::cerr << "pultd: " << ports.error().message << '\n';
    return exit_code::kRefused;
  }
  Pulse pulse(io, program.heartbeat);
  const StopSignals signals(io, [&] {
    (*ports)->stop();
    api.stop();
    schedule.stop();
    archive.stop();
    pulse.stop();
    if (!room.stop(kLongestWriting)) spdlog::warn("pult.db did not take the last changes in time");
  });
  io.run();
  return exit_code::kDone;
}

} // namespace

int main(int argc, char** argv) {
  auto started = Program::start(argc, argv, "pultd");
  if (const auto* code = std::get_if<Program::ExitCode>(&started)) return code->code;
  return run(std::get<Program>(started));
}
