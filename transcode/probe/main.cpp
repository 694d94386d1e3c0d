// `pult-probe`: what this machine's GStreamer lacks, and what each rung of the room's ladder costs it, as JSON.
//
// For `pult check`, which links no media library. Encodes moving pictures with the programme's own encoders, one rung
// after another, and counts CPU time (of all threads: an encoder may have several), so that a busy machine is not taken
// for a slow one. Ends within seconds: each rung has kRungTime.
#include "transcode/probe/test_card.hpp"
#include "transcode/scaler.hpp"
#include "transcode/video_encoder.hpp"

#include "base/exit_codes.hpp"

#include <CLI/CLI.hpp>
#include <array>
#include <boost/json.hpp>
#include <cmath>
#include <ctime>
#include <iostream>

namespace {

using namespace pult;
using namespace pult::transcode;
namespace json = boost::json;

constexpr std::chrono::milliseconds kRungTime{800};
constexpr int kWarmUp = 5; // pictures that are not counted
constexpr int kMost = 60;

struct Needed {
  const char* element;
  const char* package;
};
// What the decoders and the mixer load; packages of Debian 12.
constexpr std::array kNeeded{
    Needed{"appsrc", "gstreamer1.0-plugins-base"},
    Needed{"audioconvert", "gstreamer1.0-plugins-base"},
    Needed{"audioresample", "gstreamer1.0-plugins-base"},
    Needed{"opusdec", "gstreamer1.0-plugins-base"},
    Needed{"aacparse", "gstreamer1.0-plugins-good"},
    Needed{"ac3parse", "gstreamer1.0-plugins-good"},
    Needed{"mpegaudioparse", "gstreamer1.0-plugins-good"},
    Needed{"mpg123audiodec", "gstreamer1.0-plugins-good"},
    Needed{"tsdemux", "gstreamer1.0-plugins-bad"},
    Needed{"h264parse", "gstreamer1.0-plugins-bad"},
    Needed{"h265parse", "gstreamer1.0-plugins-bad"},
    Needed{"mpegvideoparse", "gstreamer1.0-plugins-bad"},
    Needed{"opusparse", "gstreamer1.0-plugins-bad"},
    Needed{"avdec_h264", "gstreamer1.0-libav"},
    Needed{"avdec_h265", "gstreamer1.0-libav"},
    Needed{"avdec_aac", "gstreamer1.0-libav"},
    Needed{"avdec_ac3", "gstreamer1.0-libav"},
    Needed{"avenc_aac", "gstreamer1.0-libav"},
};

json::array missing_elements() {
  json::array missing;
  for (const auto& [element, package] : kNeeded) {
    GstElementFactory* factory = gst_element_factory_find(element);
    if (factory != nullptr)
      gst_object_unref(factory);
    else
      missing.push_back(json::object{{"element", element}, {"package", package}});
  }
  return missing;
}

double cpu_ms() {
  timespec t{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) * 1e3 + static_cast<double>(t.tv_nsec) / 1e6;
}

struct Cost {
  double ms = 0; // of CPU time, for one picture: scaled from the programme's size and encoded
  int threads = 1;
};

Result<Cost> cost_of(const RoomConfig& config, const RenditionConfig& rendition, TestCard& card) {
  auto encoder = VideoEncoder::open({rendition.size, config.fps, rendition.video_kbps, config.x264_preset});
  if (!encoder) return encoder.error();
  Scaler scaler;
  PicturePool scaled(rendition.size);
  const auto deadline = std::chrono::steady_clock::now() + kRungTime;
  double spent = 0;
  int counted = 0;
  for (int k = 0; k < kMost && (counted < kWarmUp || std::chrono::steady_clock::now() < deadline); ++k) {
    const auto whole = card.next(k);
    const double before = cpu_ms();
    const auto small = scaled.take();
    scaler.draw(whole, small, {0, 0, rendition.size.width, rendition.size.height});
    if (auto encoded = (*encoder)->encode(small, k, k == 0); !encoded) return encoded.error();
    if (k < kWarmUp) continue;
    spent += cpu_ms() - before;
    ++counted;
  }
  return Cost{spent / counted, (*encoder)->threads()};
}

int measure(const RoomConfig& config, json::object& found) {
  json::array rungs;
  TestCard card(config.programme);
  for (const auto& rendition : config.renditions) {
    const auto cost = cost_of(config, rendition, card);
    if (!cost) {
      std::cerr << "pult-probe: " << cost.error().message << '\n';
      return exit_code::kRefused;
    }
    rungs.push_back(
        json::object{{"name", rendition.name}, {"ms", std::round(cost->ms * 100) / 100}, {"threads", cost->threads}});
  }
  found["rungs"] = std::move(rungs);
  return exit_code::kDone;
}

} // namespace

int main(int argc, char** argv) {
  std::string file;
  CLI::App app("Says what this machine's GStreamer lacks and what the room's ladder costs.", "pult-probe");
  app.add_option("--config", file, "the room's config")->required();
  CLI11_PARSE(app, argc, argv);
  const auto reading = read_config(file);
  if (!reading.config) {
    std::cerr << reading.text();
    return exit_code::kBadConfig;
  }
  gst_init(nullptr, nullptr);
  json::object found{{"missing", missing_elements()}};
  const int code = measure(*reading.config, found);
  if (code == exit_code::kDone) std::cout << json::serialize(found) << '\n';
  return code;
}
