// The whole of pult-transcode in this process: feeds over the real socket and ring, packets read by libavcodec.
#include "transcode/transcoder.hpp"

#include "base/config.hpp"
#include "base/log.hpp"

#include "test_decoder.hpp"
#include "test_feed.hpp"
#include "test_packager.hpp"

#include <boost/asio/post.hpp>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <thread>

namespace pult::transcode {
namespace {

using namespace std::chrono_literals;
using testing::KeptPacket;
using testing::Received;
using testing::TestFeed;
using testing::TestPackager;

constexpr auto kRoom = R"(
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
    ASSERT_TRUE(load_plugin("x264").ok());
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
    asio::io_context io;
    std::shared_ptr<Link> link;
    PictureIndex shown = -1;
    LinkDialer dialer(io, folder_ + "/pult-transcode.state.sock", {}, [&](std::shared_ptr<Link> made) {
      link = std::move(made);
      link->start(
          [&](auto type, ByteView payload, UniqueFd) -> Result<void> {
            if (type != 16) return {};
            const std::string text(payload.begin(), payload.end());
            if (text.find("\"number\":" + std::to_string(number)) == std::string::npos) return {};
            const auto at = text.find("\"picture\":");
            shown = std::strtoll(text.c_str() + at + 10, nullptr, 10);
            io.stop();
            return {};
          },
          [](const Error&) {});
      const auto text =
          fmt::format(R"({{"epoch":1,"number":{},"on_air":{{"scene":"{}","fade_ms":{}}}}})", number, scene, fade_ms);
      link->send(1, Bytes(text.begin(), text.end()));
    });
    dialer.dial();
    io.run_for(20s);
    if (link) link->close({Errc::kUnavailable, "done"});
    return shown;
  }

  std::string folder_;
  RoomConfig config_;
  RoomEpoch epoch_;
  std::unique_ptr<Program> program_;
  std::unique_ptr<asio::io_context> io_;
  std::unique_ptr<Transcoder> transcoder_;
  std::thread thread_;
};

std::size_t count(const Received& received, int track) {
  const auto found = received.tracks.find(track);
  return found == received.tracks.end() ? 0 : found->second.size();
}

bool has_index(const Received& received, int track, std::int64_t index) {
  const auto found = received.tracks.find(track);
  return found != received.tracks.end() && !found->second.empty() && found->second.back().index >= index;
}

// Pictures that were left out (a busy machine) are followed by a key frame; sound is never left out.
void expect_order(const std::vector<KeptPacket>& packets) {
  for (std::size_t i = 1; i < packets.size(); ++i) {
    ASSERT_EQ(packets[i].run, packets[i - 1].run);
    ASSERT_GT(packets[i].index, packets[i - 1].index);
    if (packets[i].index != packets[i - 1].index + 1) {
      EXPECT_TRUE(packets[i].idr) << packets[i].index;
    }
  }
}

std::map<PictureIndex, double> lumas(const Received& received, int track) {
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
    by_index[packets[i].index] = pictures[i].mean_luma;
  }
  return by_index;
}

TEST_F(Room, EveryTrackIsCompleteAndRungsShareTheirKeyFrames) {
  TestPackager packager(packager_socket(), {0, 0, 0});
  start();
  const auto cam1 = feed("cam1", kDark);
  const auto got =
      packager.wait_for([](const auto& r) { return count(r, 0) > 60 && count(r, 1) > 60 && count(r, 2) > 110; });
  ASSERT_EQ(got.hellos.size(), 1U);
  EXPECT_EQ(got.hellos[0].tracks.size(), 3U);
  const auto first = got.tracks.at(0).front().index;
  EXPECT_EQ(first % 8, 0);
  EXPECT_EQ(got.tracks.at(1).front().index, first);
  EXPECT_EQ(got.tracks.at(2).front().index, config_.grid().sound_at_or_after(first));
  for (const int track : {0, 1, 2})
    expect_order(got.tracks.at(track));
  for (const int track : {0, 1})
    for (const auto& packet : got.tracks.at(track))
      if (packet.index == first || packet.index % 48 == 0) {
        EXPECT_TRUE(packet.idr) << packet.index;
      }
  EXPECT_LT(std::count_if(got.tracks.at(0).begin(), got.tracks.at(0).end(), [](const auto& p) { return p.idr; }), 10);
}

