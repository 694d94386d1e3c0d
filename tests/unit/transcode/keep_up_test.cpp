#include "transcode/keep_up.hpp"

#include <gmock/gmock.h>
#include <vector>

namespace pult::transcode {
namespace {

using namespace std::chrono_literals;
using Give = KeepUp::Give;
using ::testing::HasSubstr;

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

TEST(OverloadAlarm, SaysWhatTheLastTenSecondsWere) {
  OverloadAlarm alarm;
  EXPECT_EQ(alarm.at(0s, {5, 2}).text, ""); // before this: not known
  EXPECT_EQ(alarm.at(1s, {5, 2}).text, "");
  const auto twice = alarm.at(2s, {19, 2});
  EXPECT_FALSE(twice.error);
  EXPECT_THAT(twice.text, HasSubstr("14 pictures were shown twice in the last 10 s"));
  const auto both = alarm.at(3s, {20, 10});
  EXPECT_TRUE(both.error);
  EXPECT_THAT(both.text, HasSubstr("8 pictures were left out, 15 shown twice"));
  EXPECT_THAT(alarm.at(12s, {20, 10}).text, HasSubstr("8 pictures were left out, 1 shown twice"));
  EXPECT_EQ(alarm.at(13s, {20, 10}).text, "");
}

} // namespace
} // namespace pult::transcode
