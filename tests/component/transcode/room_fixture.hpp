// The whole of pult-transcode in this process: feeds over the real socket and ring, packets read by libavcodec.
#pragma once

#include "transcode/transcoder.hpp"

#include "base/config.hpp"
#include "base/log.hpp"
#include "base/messages/state_link.hpp"

#include "test_decoder.hpp"
#include "test_feed.hpp"
#include "test_packager.hpp"

#include <boost/asio/post.hpp>
#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <future>
#include <gmock/gmock.h>
#include <thread>

namespace pult::transcode {

using namespace std::chrono_literals;
using testing::KeptPacket;
using testing::Received;
using testing::TestFeed;
using testing::TestPackager;

inline constexpr auto kRoom = R"(
[room]
name = "Saal 1"
event = "Ortenau Digital"
data_dir = "data"
run_dir = "{}"
[[feed]]
name = "cam1"
open = true
[[feed]]
name = "cam2"
open = true
[[scene]]
name = "dark"
feeds = ["cam1"]
[[scene]]
name = "bright"
feeds = ["cam2"]
fallback = ["cam1"]
audio = "cam1"
[[scene]]
name = "corner"
layout = "picture-in-picture"
feeds = ["cam1", "cam2"]
[program]
size = "320x180"
preset = "ultrafast"
[[rendition]]
name = "180p"
size = "320x180"
video_kbps = 300
[[rendition]]
name = "90p"
size = "160x90"
video_kbps = 150
)";

class Room : public ::testing::Test {
 protected:
  static constexpr int kDark = 100;
  static constexpr int kBright = 200;

  void SetUp() override {
    ASSERT_TRUE(init_gstreamer().ok());
    char folder[] = "/dev/shm/pult-test-XXXXXX";
    ASSERT_NE(::mkdtemp(folder), nullptr);
    folder_ = folder;
    auto reading = parse_config(fmt::format(kRoom, folder_), folder_ + "/room.toml");
    ASSERT_TRUE(reading.config) << reading.text();
    config_ = *reading.config;
    epoch_ = *RoomEpoch::open(folder_);
  }
  void TearDown() override {
    stop();
    std::filesystem::remove_all(folder_);
  }

  void start() {
    auto run_dir = *RunDir::open(folder_);
    auto beat = Heartbeat::open(run_dir, "pult-transcode");
    ASSERT_TRUE(beat.ok());
    program_ = std::make_unique<Program>(
        Program{"pult-transcode", config_, run_dir, epoch_, std::move(*beat), std::vector<std::string>{}});
    io_ = std::make_unique<asio::io_context>();
    auto opened = Transcoder::open(*io_, *program_);
    ASSERT_TRUE(opened.ok()) << opened.error().message;
    transcoder_ = std::move(*opened);
    thread_ = std::thread([this] {
      const auto work = asio::make_work_guard(*io_);
      io_->run();
    });
  }
  void stop() {
    if (!transcoder_) return;
    asio::post(*io_, [this] { transcoder_->stop([this] { io_->stop(); }); });
    thread_.join();
    transcoder_.reset();
    io_.reset();
  }
  std::unique_ptr<TestFeed> feed(const std::string& name, int luma, std::function<float(std::int64_t)> sound = {}) {
    TestFeed::Content content;
    content.luma = [luma](std::int64_t) { return luma; };
    if (sound) content.sound = std::move(sound);
    return std::make_unique<TestFeed>(folder_ + "/transcode.media.sock", name, epoch_, content);
  }
  [[nodiscard]] std::string packager_socket() const { return folder_ + "/packager.media.sock"; }

