#include "base/programme_time.hpp"

#include <gtest/gtest.h>

namespace pult {
namespace {

using namespace std::chrono_literals;

TEST(Grid, KnowsItsRatesOnly) {
  for (const int fps : {25, 30, 50, 60})
    EXPECT_TRUE(Grid::of(fps)) << fps;
  for (const int fps : {0, -25, 24, 29, 100})
    EXPECT_FALSE(Grid::of(fps)) << fps;
}

TEST(Grid, MeetsTheSoundGridWhereTheDesignSays) {
  EXPECT_EQ(Grid::of(25)->meeting_pictures(), 8);
  EXPECT_EQ(Grid::of(30)->meeting_pictures(), 16);
  EXPECT_EQ(Grid::of(50)->meeting_pictures(), 16);
  EXPECT_EQ(Grid::of(60)->meeting_pictures(), 32);
}

class EveryRate : public testing::TestWithParam<int> {
 protected:
  Grid grid = *Grid::of(GetParam());
};
INSTANTIATE_TEST_SUITE_P(Rates, EveryRate, testing::Values(25, 30, 50, 60));

TEST_P(EveryRate, TimeAndIndexAreInverse) {
  for (const PictureIndex n : {0LL, 1LL, 2LL, 7LL, 1'000'003LL, 9'000'000'000LL, -1LL, -17LL}) {
    EXPECT_EQ(grid.picture_at(grid.time_of(n)), n);
    EXPECT_EQ(grid.picture_at(grid.time_of(n) - 1ns), n - 1);
    EXPECT_EQ(grid.picture_at_or_after(grid.time_of(n)), n);
    EXPECT_EQ(grid.picture_at_or_after(grid.time_of(n) + 1ns), n + 1);
  }
}

TEST_P(EveryRate, DoesNotDriftOverAYear) {
  const PictureIndex year = PictureIndex{365} * 86400 * grid.fps();
  EXPECT_EQ(grid.time_of(year), 365 * 24h);
  EXPECT_EQ(grid.ticks_of(year), Ticks90k{365} * 86400 * 90000);
  EXPECT_EQ(grid.sample_of(year), Sample{365} * 86400 * kSampleRate);
}

TEST_P(EveryRate, SoundIsCutAtOrAfterThePicture) {
  for (PictureIndex n = 0; n < 200; ++n) {
    const auto sample = grid.sound_at_or_after(n) * kSamplesPerSoundFrame;
    EXPECT_GE(sample, grid.sample_of(n));
    EXPECT_LT(sample - grid.sample_of(n), kSamplesPerSoundFrame);
    if (n % grid.meeting_pictures() == 0) {
      EXPECT_EQ(sample, grid.sample_of(n));
    }
  }
}

TEST_P(EveryRate, NextMeetingIsAtOrAfter) {
  const int step = grid.meeting_pictures();
  EXPECT_EQ(grid.next_meeting(0), 0);
  EXPECT_EQ(grid.next_meeting(1), step);
  EXPECT_EQ(grid.next_meeting(step), step);
  EXPECT_EQ(grid.next_meeting(step + 1), 2 * step);
}

TEST(Cutting, DefaultMeetsBothGridsAtEachPart) {
  const auto cutting = Cutting::of(*Grid::of(25), 1920ms, 320ms);
  EXPECT_EQ(cutting.pictures_per_part(), 8);
  EXPECT_EQ(cutting.parts_per_segment(), 6);
  EXPECT_EQ(cutting.pictures_per_segment(), 48);
  EXPECT_EQ(cutting.pictures_per_part() % cutting.grid().meeting_pictures(), 0);
}

TEST(Cutting, RoundsToWholePicturesAndWholeParts) {
  const auto at30 = Cutting::of(*Grid::of(30), 1920ms, 320ms);
  EXPECT_EQ(at30.pictures_per_part(), 10);
  EXPECT_EQ(at30.pictures_per_segment(), 60);
  const auto at50 = Cutting::of(*Grid::of(50), 1920ms, 320ms);
  EXPECT_EQ(at50.pictures_per_part(), 16);
  EXPECT_EQ(at50.pictures_per_segment(), 96);
}

TEST(Cutting, SegmentsLieOnTheRoomsGrid) {
  const auto cutting = Cutting::of(*Grid::of(25), 1920ms, 320ms);
  EXPECT_TRUE(cutting.starts_segment(0));
  EXPECT_TRUE(cutting.starts_segment(96));
  EXPECT_FALSE(cutting.starts_segment(8));
  EXPECT_TRUE(cutting.starts_part(8));
  EXPECT_EQ(cutting.next_segment_start(1), 48);
  EXPECT_EQ(cutting.next_segment_start(48), 48);
}

TEST(Samples, TimeIsExact) {
  EXPECT_EQ(time_of_sample(48000), 1s);
  EXPECT_EQ(time_of_sample(1), 20833ns);
  EXPECT_EQ(time_of_sample(Sample{48000} * 86400 * 365), 365 * 24h);
}

} // namespace
} // namespace pult
