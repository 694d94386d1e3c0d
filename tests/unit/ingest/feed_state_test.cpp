#include "ingest/feed_state.hpp"

#include <gtest/gtest.h>

namespace pult::ingest {
namespace {

using State = FeedState::State;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Nanoseconds kStart = seconds(100);

FeedState live_feed() {
  FeedState feed(kStart);
  feed.connected();
  feed.data(kStart);
  return feed;
}

TEST(FeedStateTest, WaitsUntilDataComesHoweverLong) {
  FeedState feed(kStart);
  EXPECT_FALSE(feed.tick(kStart + seconds(60)));
  feed.connected();
  EXPECT_FALSE(feed.tick(kStart + seconds(120)));
  EXPECT_EQ(feed.state(), State::kWaiting);
  const auto change = feed.data(kStart + seconds(121));
  ASSERT_TRUE(change);
  EXPECT_EQ(change->from, State::kWaiting);
  EXPECT_EQ(change->to, State::kLive);
  EXPECT_EQ(feed.since(), kStart + seconds(121));
}

TEST(FeedStateTest, SilentSenderIsStaleAfter700MsAndLostAfterFiveSeconds) {
  auto feed = live_feed();
  EXPECT_FALSE(feed.tick(kStart + milliseconds(699)));
  ASSERT_TRUE(feed.tick(kStart + milliseconds(700)));
  EXPECT_EQ(feed.state(), State::kStale);
  EXPECT_FALSE(feed.tick(kStart + milliseconds(4999)));
  ASSERT_TRUE(feed.tick(kStart + seconds(5)));
  EXPECT_EQ(feed.state(), State::kLost);
}

TEST(FeedStateTest, AClosedSenderIsLostAfter700Ms) {
  auto feed = live_feed();
  feed.disconnected();
  EXPECT_FALSE(feed.tick(kStart + milliseconds(600)));
  ASSERT_TRUE(feed.tick(kStart + milliseconds(700)));
  EXPECT_EQ(feed.state(), State::kLost);
}

TEST(FeedStateTest, AReconnectWithinThePauseIsNoChange) {
  auto feed = live_feed();
  feed.disconnected();
  feed.connected();
  EXPECT_FALSE(feed.data(kStart + milliseconds(500)));
  EXPECT_EQ(feed.state(), State::kLive);
}

TEST(FeedStateTest, OnlyDataMakesALostFeedBetter) {
  auto feed = live_feed();
  feed.disconnected();
  feed.tick(kStart + seconds(1));
  feed.connected();
  EXPECT_FALSE(feed.tick(kStart + milliseconds(1100)));
  EXPECT_EQ(feed.state(), State::kLost);
  const auto back = feed.data(kStart + seconds(2));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->from, State::kLost);
  EXPECT_EQ(feed.state(), State::kLive);
}

} // namespace
} // namespace pult::ingest
