// pult-decode --config ROOM.toml --feed NAME: one feed's transport stream into pictures and sound for the mixer.
#include "base/exit_codes.hpp"
#include "base/program.hpp"
#include "base/worker.hpp"
#include "transcode/decode/feed_source.hpp"

#include <boost/json/object.hpp>
#include <gst/gst.h>
#include <iostream>
#include <spdlog/spdlog.h>

namespace {

using namespace pult;
using namespace pult::transcode::decode;
namespace json = boost::json;

constexpr std::chrono::milliseconds kTick{100};

double milliseconds_of(Nanoseconds time) {
  return std::chrono::duration<double, std::milli>(time).count();
}

std::string text_of(PictureSize size) {
  return size.width > 0 ? std::to_string(size.width) + "x" + std::to_string(size.height) : "";
}

json::object json_of(const std::string& feed, const DecoderReport& report, const MixerLink& mixer) {
  const auto& media = report.media;
  return {
      {"feed", feed},
      {"verdict", report.verdict},
      {"picture_codec", report.picture_codec},
      {"sound_codec", report.sound_codec},
      {"size", text_of(media.coded)},
      {"house_size", text_of(media.size)},
      {"interlaced", media.interlaced},
      {"fps", media.fps},
      {"pictures", media.pictures},
      {"dropped", media.dropped},
      {"late", media.late},
      {"converted", media.converted},
      {"sound_frames", media.sound_frames},
      {"sound_dropped", mixer.sound_dropped() + media.sound_late},
      {"sound_holes", media.sound_holes},
      {"sound_anchors", media.sound_anchors},
      {"restarts", report.restarts},
      {"chunks_dropped", report.chunks_dropped},
      {"backlog_bytes", report.backlog_bytes},
      {"mixer", mixer.connected()},
      {"clock_epoch", media.clock_epoch},
      {"clock_offset_ms", milliseconds_of(media.clock_offset)},
      {"on_grid", media.on_grid},
      {"drift_ppm", media.drift_ppm},
      {"sound_rate_ppm", media.sound_rate_ppm},
      {"latency_ms", milliseconds_of(media.latency)},
      {"last_error", report.last_error},
  };
}

bool asks_for_restart(const json::object& command, const std::string& feed) {
  const auto is = [&command](const char* key, std::string_view wanted) {
    const auto* value = command.if_contains(key);
    return value != nullptr && value->is_string() && value->get_string() == wanted;
  };
  return is("command", "restart-feed") && is("feed", feed);
}

// Beats only while the loop runs and the streaming thread moves: a supervisor sees either standing still.
class Pulse {
 public:
  Pulse(asio::io_context& io, Heartbeat& heartbeat, Decoder& decoder)
      : timer_(io.get_executor()), heartbeat_(heartbeat), decoder_(decoder) {
    beat();
  }
  void stop() { timer_.cancel(); }

 private:
  void beat() {
    decoder_.tick();
    if (decoder_.moving()) heartbeat_.beat();
    timer_.expires_after(kTick);
    timer_.async_wait([this](ErrorCode cancelled) {
      if (!cancelled) beat();
    });
  }
  SteadyTimer timer_;
  Heartbeat& heartbeat_;
  Decoder& decoder_;
};

int run(Program& program) {
  const auto& feed = program.values.front();
  if (program.config.feed(feed) == nullptr) {
    std::cerr << program.name << ": no feed \"" << feed << "\" in the config\n";
    return exit_code::kBadConfig;
  }
  asio::io_context io(1);
  MixerLink mixer(io, program.run_dir.socket_path(socket_name::kTranscodeMedia), feed);
  Decoder decoder(io, program.config.grid(), program.epoch, mixer);
  auto source = FeedSource::open(io, program.run_dir.socket_path(socket_name::decode_media(feed)), feed, decoder);
  const auto obey = [&](const json::object& command) {
    if (!asks_for_restart(command, feed)) return;
    decoder.start_anew("restarted by the crew");
    (*source)->ask_for_replay();
  };
  auto worker = Worker::open(io, program.run_dir, program.name,
                             {.wanted = [](const WantedState&) {}, // nothing in it is for a decoder
                              .report = [&] { return json_of(feed, decoder.report(), mixer); },
                              .command = obey});
  if (!source || !worker) {
    spdlog::error("{}", source ? worker.error().message : source.error().message);
    return exit_code::kRefused;
  }
  Pulse pulse(io, program.heartbeat, decoder);
  StopSignals signals(io, [&] { io.stop(); });
  mixer.start();
  io.run();
  decoder.stop(); // before the mixer link, which its streaming thread uses
  mixer.stop();
  return exit_code::kDone;
}

} // namespace

int main(int argc, char** argv) {
  auto started = pult::Program::start(argc, argv, "pult-decode", {"feed"});
  if (const auto* ended = std::get_if<pult::Program::ExitCode>(&started)) return ended->code;
  // A registry of its own scan would cost a second at each restart.
  g_setenv("GST_REGISTRY_FORK", "no", FALSE);
  gst_init(nullptr, nullptr);
  return run(std::get<pult::Program>(started));
}
