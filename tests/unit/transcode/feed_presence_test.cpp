#include "transcode/feed_presence.hpp"

#include <gtest/gtest.h>

namespace pult::transcode {
namespace {

using State = FeedPresence::State;
constexpr int kFps = 25;

void run(FeedPresence& presence, int pictures, bool fresh) {
  for (int i = 0; i < pictures; ++i)
    presence.tick(fresh);
}

TEST(FeedPresence, WaitsForItsFirstPictureAndShowsItAtOnce) {
  FeedPresence presence(kFps);
  run(presence, 100, false);
  EXPECT_EQ(presence.state(), State::kWaiting);
  EXPECT_FALSE(presence.shown());
  presence.tick(true);
  EXPECT_EQ(presence.state(), State::kLive);
  EXPECT_TRUE(presence.shown());
}

TEST(FeedPresence, HoldsTheLastPictureFor800Ms) {
  FeedPresence presence(kFps);
  run(presence, 10, true);
  run(presence, 19, false);
  EXPECT_EQ(presence.state(), State::kHeld);
  EXPECT_TRUE(presence.shown());
  presence.tick(false);
  EXPECT_EQ(presence.state(), State::kLost);
  EXPECT_FALSE(presence.shown());
  EXPECT_EQ(presence.losses(), 1U);
}

TEST(FeedPresence, ReturnsAfterOneCleanSecond) {
  FeedPresence presence(kFps);
  run(presence, 10, true);
  run(presence, 50, false);
  run(presence, 25, true);
  EXPECT_FALSE(presence.shown());
  presence.tick(true);
  EXPECT_TRUE(presence.shown());
}

TEST(FeedPresence, APauseWhileReturningBeginsTheCleanSecondAnew) {
  FeedPresence presence(kFps);
  run(presence, 10, true);
  run(presence, 50, false);
  run(presence, 20, true);
  run(presence, 11, false);
  run(presence, 25, true);
  EXPECT_FALSE(presence.shown());
  presence.tick(true);
  EXPECT_TRUE(presence.shown());
}

TEST(FeedPresence, AFeedAtHalfTheProgrammesRateIsClean) {
  FeedPresence presence(kFps);
  run(presence, 10, true);
  run(presence, 50, false);
  for (int i = 0; i < 14; ++i) {
    presence.tick(true);
    presence.tick(false);
  }
  EXPECT_TRUE(presence.shown());
}

TEST(FeedPresence, ReturnsAtMostOnceInTenSeconds) {
  FeedPresence presence(kFps);
  run(presence, 10, true);
  run(presence, 20, false);
  run(presence, 26, true);
  ASSERT_TRUE(presence.shown());
  run(presence, 20, false);
  run(presence, 100, true);
  EXPECT_FALSE(presence.shown());
  run(presence, 250 - 121, true);
  EXPECT_FALSE(presence.shown());
  run(presence, 1, true);
  EXPECT_TRUE(presence.shown());
}

} // namespace
} // namespace pult::transcode
