#include "transcode/keep_up.hpp"

#include <gtest/gtest.h>

namespace pult::transcode {
namespace {

using Give = KeepUp::Give;

constexpr std::size_t kRoom = 8;
constexpr std::size_t kPatience = 25;

TEST(KeepUp, EncodersWithRoomGetEveryPicture) {
  KeepUp keep_up(kRoom, kPatience);
  for (std::size_t waiting = 0; waiting <= 2; ++waiting)
    EXPECT_EQ(keep_up.next(waiting, false), Give::kNew) << waiting;
}

TEST(KeepUp, EncodersThatAreALittleBehindLookLessHardUntilTheyHadASecondOfRoom) {
  KeepUp keep_up(12, kPatience);
  for (const std::size_t waiting : {0U, 1U, 2U, 2U, 0U}) {
    EXPECT_EQ(keep_up.next(waiting, false), Give::kNew);
    EXPECT_EQ(keep_up.effort(), Effort::kFull) << waiting;
  }
  for (const std::size_t waiting : {3U, 4U, 2U, 2U, 2U}) {
    EXPECT_EQ(keep_up.next(waiting, false), Give::kNew) << "there is room for all";
    EXPECT_EQ(keep_up.effort(), Effort::kReduced) << waiting;
  }
  for (std::size_t calm = 1; calm < kPatience; ++calm) {
    (void)keep_up.next(calm % 2, false);
    EXPECT_EQ(keep_up.effort(), Effort::kReduced) << calm;
  }
  (void)keep_up.next(1, true);
  EXPECT_EQ(keep_up.effort(), Effort::kFull);
  (void)keep_up.next(3, true);
  EXPECT_EQ(keep_up.effort(), Effort::kReduced) << "a key frame, too";
}

TEST(KeepUp, EncodersThatAreBehindGetEveryOtherPictureTwice) {
  KeepUp keep_up(kRoom, kPatience);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(keep_up.next(3, false), Give::kAgain);
    EXPECT_EQ(keep_up.next(4, false), Give::kNew);
  }
}

TEST(KeepUp, EncodersThatAreFarBehindGetNothingNewThatNeedNotBe) {
  KeepUp keep_up(kRoom, kPatience);
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(keep_up.next(5, false), Give::kAgain);
  EXPECT_EQ(keep_up.next(7, true), Give::kNew);
  EXPECT_EQ(keep_up.next(8, false), Give::kAgain);
}

TEST(KeepUp, AfterARefusalNothingIsGivenUntilTheQueueIsNearlyEmpty) {
  KeepUp keep_up(kRoom, kPatience);
  keep_up.refused();
  for (std::size_t waiting = 8; waiting > 2; --waiting)
    EXPECT_EQ(keep_up.next(waiting, waiting == 5), Give::kNothing) << waiting;
  EXPECT_EQ(keep_up.next(2, true), Give::kNew);
  EXPECT_EQ(keep_up.next(2, false), Give::kNew); // it is over
}

} // namespace
} // namespace pult::transcode
