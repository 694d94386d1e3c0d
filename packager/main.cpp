// pult-packager: the output timeline and everything that is made of it.
//
// Threads: "timeline" (live_timeline), "show-promise" (show_promise), and this one, which runs the state link to pultd
// and the public HTTP origin.
#include <boost/asio/post.hpp>
#include <spdlog/spdlog.h>

#include "base/exit_codes.hpp"
#include "base/program.hpp"
#include "base/worker.hpp"
#include "packager/live_timeline.hpp"

namespace pult::packager {
namespace {

int fail(const Error& error) {
  spdlog::critical("{}", error.message);
  return exit_code::kRefused;
}

int run(Program& program) {
  asio::io_context io{1};
  std::unique_ptr<Worker> worker;
  // The timeline's thread tells, this one passes on: a Worker belongs to its io_context.
  LiveTimeline::Callbacks callbacks;
  callbacks.applied = [&](const WantedState& state, PictureIndex picture) {
    asio::post(io, [&worker, state, picture] { worker->applied(state, picture); });
  };
  callbacks.event = [&](std::string_view level, std::string text) {
    asio::post(io, [&worker, level = std::string(level), text = std::move(text)] { worker->event(level, text); });
  };
  std::vector<PartSink*> sinks;
  auto timeline = LiveTimeline::start(program.config, program.run_dir, program.epoch, program.heartbeat,
                                      std::move(sinks), std::move(callbacks));
  if (!timeline) return fail(timeline.error());
  auto opened = Worker::open(
      io, program.run_dir, program.name,
      {[&](const WantedState& state) { (*timeline)->want(state); }, [&] { return (*timeline)->status(); }, {}});
  if (!opened) return fail(opened.error());
  worker = std::move(*opened);
  const StopSignals stop(io, [&] { io.stop(); });
  io.run();
  timeline->reset(); // the show stays open for the next packager
  return exit_code::kDone;
}

} // namespace
} // namespace pult::packager

int main(int argc, char** argv) {
  auto started = pult::Program::start(argc, argv, "pult-packager");
  if (const auto* code = std::get_if<pult::Program::ExitCode>(&started)) return code->code;
  return pult::packager::run(std::get<pult::Program>(started));
}
