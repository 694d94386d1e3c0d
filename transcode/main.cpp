#include "transcode/transcoder.hpp"

#include "base/exit_codes.hpp"

#include <cstdlib>
#include <spdlog/spdlog.h>

int main(int argc, char** argv) {
  using namespace pult;
  auto started = Program::start(argc, argv, "pult-transcode");
  if (const auto* failed = std::get_if<Program::ExitCode>(&started)) return failed->code;
  auto& program = std::get<Program>(started);
  const auto refuse = [](const Error& error) {
    spdlog::critical("{}", error.message);
    return exit_code::kRefused;
  };
  if (auto ready = transcode::init_gstreamer(); !ready) return refuse(ready.error());
  asio::io_context io(1);
  auto transcoder = transcode::Transcoder::open(io, program);
  if (!transcoder) return refuse(transcoder.error());
  const StopSignals signals(io, [&] { (*transcoder)->stop([&io] { io.stop(); }); });
  io.run();
  // All is flushed. A slate that is being encoded at the lowest priority must not hold up the end on a busy machine.
  std::quick_exit(exit_code::kDone);
}
