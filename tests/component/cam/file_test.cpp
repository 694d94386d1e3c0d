// Files made by the stock ffmpeg, played in a loop without a network: only their order and times are judged here.
#include "cam/file_source.hpp"
#include "cam/file_transcode.hpp"
#include "temporary_folder.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

namespace pult::cam::test {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr Ticks kStart = std::chrono::seconds{1'795'000'000};

class File : public testing::Test {
 protected:
  File() { setenv("XDG_CACHE_HOME", (folder_.path() / "cache").c_str(), 1); }
  ~File() override { unsetenv("XDG_CACHE_HOME"); }

  // 2 s of moving picture; sound for `sound_seconds`.
  fs::path make(const std::string& name, const std::string& codecs, double sound_seconds) {
    const auto path = folder_.path() / name;
    const auto command = fmt::format("ffmpeg -nostdin -v error -f lavfi -i testsrc=size=320x180:rate=25:duration=2 "
                                     "-f lavfi -i sine=440:duration={}:sample_rate=48000 {} {}",
                                     sound_seconds, codecs, path.string());
    EXPECT_EQ(std::system(command.c_str()), 0) << command;
    return path;
  }

  TemporaryFolder folder_;
};

struct Played {
  std::vector<Ticks> picture_dts, picture_pts, sound_pts;
  Ticks last_due = kStart;
};

// So many seconds, checking on the way that nothing is due before what came before it.
Played play(MediaSource& source, std::chrono::seconds span) {
  Played played;
  for (;;) {
    const auto packet = source.next();
    EXPECT_TRUE(packet.ok());
    if (!packet || packet->due > kStart + span) return played;
    EXPECT_GE(packet->due, played.last_due);
    played.last_due = packet->due;
    EXPECT_GE(packet->pts, packet->dts);
    EXPECT_LE(packet->pts, packet->due);
    if (packet->track == Track::kSound) {
      played.sound_pts.push_back(packet->pts);
    } else {
      played.picture_dts.push_back(packet->dts);
      played.picture_pts.push_back(packet->pts);
    }
  }
}

void expect_even(const std::vector<Ticks>& times, Ticks step) {
  for (size_t i = 1; i < times.size(); ++i)
    ASSERT_EQ(times[i] - times[i - 1], step) << i;
}

TEST_F(File, GoesRoundWithoutAStep) {
  // Sound shorter and longer than the picture, with and without B-frames.
  for (const int b_frames : {0, 2})
    for (const char* name : {"a.mp4", "b.mkv", "c.ts"}) {
      if (b_frames > 0 && name[0] == 'b') continue; // Matroska holds no decode times: such a file is transcoded
      SCOPED_TRACE(fmt::format("{} with {} B-frames", name, b_frames));
      const auto codecs = fmt::format("-c:v libx264 -bf {} -c:a aac", b_frames);
      const auto path = make(fmt::format("{}{}", b_frames, name), codecs, b_frames > 0 ? 1.7 : 2.4);
      auto source = FileSource::open(path);
      ASSERT_TRUE(source.ok()) << source.error().message;
      ASSERT_TRUE((*source)->start(kStart).ok());
      auto played = play(**source, 9s);
      EXPECT_NEAR(static_cast<double>((played.picture_pts.front() - kStart).count()), 0, 3 * 3600);
      EXPECT_GE(played.picture_dts.size(), 220U);
      EXPECT_GE(played.sound_pts.size(), 415U);
      expect_even(played.picture_dts, Ticks{3600});
      expect_even(played.sound_pts, kSoundFrame);
      std::sort(played.picture_pts.begin(), played.picture_pts.end());
      played.picture_pts.resize(played.picture_pts.size() - 4); // those before them in order may not have come yet
      expect_even(played.picture_pts, Ticks{3600});
    }
}

TEST_F(File, IsSentAsItIsWhenItCan) {
  const auto path = make("as_it_is.mp4", "-c:v libx264 -pix_fmt yuv420p -c:a aac", 2);
  const auto playable = playable_file(path, [](double) { return true; });
  ASSERT_TRUE(playable.ok()) << playable.error().message;
  EXPECT_EQ(*playable, path);
}

TEST_F(File, IsTranscodedOnceWhenItCannot) {
  for (const char* codecs : {"-c:v mpeg2video -b:v 2M -c:a mp2", "-c:v libx264 -pix_fmt yuv444p -c:a libmp3lame"}) {
    SCOPED_TRACE(codecs);
    const auto path = make(fmt::format("{}.mkv", std::string_view(codecs).size()), codecs, 2);
    const auto playable = playable_file(path, [](double) { return true; });
    ASSERT_TRUE(playable.ok()) << playable.error().message;
    EXPECT_NE(*playable, path);
    auto source = FileSource::open(*playable);
    ASSERT_TRUE(source.ok()) << source.error().message;
    EXPECT_EQ((*source)->picture_parameters().codec_id, AV_CODEC_ID_H264);
    ASSERT_NE((*source)->sound_parameters(), nullptr);
    EXPECT_EQ((*source)->sound_parameters()->codec_id, AV_CODEC_ID_AAC);
    ASSERT_TRUE((*source)->start(kStart).ok());
    const auto played = play(**source, 5s);
    EXPECT_GE(played.picture_dts.size(), 120U);
    expect_even(played.picture_dts, Ticks{3600});
    expect_even(played.sound_pts, kSoundFrame);
    const auto again = playable_file(path, [](double) -> bool { throw std::logic_error("made a second time"); });
    EXPECT_EQ(*again, *playable);
  }
}

TEST_F(File, WithoutSoundGoesRoundToo) {
  const auto path = make("silent.mp4", "-map 0:v -c:v libx264", 2);
  auto source = FileSource::open(path);
  ASSERT_TRUE(source.ok()) << source.error().message;
  EXPECT_EQ((*source)->sound_parameters(), nullptr);
  ASSERT_TRUE((*source)->start(kStart).ok());
  const auto played = play(**source, 5s);
  expect_even(played.picture_dts, Ticks{3600});
  EXPECT_TRUE(played.sound_pts.empty());
}

TEST_F(File, TakesUpAtAKeyFrameAfterALostConnection) {
  const auto path = make("gop.mp4", "-c:v libx264 -g 10 -c:a aac", 2);
  auto source = FileSource::open(path);
  ASSERT_TRUE(source.ok());
  ASSERT_TRUE((*source)->start(kStart).ok());
  play(**source, 1s);
  const Ticks later = kStart + std::chrono::seconds{30};
  ASSERT_TRUE((*source)->start(later).ok());
  const auto first = (*source)->next();
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(first->track, Track::kPicture);
  EXPECT_TRUE(first->key);
  EXPECT_EQ(first->due, later);
}

TEST_F(File, WithoutAPictureIsRefused) {
  const auto path = make("sound.m4a", "-map 1:a -c:a aac", 2);
  const auto source = FileSource::open(path);
  ASSERT_FALSE(source.ok());
  EXPECT_NE(source.error().message.find("no picture"), std::string::npos);
}

} // namespace
} // namespace pult::cam::test
