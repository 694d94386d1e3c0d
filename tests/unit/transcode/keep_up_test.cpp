#include "transcode/keep_up.hpp"

#include <gtest/gtest.h>

namespace pult::transcode {
namespace {

using Give = KeepUp::Give;

constexpr std::size_t kRoom = 8;

TEST(KeepUp, EncodersWithRoomGetEveryPicture) {
  KeepUp keep_up(kRoom);
  for (std::size_t waiting = 0; waiting <= 2; ++waiting)
    EXPECT_EQ(keep_up.next(waiting, false), Give::kNew) << waiting;
}

TEST(KeepUp, EncodersThatAreBehindGetEveryOtherPictureTwice) {
  KeepUp keep_up(kRoom);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(keep_up.next(3, false), Give::kAgain);
    EXPECT_EQ(keep_up.next(4, false), Give::kNew);
  }
}

TEST(KeepUp, EncodersThatAreFarBehindGetNothingNewThatNeedNotBe) {
  KeepUp keep_up(kRoom);
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(keep_up.next(5, false), Give::kAgain);
  EXPECT_EQ(keep_up.next(7, true), Give::kNew);
  EXPECT_EQ(keep_up.next(8, false), Give::kAgain);
}

TEST(KeepUp, AfterARefusalNothingIsGivenUntilTheQueueIsNearlyEmpty) {
  KeepUp keep_up(kRoom);
  keep_up.refused();
  for (std::size_t waiting = 8; waiting > 2; --waiting)
    EXPECT_EQ(keep_up.next(waiting, waiting == 5), Give::kNothing) << waiting;
  EXPECT_EQ(keep_up.next(2, true), Give::kNew);
  EXPECT_EQ(keep_up.next(2, false), Give::kNew); // it is over
}

} // namespace
} // namespace pult::transcode
