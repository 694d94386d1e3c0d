// A talk cut from another camera's own recording: real transport streams of other codecs, sizes and rates, indexed as
// ingest does, on the programme's grid.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file.hpp"
#include "base/mixer_delay.hpp"
#include "packager/jobs/cut_job.hpp"
#include "packager/jobs/feed_pictures.hpp"
#include "played_file.hpp"
#include "recorded_programme.hpp"
#include "temp_folder.hpp"

#include <boost/json.hpp>
#include <cmath>
#include <cstdio>
#include <fmt/format.h>

namespace pult::packager::jobs {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
namespace fs = std::filesystem;
namespace json = boost::json;

constexpr int kWidth = 320, kHeight = 180; // of the programme's rung
constexpr double kStep = 4;                // of brightness, from picture to picture of the feed
constexpr int kLevels = 50;

// The brightness in the middle of each picture of a file.
std::vector<double> brightness(const fs::path& file) {
  std::vector<double> values;
  for (const auto& picture : test::play(file).pictures) {
    EXPECT_EQ(picture.size(), static_cast<std::size_t>(kWidth * kHeight)) << "of the programme's size";
    values.push_back(picture[kHeight / 2 * kWidth + kWidth / 2]);
  }
  return values;
}

AvInputPtr open(const fs::path& file) {
  AVFormatContext* raw = nullptr;
  if (avformat_open_input(&raw, file.c_str(), nullptr, nullptr) < 0) return nullptr;
  avformat_find_stream_info(raw, nullptr);
  return AvInputPtr(raw);
}

// What a camera sends: each picture is of one brightness, by its number.
struct Camera {
  std::string encoder;
  std::string size = "320x180";
  std::string rate = "25";
  int seconds = 12;
};

class FeedCutTest : public testing::Test {
 protected:
  void SetUp() override {
    archive.data_dir = folder.path();
    test::record(programme, archive.program(), 0, 36); // 11.52 s
  }

  // The feed's recording: its first byte came at `begin` after the epoch, and as fast as its stamps say.
  void record_feed(const Camera& camera, Nanoseconds begin) {
    const auto iso = archive.iso() / "cam2";
    fs::create_directories(iso);
    const auto media = iso / "20260921T13.ts";
    const auto command = fmt::format(
        "ffmpeg -nostdin -loglevel error -y -f lavfi -i 'color=gray:size={}:rate={}:duration={},format=yuv420p,"
        "geq=lum=20+{}*mod(N\\,{}):cb=128:cr=128' {} -f mpegts '{}'",
        camera.size, camera.rate, camera.seconds, kStep, kLevels, camera.encoder, media.string());
    ASSERT_EQ(std::system(command.c_str()), 0);
    const auto input = open(media);
    ASSERT_TRUE(input);
    const auto scale = av_q2d(input->streams[0]->time_base);
    const AvPacketPtr packet(av_packet_alloc());
    std::string index = "pult-iso 1\n";
    std::optional<double> first;
    double noted = -1;
    while (av_read_frame(input.get(), packet.get()) >= 0) {
      const double dts = static_cast<double>(packet->dts) * scale;
      if (!first) {
        first = dts;
        first_stamp = static_cast<double>(packet->pts) * scale - dts;
      }
      if (dts - *first >= noted + 0.5 || noted < 0) {
        noted = dts - *first;
        const auto arrived = test::kEpochWall + begin + Nanoseconds(static_cast<std::int64_t>(noted * 1e9));
        index += fmt::format("at {} {} 1\n", arrived.count(), noted <= 0 ? 0 : packet->pos);
      }
      av_packet_unref(packet.get());
    }
    ASSERT_TRUE(replace_file(iso / "20260921T13.index", index));
    feed_begin = std::chrono::duration<double>(begin).count();
    feed_rate = camera.rate == "30" ? 30 : camera.rate == "50" ? 50 : 25;
  }

