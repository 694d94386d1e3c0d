#include "control/run/supervisor.hpp"

#include "base/clock.hpp"
#include "base/file.hpp"

#include <algorithm>
#include <csignal>
#include <fmt/format.h>
#include <unistd.h>

namespace pult::control {
namespace {

using namespace std::chrono_literals;

constexpr auto kPulsePause = 100ms;
constexpr auto kOwnLateness = 300ms; // our own timer was this late: whoever seems silent may have been starved, too
constexpr auto kStartGrace = 10s;    // a program that has not beaten yet: plugins load, encoders open
constexpr auto kEndGrace = 10s;
constexpr std::uintmax_t kMaxOutputBytes = 1u << 20;
constexpr std::size_t kLastWords = 600;

} // namespace

struct Supervisor::Kept {
  Kept(asio::io_context& io, ProgramSpec s, Heartbeat h)
      : spec(std::move(s)), pulse(std::move(h)), pause(spec.longest_pause), timer(io.get_executor()) {}
  ProgramSpec spec;
  Heartbeat pulse;
  RestartPause pause;
  SteadyTimer timer;
  std::unique_ptr<Process> process;
  std::filesystem::path output;
  Nanoseconds started{};
  std::uint64_t restarts = 0;
  bool condemned = false; // killed for its silence; its end comes by the pidfd
};

Supervisor::Supervisor(asio::io_context& io, RunDir run_dir, std::filesystem::path programs_folder, RoomLog& log)
    : io_(io), run_dir_(std::move(run_dir)), programs_folder_(std::move(programs_folder)), log_(log),
      pulse_timer_(io.get_executor()), kill_timer_(io.get_executor()) {}

Supervisor::~Supervisor() = default;

Result<void> Supervisor::start(std::vector<ProgramSpec> specs, UniqueFd public_socket) {
  public_socket_ = std::move(public_socket);
  for (auto& spec : specs) {
    auto pulse = Heartbeat::open(run_dir_, spec.name);
    if (!pulse) return pulse.error();
    auto kept = std::make_unique<Kept>(io_, std::move(spec), std::move(*pulse));
    kept->output = run_dir_.path() / "programs" / (kept->spec.name + ".stderr");
    programs_.push_back(std::move(kept));
    if (auto begun = adopt_or_start(*programs_.back()); !begun) return begun;
  }
  last_check_ = monotonic_now();
  check_pulses();
  return {};
}

Result<void> Supervisor::adopt_or_start(Kept& kept) {
  const auto record_there = read_record(run_dir_, kept.spec.name);
  if (!record_there) return launch(kept);
  kept.restarts = record_there->restarts;
  auto process = Process::adopt(io_, record_there->pid, record_there->start,
                                [this, &kept](const auto& what) { ended(kept, what); });
  if (!process) return launch(kept);
  kept.process = std::move(*process);
  kept.started = monotonic_now();
  record(kept, "running");
  log_.say(fmt::format("{} runs already, pid {}: adopted", kept.spec.name, kept.process->pid()));
  return {};
}

Result<void> Supervisor::launch(Kept& kept) {
  StartRequest request{programs_folder_ / kept.spec.arguments.front(), kept.spec.arguments, kept.output,
                       kept.spec.gets_public_socket ? public_socket_.get() : -1, kept.spec.nice};
  auto process = Process::start(io_, request, [this, &kept](const auto& what) { ended(kept, what); });
  if (!process) return process.error();
  kept.process = std::move(*process);
  kept.started = monotonic_now();
  kept.condemned = false;
  record(kept, "running");
  return {};
}

void Supervisor::ended(Kept& kept, const std::string& what) {
  const auto lived = monotonic_now() - kept.started;
  kept.process.reset();
  if (stopping_) {
    log_.say(fmt::format("{} ended ({})", kept.spec.name, what));
    remove_record(run_dir_, kept.spec.name);
    return finish_when_all_ended();
  }
  const auto pause = kept.pause.after(lived);
  ++kept.restarts;
  // Started first, told afterwards: every millisecond is a picture's share.
  if (pause == 0ms)
    relaunch_after(kept, pause);
  else
    record(kept, "restarting");
  log_.say(fmt::format("{} ended ({}) after {:.1f} s: started again{}", kept.spec.name, what,
                       std::chrono::duration<double>(lived).count(),
                       pause == 0ms ? "" : fmt::format(" in {} ms", pause.count())),
           'W');
  if (pause > 0ms) {
    show_last_words(kept);
    relaunch_after(kept, pause);
  }
}

void Supervisor::relaunch_after(Kept& kept, std::chrono::milliseconds pause) {
  const auto again = [this, &kept] {
    if (auto launched = launch(kept); launched)
      return;
    else
      log_.say(launched.error().message, 'E');
    relaunch_after(kept, kept.pause.after(0s) + RestartPause::kFirst);
  };
  if (pause == 0ms) return again();
  kept.timer.expires_after(pause);
  kept.timer.async_wait([this, again](ErrorCode cancelled) {
    if (!cancelled && !stopping_) again();
  });
}

void Supervisor::record(const Kept& kept, const std::string& state) {
  ProgramRecord now{kept.spec.name, 0, 0, kept.restarts, state};
  if (kept.process) {
    now.pid = kept.process->pid();
    now.start = kept.process->start_time();
  }
  if (auto written = write_record(run_dir_, now); !written) log_.say(written.error().message, 'E');
}

void Supervisor::show_last_words(const Kept& kept) {
  auto text = read_file(kept.output);
  if (!text || text->empty()) return;
  const auto tail = text->size() > kLastWords ? text->substr(text->size() - kLastWords) : *text;
  log_.print(kept.spec.name, "its last words: " + tail, 'W');
}

void Supervisor::check_pulses() {
  const auto now = monotonic_now();
  const bool late = now - last_check_ > kPulsePause + kOwnLateness;
  last_check_ = now;
  // After a late timer every program gets its whole limit anew.
  if (late) judge_after_ = now + 2s;
  for (const auto& kept : programs_) {
    if (kept->process && !kept->condemned && !stopping_ && now >= judge_after_) judge(*kept);
    std::error_code ignored;
    if (std::filesystem::file_size(kept->output, ignored) > kMaxOutputBytes && !ignored)
      std::filesystem::resize_file(kept->output, 0, ignored);
  }
  pulse_timer_.expires_after(kPulsePause);
  pulse_timer_.async_wait([this](ErrorCode cancelled) {
    if (!cancelled) check_pulses();
  });
}

void Supervisor::judge(Kept& kept) {
  const auto now = monotonic_now();
  const auto last = kept.pulse.last();
  const bool beaten = last > kept.started;
  const auto limit = beaten ? Nanoseconds(kept.spec.silence_limit) : Nanoseconds(kStartGrace);
  if (now - std::max(last, kept.started) <= limit) return;
  log_.say(fmt::format("{} makes no progress for {:.1f} s: killed", kept.spec.name,
                       std::chrono::duration<double>(now - std::max(last, kept.started)).count()),
           'W');
  kept.condemned = true;
  kept.process->signal(SIGKILL);
}

void Supervisor::stop() {
  if (stopping_) return;
  stopping_ = true;
  log_.say("ending all programs");
  pulse_timer_.cancel();
  for (const auto& kept : programs_) {
    kept->timer.cancel();
    if (!kept->process)
      remove_record(run_dir_, kept->spec.name);
    else
      kept->process->signal(SIGTERM);
    if (kept->process) kept->process->signal(SIGCONT); // a stopped program cannot end
  }
  kill_timer_.expires_after(kEndGrace);
  kill_timer_.async_wait([this](ErrorCode cancelled) {
    if (cancelled) return;
    for (const auto& kept : programs_)
      if (kept->process) {
        log_.say(kept->spec.name + " did not end within 10 s: killed", 'W');
        kept->process->signal(SIGKILL);
      }
  });
  finish_when_all_ended();
}

void Supervisor::finish_when_all_ended() {
  if (std::any_of(programs_.begin(), programs_.end(), [](const auto& kept) { return kept->process != nullptr; }))
    return;
  io_.stop();
}

} // namespace pult::control
