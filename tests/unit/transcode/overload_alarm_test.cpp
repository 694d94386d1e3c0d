#include "transcode/overload_alarm.hpp"

#include <gmock/gmock.h>

namespace pult::transcode {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

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