  // As pultd does. Wants a scene, gives back the picture at which it showed.
  PictureIndex take(const std::string& scene, int fade_ms, std::int64_t number) {
    return want(fmt::format(R"("on_air":{{"scene":"{}","fade_ms":{}}})", scene, fade_ms), number);
  }
  PictureIndex want(const std::string& members, std::int64_t number) {
    asio::io_context io;
    std::shared_ptr<Link> link;
    PictureIndex shown = -1;
    LinkDialer dialer(io, folder_ + "/pult-transcode.state.sock", {}, [&](std::shared_ptr<Link> made) {
      link = std::move(made);
      link->start(
          [&](auto type, ByteView payload, UniqueFd) -> Result<void> {
            const std::string text(payload.begin(), payload.end());
            if (type == state_link::kEvent) events_.push_back(text);
            if (type != state_link::kApplied) return {};
            if (text.find("\"number\":" + std::to_string(number)) == std::string::npos) return {};
            const auto at = text.find("\"picture\":");
            shown = std::strtoll(text.c_str() + at + 10, nullptr, 10);
            io.stop();
            return {};
          },
          [](const Error&) {});
      const auto text = fmt::format(R"({{"epoch":1,"number":{},{}}})", number, members);
      link->send(1, Bytes(text.begin(), text.end()));
    });
    dialer.dial();
    io.run_for(20s);
    if (link) link->close({Errc::kUnavailable, "done"});
    return shown;
  }

  boost::json::object report() {
    std::promise<boost::json::object> promise;
    asio::post(*io_, [&] { promise.set_value(transcoder_->report()); });
    return promise.get_future().get();
  }

  // What the mixer said while a wanted state waited for its answer.
  std::vector<std::string> events_;
  std::string folder_;
  RoomConfig config_;
  RoomEpoch epoch_;
  std::unique_ptr<Program> program_;
  std::unique_ptr<asio::io_context> io_;
  std::unique_ptr<Transcoder> transcoder_;
  std::thread thread_;
};

inline std::size_t count(const Received& received, int track) {
  const auto found = received.tracks.find(track);
  return found == received.tracks.end() ? 0 : found->second.size();
}

inline bool has_index(const Received& received, int track, std::int64_t index) {
  const auto found = received.tracks.find(track);
  return found != received.tracks.end() && !found->second.empty() && found->second.back().index >= index;
}

// Pictures that were left out (a busy machine) are followed by a key frame; sound is never left out.
inline void expect_order(const std::vector<KeptPacket>& packets) {
  for (std::size_t i = 1; i < packets.size(); ++i) {
    ASSERT_EQ(packets[i].run, packets[i - 1].run);
    ASSERT_GT(packets[i].index, packets[i - 1].index);
    if (packets[i].index != packets[i - 1].index + 1) {
      EXPECT_TRUE(packets[i].idr) << packets[i].index;
    }
  }
}

// On a busy machine single pictures are left out; then their neighbour tells.
template <typename T>
const T& from(const std::map<PictureIndex, T>& pictures, PictureIndex n) {
  const auto found = pictures.lower_bound(n);
  EXPECT_TRUE(found != pictures.end()) << "no picture from " << n << " on";
  return found == pictures.end() ? pictures.rbegin()->second : found->second;
}
template <typename T>
const T& up_to(const std::map<PictureIndex, T>& pictures, PictureIndex n) {
  const auto behind = pictures.upper_bound(n);
  EXPECT_TRUE(behind != pictures.begin()) << "no picture up to " << n;
  return behind == pictures.begin() ? behind->second : std::prev(behind)->second;
}

inline double mean_luma(const testing::DecodedPicture& picture, const Rect& where) {
  double sum = 0;
  for (int y = where.y; y < where.y + where.height; ++y)
    for (int x = where.x; x < where.x + where.width; ++x)
      sum += picture.luma[static_cast<std::size_t>(y * picture.width + x)];
  return sum / where.width / where.height;
}

// Of each picture that came, or of that part of it.
inline std::map<PictureIndex, double> lumas(const Received& received, int track, std::optional<Rect> where = {}) {
  std::vector<Bytes> samples;
  const auto& packets = received.tracks.at(track);
  for (const auto& packet : packets)
    samples.push_back(packet.bytes);
  const auto pictures =
      testing::decode_pictures(received.hellos.back().tracks[static_cast<std::size_t>(track)].extradata, samples);
  EXPECT_EQ(pictures.size(), packets.size());
  std::map<PictureIndex, double> by_index;
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    EXPECT_FALSE(pictures[i].damaged);
    by_index[packets[i].index] = where ? mean_luma(pictures[i], *where) : pictures[i].mean_luma;
  }
  return by_index;
}

} // namespace pult::transcode