TEST_F(Room, ACutShowsAtTheReportedPicture) {
  TestPackager packager(packager_socket(), {0, 0, 0});
  start();
  const auto cam1 = feed("cam1", kDark);
  const auto cam2 = feed("cam2", kBright);
  packager.wait_for([](const auto& r) { return count(r, 0) > 20; });
  const auto shown = take("bright", 0, 7);
  const auto got =
      packager.wait_for([&](const auto& r) { return has_index(r, 0, shown + 10) && has_index(r, 1, shown + 10); });
  for (const int track : {0, 1})
    for (const auto& [n, luma] : lumas(got, track))
      if (n > got.tracks.at(0).front().index + 10) {
        EXPECT_NEAR(luma, n < shown ? kDark : kBright, 6) << track << " " << n - shown;
      }
}

TEST_F(Room, AFadeBeginsAtTheReportedPictureAndEndsInItsTime) {
  TestPackager packager(packager_socket(), {0, 0, 0});
  start();
  const auto cam1 = feed("cam1", kDark);
  const auto cam2 = feed("cam2", kBright);
  packager.wait_for([](const auto& r) { return count(r, 0) > 20; });
  const auto shown = take("bright", 400, 7); // ten pictures
  const auto got = packager.wait_for([&](const auto& r) { return has_index(r, 0, shown + 20); });
  const auto luma = lumas(got, 0);
  EXPECT_NEAR(luma.at(shown - 1), kDark, 3);
  for (int i = 0; i < 10; ++i)
    EXPECT_NEAR(luma.at(shown + i), kDark + (kBright - kDark) * (i + 1) / 11.0, 6) << i;
  EXPECT_NEAR(luma.at(shown + 10), kBright, 6);
}

TEST_F(Room, ARestartComesUpWithTheLastScene) {
  {
    TestPackager packager(packager_socket(), {0, 0, 0});
    start();
    const auto cam1 = feed("cam1", kDark);
    const auto cam2 = feed("cam2", kBright);
    packager.wait_for([](const auto& r) { return count(r, 0) > 5; });
    ASSERT_GT(take("bright", 0, 7), 0);
    stop();
  }
  TestPackager packager(packager_socket(), {0, 0, 0});
  start();
  const auto cam1 = feed("cam1", kDark);
  const auto cam2 = feed("cam2", kBright);
  const auto got = packager.wait_for([](const auto& r) { return count(r, 0) > 10; });
  for (const auto& [n, luma] : lumas(got, 0))
    EXPECT_NEAR(luma, kBright, 6) << n;
}

TEST_F(Room, ALostFeedGivesWayToTheFallbackAndThenToTheCard) {
  TestPackager packager(packager_socket(), {0, 0, 0});
  start();
  const auto cam1 = feed("cam1", kDark);
  const auto cam2 = feed("cam2", kBright);
  packager.wait_for([](const auto& r) { return count(r, 0) > 5; });
  const auto shown = take("bright", 0, 7);
  packager.wait_for([&](const auto& r) { return has_index(r, 0, shown + 5); });
  const auto silent = config_.grid().picture_at(epoch_.now());
  cam2->pause(true);
  packager.wait_for([&](const auto& r) { return has_index(r, 0, silent + 35); });
  cam1->pause(true);
  auto got = packager.wait_for([&](const auto& r) { return has_index(r, 0, silent + 75); });
  const auto luma = lumas(got, 0);
  EXPECT_NEAR(luma.at(silent), kBright, 6);
  EXPECT_NEAR(luma.at(silent + 10), kBright, 6); // its last picture stands
  EXPECT_NEAR(luma.at(silent + 28), kDark, 6);   // within a second and a picture's jitter: the fallback
  EXPECT_LT(luma.at(silent + 75), 80);           // the card
  EXPECT_GT(luma.at(silent + 75), 17);           // which is not black
  expect_order(got.tracks.at(0));
}

