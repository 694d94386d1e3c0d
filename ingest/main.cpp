// pult-ingest --config ROOM.toml [--port N]: takes the room's feeds in over SRT; with --port those of a port of their
// own.
#include "base/exit_codes.hpp"
#include "base/program.hpp"
#include "base/worker.hpp"
#include "ingest/ingest.hpp"

#include <boost/asio/post.hpp>
#include <charconv>
#include <malloc.h>
#include <spdlog/spdlog.h>
#include <string_view>
#include <thread>
#include <unistd.h>

namespace {

using namespace pult;

constexpr std::chrono::milliseconds kEndWithin{1800};

bool has_own_port(int argc, char** argv) {
  for (int i = 1; i < argc; ++i)
    if (std::string_view(argv[i]).starts_with("--port")) return true;
  return false;
}

std::optional<int> own_port(const Program& program) {
  if (program.values.empty()) return std::nullopt;
  const auto& text = program.values.front();
  int port = -1;
  std::from_chars(text.data(), text.data() + text.size(), port);
  return port;
}

// A receive thread of libsrt may hang when it is told to end (libsrt #2740); by then all senders have been told.
void end_anyway_later() {
  std::thread([] {
    std::this_thread::sleep_for(kEndWithin);
    spdlog::warn("libsrt did not end in time; leaving without it");
    ::_exit(exit_code::kDone);
  }).detach();
}

// One a disk. Their events come from threads of their own.
std::vector<std::shared_ptr<ingest::IsoRecorder>> recorders_of(const Program& program, asio::io_context& io,
                                                               std::unique_ptr<Worker>& worker) {
  std::vector<std::shared_ptr<ingest::IsoRecorder>> recorders;
  if (!program.config.archive.iso) return recorders;
  for (const auto& dir : {program.config.data_dir, program.config.archive.second_dir}) {
    if (dir.empty()) continue;
    ingest::IsoRecorder::Params params;
    params.folder = dir / "iso";
    params.epoch_monotonic = program.epoch.monotonic;
    params.epoch_wall = program.epoch.wall;
    params.keep = program.config.archive.iso_keep;
    params.event = [&io, &worker](std::string_view level, std::string text) {
      asio::post(io, [&worker, level = std::string(level), text = std::move(text)] {
        if (worker) worker->event(level, text);
      });
    };
    recorders.push_back(std::make_shared<ingest::IsoRecorder>(std::move(params)));
  }
  return recorders;
}

int serve(Program& program) {
  asio::io_context io;
  std::unique_ptr<Worker> worker;
  ingest::Ingest::Params params;
  params.own_port = own_port(program);
  params.on_progress = [&program] { program.heartbeat.beat(); };
  params.event = [&worker](std::string_view level, std::string text, boost::json::object details) {
    worker->event(level, std::move(text), std::move(details));
  };
  params.recorders = recorders_of(program, io, worker);
  ingest::Ingest ingest(io, program.config, program.run_dir, params);
  Worker::Callbacks callbacks;
  callbacks.wanted = [&worker, &program, &params](const WantedState& state) {
    for (const auto& recorder : params.recorders)
      recorder->hold(state.hold.archive);
    worker->applied(state, program.config.grid().picture_at_or_after(program.epoch.now()));
  };
  callbacks.report = [&ingest] { return ingest.report(); };
  callbacks.command = [&ingest](const boost::json::object& command) { ingest.command(command); };
  auto opened = Worker::open(io, program.run_dir, program.name, callbacks);
  if (!opened) {
    spdlog::error("{}", opened.error().message);
    return exit_code::kRefused;
  }
  worker = std::move(*opened);
  const StopSignals signals(io, [&] {
    end_anyway_later();
    ingest.stop();
    io.stop();
  });
  ingest.start();
  io.run();
  return exit_code::kDone;
}

} // namespace

int main(int argc, char** argv) {
  // One arena: what a key guesser made libsrt allocate goes back to the system. Before the first thread.
  ::mallopt(M_ARENA_MAX, 1);
  const auto more = has_own_port(argc, argv) ? std::vector<std::string>{"port"} : std::vector<std::string>{};
  auto started = Program::start(argc, argv, "pult-ingest", more);
  if (const auto* failed = std::get_if<Program::ExitCode>(&started)) return failed->code;
  const ingest::SrtLibrary library;
  return serve(std::get<Program>(started));
}
