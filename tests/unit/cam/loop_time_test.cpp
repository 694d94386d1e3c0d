#include "cam/beep.hpp"
#include "cam/loop_cache.hpp"
#include "cam/loop_time.hpp"

#include <gtest/gtest.h>

namespace pult::cam {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::seconds kToday{1'795'000'007}; // not a multiple of the loops below

TEST(Ticks, HoldTheNanosecondsOfOurDays) {
  const auto now = std::chrono::nanoseconds(kToday) + 123'456'789ns;
  EXPECT_EQ(floor_ticks(now), kToday + Ticks{11'111});
  EXPECT_EQ(floor_ticks(ceil_nanoseconds(floor_ticks(now))), floor_ticks(now));
  EXPECT_LE(ceil_nanoseconds(floor_ticks(now)), now);
}

TEST(PictureGrid, StartsAtAFullSecond) {
  const PictureGrid grid{25, 60s};
  EXPECT_EQ(grid.next_key(kToday), kToday.count() * 25);
  EXPECT_EQ(grid.next_key(kToday + Ticks{1}), (kToday.count() + 1) * 25);
  EXPECT_EQ(grid.next_key(kToday + Ticks{1}) * grid.picture(), kToday + 1s);
}

TEST(PictureGrid, ShowsTheSecondOfTheMinute) {
  for (const int fps : {24, 25, 30, 50, 60}) {
    const PictureGrid grid{fps, 60s};
    EXPECT_EQ(grid.within_loop(grid.next_key(kToday)) / fps, kToday.count() % 60) << fps;
    EXPECT_EQ(grid.loop_start(grid.next_key(kToday)) % grid.per_loop(), 0) << fps;
  }
}

TEST(PictureGrid, TakesOnlyRatesThatFallOnTicks) {
  for (const int fps : {1, 5, 24, 25, 30, 50, 60})
    EXPECT_TRUE(fits_the_clock(fps)) << fps;
  for (const int fps : {0, -1, 7, 23, 29, 61, 100})
    EXPECT_FALSE(fits_the_clock(fps)) << fps;
}

TEST(Sound, FrameThatSoundsAtASecondHoldsItsFirstSample) {
  for (int second = 0; second < 16; ++second) {
    const auto at = kToday + std::chrono::seconds{second};
    const int64_t frame = sound_frame_at(at);
    EXPECT_LE(frame * kSoundFrame, Ticks(at));
    EXPECT_GT((frame + 1) * kSoundFrame, Ticks(at));
  }
}

TEST(Sound, BeepBeginsAtTheSecondAndEndsAfterFortyMilliseconds) {
  EXPECT_EQ(beep_at(0), 0);
  EXPECT_NE(beep_at(1), 0);
  EXPECT_NE(beep_at(kSampleRate + 1), 0);
  EXPECT_NE(beep_at(1919), 0);
  for (int64_t sample = 1920; sample < kSampleRate; ++sample)
    ASSERT_EQ(beep_at(sample), 0) << sample;
}

TEST(Cache, NamesDifferInAllThatDecidesTheBytes) {
  const LoopFormat format{.name = "cam1", .kbps = 2000};
  const auto name = cache_file_name(format);
  EXPECT_EQ(name, cache_file_name(format));
  auto other = format;
  other.b_frames = 2;
  EXPECT_NE(cache_file_name(other), name);
  other = format;
  other.name = "cam/1";
  EXPECT_NE(cache_file_name(other), name);
  EXPECT_EQ(cache_file_name(other).find('/'), std::string::npos);
}

} // namespace
} // namespace pult::cam
