// pult-packager: the output timeline and everything that is made of it.
//
// Threads: "timeline" (live_timeline), "show-promise" (show_promise), "window-writer" and "window-read" (window),
// "recorder" (recording/recorder, one a disk), and this one, which runs the state link to pultd and the public HTTP
// origin.
#include <boost/asio/post.hpp>
#include <fmt/format.h>
#include <malloc.h>
#include <spdlog/spdlog.h>
#include <sys/resource.h>

#include "base/exit_codes.hpp"
#include "base/program.hpp"
#include "base/worker.hpp"
#include "packager/live_timeline.hpp"
#include "packager/origin.hpp"
#include "packager/public_socket.hpp"
#include "packager/recording/recorder.hpp"

namespace pult::packager {
namespace {

using namespace std::chrono_literals;

// Viewers in the middle of an answer get it; then the program ends.
constexpr auto kGrace = 1s;
// A state of an earlier life opens the show again before anybody is let in; without one in time, the origin opens.
constexpr auto kLongestReturn = 2s;

int fail(const Error& error) {
  spdlog::critical("{}", error.message);
  return exit_code::kRefused;
}

StaticFiles load_page() {
  std::error_code failed;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", failed);
  auto page = StaticFiles::load(program.parent_path().parent_path() / "share/pult/web/viewer");
  if (!page) spdlog::warn("no viewer page: {}", page.error().message);
  return page ? std::move(*page) : StaticFiles{};
}

Origin::State public_state(const RoomConfig& config, const WantedState& wanted) {
  Origin::State state{name_of(wanted.show.state), wanted.show.id,    config.name, config.event,
                      wanted.slate.kind,          wanted.slate.until};
  if (wanted.hold.stream && state.slate.empty()) state.slate = "pause";
  state.talk = wanted.talk;
  return state;
}

// The io thread's part of the program.
class Packager {
 public:
  explicit Packager(Program& program) : program_(program), deadline_(io_.get_executor()) {}

  Result<void> start() {
    if (!program_.config.http_tls_cert.empty()) // rather not at all than in the clear
      return Error{Errc::kRefused, "[http] tls_cert: the origin has no TLS yet; put a proxy with TLS in front of it"};
    auto listening = take_public_socket(program_.config.http);
    if (!listening) return listening.error();
    listening_ = std::move(*listening);
    auto window = Window::open(io_, program_.config.data_dir / "window");
    const auto& config = program_.config;
    origin_ =
        std::make_unique<Origin>(io_,
                                 Origin::Settings{config.cutting(), config.segment, config.window, program_.epoch.wall,
                                                  config.data_dir / "public" / "talks", config.archive.download_kbps},
                                 std::move(window), load_page());
    origin_->set_state(public_state(config, {}));
    start_recorders();
    if (auto started = start_timeline(); !started) return started;
    if (auto started = start_worker(); !started) return started;
    auto giver = give_back_on_request(io_, program_.run_dir, [this] { return listening_fd(); });
    if (!giver) return giver.error();
    giver_ = std::move(*giver);
    open_when_returned();
    return {};
  }

  void run() {
    const StopSignals stop(io_, [this] { end(); });
    io_.run();
  }

 private:
  void start_recorders() {
    const auto& config = program_.config;
    if (!config.archive.record) return;
    for (const auto& dir : {config.data_dir, config.archive.second_dir}) {
      if (dir.empty()) continue;
      Recorder::Params params;
      params.folder = dir / "program";
      params.epoch_wall = program_.epoch.wall;
      params.keep = config.archive.keep;
      params.event = [this](std::string_view level, std::string text) {
        asio::post(io_, [this, level = std::string(level), text = std::move(text)] { worker_->event(level, text); });
      };
      recorders_.push_back(std::make_unique<Recorder>(std::move(params)));
    }
  }

  Result<void> start_timeline() {
    // The timeline's thread tells, this one passes on: a Worker belongs to its io_context.
    LiveTimeline::Callbacks callbacks;
    callbacks.applied = [this](const WantedState& state, PictureIndex picture) {
      asio::post(io_, [this, state, picture] { applied(state, picture); });
    };
    callbacks.event = [this](std::string_view level, std::string text) {
      asio::post(io_, [this, level = std::string(level), text = std::move(text)] { worker_->event(level, text); });
    };
    auto timeline = LiveTimeline::start(program_.config, program_.run_dir, program_.epoch, program_.heartbeat,
                                        {{origin_.get()}, recorder_sinks()}, std::move(callbacks));
    if (!timeline) return timeline.error();
    timeline_ = std::move(*timeline);
    return {};
  }

  [[nodiscard]] std::vector<PartSink*> recorder_sinks() const {
    std::vector<PartSink*> sinks;
    for (const auto& recorder : recorders_)
      sinks.push_back(recorder.get());
    return sinks;
  }

  // Applied at once, also to what is on its way: nothing of a held talk is written.
  void want(const WantedState& state) {
    for (const auto& recorder : recorders_)
      recorder->hold(state.hold.archive);
    origin_->hold(state.hold.archive);
    timeline_->want(state);
  }