TEST_F(Room, AnIdrOnRequestIsOnAllRungsAtTheAnsweredPicture) {
  TestPackager packager(packager_socket(), {0, 0, 0});
  start();
  const auto cam1 = feed("cam1", kDark);
  packager.wait_for([](const auto& r) { return count(r, 0) > 3; });
  packager.request_idr(77);
  const auto answered = packager.wait_for([](const auto& r) { return !r.answers.empty(); });
  EXPECT_EQ(answered.answers[0].request, 77U);
  const auto n = answered.answers[0].picture;
  const auto got = packager.wait_for([&](const auto& r) { return has_index(r, 0, n + 5) && has_index(r, 1, n + 5); });
  for (const int track : {0, 1})
    for (const auto& packet : got.tracks.at(track))
      if (packet.index == n) {
        EXPECT_TRUE(packet.idr);
      }
}

TEST_F(Room, APackagerThatComesBackGetsWhatItMissed) {
  PictureIndex next = 0;
  start();
  const auto cam1 = feed("cam1", kDark);
  {
    TestPackager packager(packager_socket(), {0, 0, 0});
    const auto got = packager.wait_for([](const auto& r) { return count(r, 0) > 20 && count(r, 2) > 40; });
    next = got.tracks.at(0)[10].index;
  }
  const auto sound = config_.grid().sound_at_or_after(next);
  TestPackager again(packager_socket(), {next, next + 1, sound});
  const auto got =
      again.wait_for([](const auto& r) { return count(r, 0) > 40 && count(r, 1) > 40 && count(r, 2) > 40; });
  EXPECT_EQ(got.tracks.at(0).front().index, next);
  EXPECT_EQ(got.tracks.at(1).front().index, next + 1);
  EXPECT_EQ(got.tracks.at(2).front().index, sound);
  for (const int track : {0, 1, 2})
    expect_order(got.tracks.at(track));
}

TEST_F(Room, SlatesOfAllKindsAndRungsArriveAndFitTheParameterSets) {
  TestPackager packager(packager_socket(), {0, 0, 0});
  start();
  const auto cam1 = feed("cam1", kBright);
  const auto got = packager.wait_for([](const auto& r) { return r.slates.size() >= 8; });
  for (const auto& slate : got.slates) {
    const auto pictures = testing::decode_pictures(got.hellos[0].tracks[slate.track].extradata, {slate.sample});
    ASSERT_EQ(pictures.size(), 1U);
    EXPECT_LT(pictures[0].mean_luma, 80);
  }
}

TEST_F(Room, SoundKeepsItsPlaceToThePicture) {
  // One sample of every programme second is loud.
  TestPackager packager(packager_socket(), {0, 0, 0});
  start();
  const auto cam1 = feed("cam1", kDark, [](std::int64_t s) { return s % kSampleRate == 0 ? 0.8F : 0.0F; });
  const auto got = packager.wait_for([](const auto& r) { return count(r, 2) > 150; });
  std::vector<Bytes> packets;
  for (const auto& packet : got.tracks.at(2))
    packets.push_back(packet.bytes);
  const auto heard = testing::decode_sound(got.hellos[0].tracks[2].extradata, packets);
  const auto first = got.tracks.at(2).front().index * kSamplesPerSoundFrame;
  int found = 0;
  // The first frame has no predecessor to overlap with: AAC gives it back with its mirror image.
  for (std::size_t i = 2 * kSamplesPerSoundFrame; i < heard.size(); ++i) {
    if (std::fabs(heard[i]) < 0.3F) continue;
    ++found;
    // Delayed as the pictures are: by the mixer's 200 ms.
    EXPECT_NEAR((first + static_cast<Sample>(i) - kSampleRate / 5 + kSampleRate / 2) % kSampleRate, kSampleRate / 2, 1);
  }
  EXPECT_GE(found, 1);
}

} // namespace
} // namespace pult::transcode