  [[nodiscard]] Job cut(PictureIndex in, PictureIndex out) const {
    const auto at = [](PictureIndex n) { return (test::kEpochWall + n * 40ms).count(); };
    const json::object talk{{"id", "17"},        {"slug", "talk"},   {"title", "Ein Vortrag"},
                            {"language", "deu"}, {"show", "show-1"}, {"marks", {{"in", at(in)}, {"out", at(out)}}}};
    auto job = job_from_json({{"id", 1}, {"kind", "cut"}, {"talk", talk}, {"source", {{"feed", "cam2"}}}});
    EXPECT_TRUE(job);
    return *job;
  }

  // The feed's picture that belongs at the programme's picture n, as the mixer places it.
  [[nodiscard]] double feed_picture(PictureIndex n, std::chrono::milliseconds delay = 0ms) const {
    const auto due = static_cast<double>(n) * 0.04 - std::chrono::duration<double>(kMixerDelay + delay).count();
    return (due - feed_begin - first_stamp) * feed_rate;
  }
  static double level(double picture) { return 20 + kStep * std::fmod(std::round(picture), kLevels); }
  [[nodiscard]] fs::path draft(const std::string& name) const { return archive.drafts() / "talk" / name; }

  test::TempFolder folder;
  ArchiveFolders archive;
  test::SmallProgramme programme;
  double feed_begin = 0, first_stamp = 0, feed_rate = 25;
};

const Report kGoOn = [](const std::string&, double) { return true; };

TEST_F(FeedCutTest, EachPictureIsTheOneThatTheMixerWouldHaveShown) {
  record_feed({"-c:v libx264 -preset veryfast -bf 2 -g 25"}, 310ms);
  std::vector<std::string> steps;
  const auto done = cut_talk(archive, cut(59, 170), [&](const std::string& doing, double) {
    if (steps.empty() || steps.back() != doing) steps.push_back(doing);
    return true;
  });
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_THAT(steps, testing::Contains("pictures of cam2"));
  const auto shown = brightness(draft("video.mp4"));
  ASSERT_EQ(shown.size(), 111u);
  for (std::size_t i = 0; i < shown.size(); ++i)
    ASSERT_NEAR(shown[i], level(feed_picture(59 + static_cast<PictureIndex>(i))), 2) << "picture " << i;
  EXPECT_TRUE(done->at("gaps").as_array().empty());
  const auto about = json::parse(*read_file(draft("talk.json"))).as_object();
  EXPECT_NEAR(about.at("length").to_number<double>(), 4.44, 0.001);
  EXPECT_FALSE(fs::exists(draft("feed"))) << "what was only needed on the way is gone";
}

TEST_F(FeedCutTest, TheDelayThatTheCrewGaveTheFeedCounts) {
  record_feed({"-c:v libx264 -preset veryfast -bf 0 -g 25"}, 310ms);
  auto job = cut(100, 120);
  job.feed_delay = 400ms;
  ASSERT_TRUE(cut_talk(archive, job, kGoOn));
  const auto shown = brightness(draft("video.mp4"));
  ASSERT_EQ(shown.size(), 20u);
  for (std::size_t i = 0; i < shown.size(); ++i)
    ASSERT_NEAR(shown[i], level(feed_picture(100 + static_cast<PictureIndex>(i), 400ms)), 2) << "picture " << i;
}

TEST_F(FeedCutTest, OtherCodecsSizesAndRatesComeOutAsTheHouseHasThem) {
  const Camera cameras[] = {
      {"-c:v libx265 -preset ultrafast -x265-params log-level=none:keyint=30", "240x180", "30", 6},
      {"-c:v mpeg2video -flags +ilme+ildct -top 1 -b:v 3M -g 12", "720x576", "25", 6},
      {"-c:v libx264 -preset veryfast -pix_fmt yuv422p10le -g 50", "640x360", "50", 6}};
  for (const auto& camera : cameras) {
    record_feed(camera, 0ms);
    const auto done = cut_talk(archive, cut(80, 130), kGoOn);
    ASSERT_TRUE(done) << camera.encoder << ": " << done.error().message;
    const auto shown = brightness(draft("video.mp4"));
    ASSERT_EQ(shown.size(), 50u) << camera.encoder;
    for (std::size_t i = 0; i < shown.size(); ++i) {
      const auto picture = feed_picture(80 + static_cast<PictureIndex>(i));
      const double off = std::min({std::abs(shown[i] - level(picture)), std::abs(shown[i] - level(picture - 1)),
                                   std::abs(shown[i] - level(picture + 1))});
      ASSERT_LE(off, 3) << camera.encoder << " picture " << i << ": " << shown[i] << " of " << level(picture);
    }
    fs::remove_all(archive.drafts());
  }
}

TEST_F(FeedCutTest, WhereTheFeedWasAwayItsLastPictureStandsAndIsListed) {
  record_feed({"-c:v libx264 -preset veryfast -bf 0 -g 25", "320x180", "25", 5}, 0ms);
  const auto done = cut_talk(archive, cut(50, 250), kGoOn); // it ends in the middle
  ASSERT_TRUE(done) << done.error().message;
  const auto& gaps = done->at("gaps").as_array();
  ASSERT_EQ(gaps.size(), 1u);
  EXPECT_EQ(gaps[0].at("kind"), "filled");
  EXPECT_NEAR(gaps[0].at("begin").to_number<double>(), 4.96 + 1.2 - 2, 0.1) << "a second after its last picture";
  EXPECT_NEAR(gaps[0].at("end").to_number<double>(), 8, 0.001);
  EXPECT_EQ(brightness(draft("video.mp4")).size(), 200u);
}

TEST_F(FeedCutTest, AJobThatWasStoppedGoesOnBehindItsLastPart) {
  record_feed({"-c:v libx264 -preset veryfast -bf 0 -g 25"}, 0ms);
  const auto stop = [](const std::string& doing, double progress) {
    return doing != "pictures of cam2" || progress < 0.5;
  };
  EXPECT_FALSE(cut_talk(archive, cut(60, 260), stop));
  double least = 1;
  const auto done = cut_talk(archive, cut(60, 260), [&](const std::string& doing, double progress) {
    if (doing == "pictures of cam2") least = std::min(least, progress);
    return true;
  });
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_GT(least, 0.2) << "it began where it was";
  const auto shown = brightness(draft("video.mp4"));
  ASSERT_EQ(shown.size(), 200u);
  for (std::size_t i = 0; i < shown.size(); ++i)
    ASSERT_NEAR(shown[i], level(feed_picture(60 + static_cast<PictureIndex>(i))), 2) << "picture " << i;
}

TEST_F(FeedCutTest, AFeedThatWasNotRecordedIsRefusedWithWhatThereIs) {
  const auto none = cut_talk(archive, cut(60, 120), kGoOn);
  ASSERT_FALSE(none);
  EXPECT_THAT(none.error().message, HasSubstr("there is none"));
  record_feed({"-c:v libx264 -preset veryfast -bf 0 -g 25", "320x180", "25", 2}, -3600s);
  const auto other = cut_talk(archive, cut(60, 120), kGoOn);
  ASSERT_FALSE(other);
  EXPECT_THAT(other.error().message, HasSubstr("it has from"));
}

TEST(FeedTime, FollowsTheMedianAndForgetsWhatIsOld) {
  FeedTime time;
  EXPECT_FALSE(time.arrival_of(0ms));
  for (int i = 0; i < 40; ++i)
    time.note(10s + i * 500ms + (i % 5 == 0 ? 90ms : 0ms), i * 500ms); // every fifth is late
  EXPECT_EQ(time.arrival_of(7s), 17s);
  for (int i = 0; i < 60; ++i)
    time.note(50s + i * 500ms, 60s + i * 500ms); // stamps jumped
  EXPECT_EQ(time.arrival_of(70s), 60s);
}

} // namespace
} // namespace pult::packager::jobs