  Result<void> start_worker() {
    Worker::Callbacks callbacks;
    callbacks.wanted = [this](const WantedState& state) { want(state); };
    callbacks.report = [this] { return report(); };
    callbacks.command = [this](const boost::json::object& command) { take(command); };
    auto worker = Worker::open(io_, program_.run_dir, program_.name, std::move(callbacks));
    if (!worker) return worker.error();
    worker_ = std::move(*worker);
    return {};
  }

  // {"command": "forget-window", "until": wall ns}: a talk was withdrawn, and viewers may still rewind to it.
  void take(const boost::json::object& command) {
    const auto* what = command.if_contains("command");
    const auto* until = command.if_contains("until");
    if (what == nullptr || *what != "forget-window" || until == nullptr || !until->is_int64()) return;
    const auto segments = origin_->forget_before(Nanoseconds(until->as_int64()));
    worker_->event("info", fmt::format("{} segments of a withdrawn talk have left the window", segments));
  }

  // Whatever was published in an earlier life has been handed over when its state is applied.
  void applied(const WantedState& state, PictureIndex picture) {
    worker_->applied(state, picture);
    origin_->set_state(public_state(program_.config, state));
    if (state.show.state != WantedState::ShowState::kLive) origin_->end_forgotten();
    open();
  }

  void open_when_returned() {
    const auto last = program_.run_dir.path() / "state" / (program_.name + ".json");
    std::error_code failed;
    if (!std::filesystem::exists(last, failed)) return open();
    deadline_.expires_after(kLongestReturn);
    deadline_.async_wait([this](ErrorCode cancelled) {
      if (!cancelled) open();
    });
  }

  void open() {
    if (!listening_) return;
    deadline_.cancel();
    if (auto opened = origin_->start(std::move(listening_)); !opened) {
      spdlog::critical("{}", opened.error().message);
      io_.stop();
    }
  }

  [[nodiscard]] int listening_fd() const { return listening_ ? listening_.get() : origin_->listening_fd(); }

  [[nodiscard]] boost::json::object report() const {
    auto report = timeline_->status();
    const auto& counters = origin_->counters();
    const auto disk = origin_->window().counters();
    report["port"] = origin_->port();
    report["connections"] = origin_->connections();
    report["waiting"] = origin_->waiting();
    report["served"] = {{"playlists", counters.playlists}, {"parts", counters.parts},
                        {"segments", counters.segments},   {"blocked", counters.blocked},
                        {"timed_out", counters.timed_out}, {"refused", counters.refused},
                        {"not_found", counters.not_found}, {"disk_reads", counters.disk_reads}};
    report["window"] = {{"queued_bytes", origin_->window().queued_bytes()},
                        {"refused_writes", disk.refused_writes},
                        {"failed_writes", disk.failed_writes},
                        {"refused_reads", disk.refused_reads},
                        {"failed_reads", disk.failed_reads}};
    if (!recorders_.empty()) report["recording"] = recorders_.front()->status();
    if (recorders_.size() > 1) report["second_recording"] = recorders_.back()->status();
    return report;
  }

  void end() {
    timeline_.reset();  // the show stays open for the next packager
    recorders_.clear(); // writes what is queued
    worker_->close();
    giver_->close();
    origin_->stop(kGrace);
    await_viewers(std::chrono::steady_clock::now() + kGrace);
  }

  void await_viewers(std::chrono::steady_clock::time_point until) {
    if (origin_->connections() == 0 || std::chrono::steady_clock::now() > until) return io_.stop();
    deadline_.expires_after(20ms);
    deadline_.async_wait([this, until](ErrorCode) { await_viewers(until); });
  }

  asio::io_context io_{1};
  Program& program_;
  SteadyTimer deadline_;
  UniqueFd listening_; // until the origin has it
  std::unique_ptr<Origin> origin_;
  std::unique_ptr<LinkListener> giver_;
  std::unique_ptr<Worker> worker_;
  std::vector<std::unique_ptr<Recorder>> recorders_;
  std::unique_ptr<LiveTimeline> timeline_; // last: its thread calls the others
};

// A viewer is a descriptor; the soft limit is usually 1,024.
void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

// Parts live for a minute, made by one thread and let go by another: in malloc's arenas they left holes as large as
// themselves (140 MB for 67 MB at the default ladder). On pages of their own they are given back when they go.
constexpr int kOwnPagesBytes = 64 << 10;

int run(Program& program) {
  ::mallopt(M_MMAP_THRESHOLD, kOwnPagesBytes);
  raise_descriptor_limit();
  Packager packager(program);
  if (auto started = packager.start(); !started) return fail(started.error());
  packager.run();
  return exit_code::kDone;
}

} // namespace
} // namespace pult::packager

int main(int argc, char** argv) {
  auto started = pult::Program::start(argc, argv, "pult-packager");
  if (const auto* code = std::get_if<pult::Program::ExitCode>(&started)) return code->code;
  return pult::packager::run(std::get<pult::Program>(started));
}
