#include "cam/file_timeline.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

namespace pult::cam {
namespace {

constexpr Ticks kPicture{3600};

// So many pictures at 25/s from `start` on; sound from `sound` on.
FileTimeline timeline_of(int pictures, Ticks start, int sample_rate, Ticks sound) {
  FileScan scan(sample_rate);
  for (int n = 0; n < pictures; ++n)
    scan.picture(start + n * kPicture, start + (n - 1) * kPicture, kPicture);
  scan.sound(sound);
  return scan.timeline().value();
}

TEST(FileTimeline, IsAsLongAsThePicture) {
  const auto timeline = timeline_of(50, Ticks{1234}, 48000, Ticks{1234});
  EXPECT_EQ(timeline.length, 50 * kPicture);
  EXPECT_EQ(timeline.reorder, kPicture);
  EXPECT_EQ(timeline.picture_time(0, Ticks{1234}), Ticks{0});
  EXPECT_EQ(timeline.picture_time(3, Ticks{1234} + kPicture), 151 * kPicture);
}

TEST(FileTimeline, GuessesTheLastPicturesDurationWhereTheFileDoesNotSay) {
  FileScan scan(0);
  for (const int n : {0, 2, 1, 3}) // shown in another order than decoded
    scan.picture(n * kPicture, n * kPicture, Ticks{0});
  EXPECT_EQ(scan.timeline()->length, 4 * kPicture);
}

TEST(FileTimeline, NeedsTwoPictures) {
  FileScan scan(0);
  EXPECT_FALSE(scan.timeline().ok());
  scan.picture(Ticks{0}, Ticks{0}, kPicture);
  EXPECT_FALSE(scan.timeline().ok());
}

class SoundOnItsGrid : public testing::TestWithParam<int> {};

TEST_P(SoundOnItsGrid, StaysWithinHalfAFrameOfThePictureForADay) {
  const int rate = GetParam();
  const Ticks frame{kSamplesPerFrame * 90000 / rate};
  const auto timeline = timeline_of(51, Ticks{777}, rate, Ticks{777 - 500}); // 2.04 s: not a whole number of frames
  const auto turns = std::chrono::hours{24} / timeline.length;
  for (int64_t turn = 0; turn < turns; turn += 997) {
    const auto slot = timeline.slot_of(turn, Ticks{277} + 10 * frame);
    ASSERT_TRUE(slot) << turn;
    const Ticks ideal = timeline.picture_time(turn, Ticks{277} + 10 * frame);
    ASSERT_LE(std::abs((timeline.slot_time(*slot) - ideal).count()), frame.count() / 2 + 10) << turn;
  }
}

TEST_P(SoundOnItsGrid, HasNoHoleAndNoOverlapAtTheSeam) {
  const auto timeline = timeline_of(51, Ticks{0}, GetParam(), Ticks{0});
  for (int64_t turn = 0; turn < 1000; ++turn)
    ASSERT_EQ(timeline.end_slot(turn), timeline.first_slot(turn + 1));
  for (int64_t slot = 0; slot < 1000; ++slot) {
    const auto step = (timeline.slot_time(slot + 1) - timeline.slot_time(slot)).count();
    ASSERT_LE(std::abs(step - 90000.0 * kSamplesPerFrame / GetParam()), 1);
  }
}

INSTANTIATE_TEST_SUITE_P(Rates, SoundOnItsGrid, testing::Values(48000, 44100, 32000));

TEST(FileTimeline, LeavesOutSoundBeyondThePicture) {
  const auto timeline = timeline_of(50, Ticks{0}, 48000, Ticks{0});
  EXPECT_FALSE(timeline.slot_of(0, -2 * kSoundFrame)) << "priming before the first picture";
  EXPECT_FALSE(timeline.slot_of(0, timeline.length + kSoundFrame));
  EXPECT_EQ(timeline.slot_of(0, Ticks{0}), 0);
  EXPECT_EQ(timeline.slot_of(1, Ticks{0}), timeline.first_slot(1));
}

} // namespace
} // namespace pult::cam
