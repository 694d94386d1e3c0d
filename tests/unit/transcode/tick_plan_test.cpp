#include "transcode/tick_plan.hpp"

#include <gtest/gtest.h>

namespace pult::transcode {
namespace {

using Do = TickPlan::Do;
using std::chrono::milliseconds;

const Grid kGrid = *Grid::of(25);

TickPlan plan(PictureIndex next, milliseconds now) {
  return TickPlan::at(kGrid, next, now, milliseconds(60));
}

TEST(TickPlan, WaitsForThePicturesTime) {
  EXPECT_EQ(plan(100, milliseconds(3999)).what, Do::kWait);
  EXPECT_EQ(plan(100, milliseconds(3999)).n, 100);
}

TEST(TickPlan, ComposesWhatIsDueOrALittleLate) {
  EXPECT_EQ(plan(100, milliseconds(4000)).what, Do::kCompose);
  const auto late = plan(100, milliseconds(4000 + 10 * 40));
  EXPECT_EQ(late.what, Do::kCompose);
  EXPECT_EQ(late.n, 100);
}

TEST(TickPlan, SkipsToNowWhenItIsTooLate) {
  EXPECT_EQ(plan(100, milliseconds(4000 + 11 * 40)).what, Do::kSkip);
  const auto stopped = plan(100, milliseconds(4000 + 3000));
  EXPECT_EQ(stopped.what, Do::kSkip);
  EXPECT_EQ(stopped.n, 175);
}

TEST(TickPlan, GivesALongBacklogUpForTheNextMeetingOfTheGrids) {
  const auto stopped = plan(100, milliseconds(4000 + 6000));
  EXPECT_EQ(stopped.what, Do::kRestart);
  EXPECT_EQ(stopped.n, 256); // 10,060 ms is picture 251.5; they meet at multiples of 8
}

TEST(TickPlan, ARunStartsOnBothGrids) {
  for (const int fps : {25, 30, 50, 60}) {
    const auto grid = *Grid::of(fps);
    for (int t = 0; t < 5000; t += 333) {
      const auto n = TickPlan::run_start(grid, milliseconds(t), milliseconds(60));
      EXPECT_EQ(grid.sample_of(n) % kSamplesPerSoundFrame, 0);
      EXPECT_GE(grid.time_of(n), milliseconds(t + 60) - Nanoseconds(1));
    }
  }
}

} // namespace
} // namespace pult::transcode
