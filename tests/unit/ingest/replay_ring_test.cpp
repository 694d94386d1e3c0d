#include "ingest/replay_ring.hpp"
#include "ts_builder.hpp"

#include <gtest/gtest.h>

namespace pult::ingest {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using test::TsBuilder;

struct Feed {
  TsReader reader;
  ReplayRing ring;
  Nanoseconds now = seconds(100);

  void push(Bytes bytes) {
    const auto entry = reader.push(bytes);
    ring.push({now, 1, share(std::move(bytes))}, entry);
  }
  [[nodiscard]] Bytes replayed() const {
    Bytes all;
    for (const auto& chunk : ring.replay())
      all.insert(all.end(), chunk.bytes->begin(), chunk.bytes->end());
    return all;
  }
};

Bytes joined(std::initializer_list<Bytes> parts) {
  Bytes all;
  for (const auto& part : parts)
    all.insert(all.end(), part.begin(), part.end());
  return all;
}

// A sound packet behind it, so that the splitter need not wait for the next sync byte.
TEST(ReplayRingTest, BeginsWithTablesAtTheLastKeyFrame) {
  Feed feed;
  TsBuilder builder;
  const auto tables = builder.tables().take();
  feed.push(joined({tables, builder.key_picture().sound().other_picture().take()}));
  const auto old_sound = builder.sound().take();
  const auto key = builder.key_picture().sound().take();
  feed.push(joined({old_sound, key}));
  const auto later = builder.other_picture().sound().take();
  feed.push(later);
  EXPECT_EQ(feed.replayed(), joined({tables, key, later}));
  EXPECT_EQ(feed.ring.replay().front().arrival, seconds(100));
}

TEST(ReplayRingTest, NothingBeforeAKeyFrame) {
  Feed feed;
  TsBuilder builder;
  feed.push(builder.tables().other_picture().sound().take());
  EXPECT_TRUE(feed.ring.replay().empty());
  feed.push(builder.key_picture().sound().take());
  EXPECT_FALSE(feed.ring.replay().empty());
}

TEST(ReplayRingTest, AKeyFrameThatShowsLateStillBeginsAtItsFirstPacket) {
  Feed feed;
  TsBuilder builder;
  const auto tables = builder.tables().take();
  auto start = TsBuilder::pes_header(0xe0);
  start.insert(start.end(), {0, 0, 0, 1, 0x06, 0x05});
  const auto first = builder.packet(test::kVideoPid, start, true).sound().take();
  const auto second = builder.packet(test::kVideoPid, {0, 0, 1, 0x65, 0x88}).sound().take();
  feed.push(joined({tables, first}));
  EXPECT_FALSE(feed.ring.has_key_frame());
  feed.push(second);
  EXPECT_EQ(feed.replayed(), joined({tables, first, second}));
}

TEST(ReplayRingTest, TornPacketsAreReplayedWhole) {
  Feed feed;
  TsBuilder builder;
  const auto tables = builder.tables().take();
  const auto key = builder.key_picture().sound().take();
  const auto stream = joined({tables, builder.other_picture().take(), key});
  for (std::size_t at = 0; at < stream.size(); at += 100)
    feed.push(Bytes(stream.begin() + static_cast<std::ptrdiff_t>(at),
                    stream.begin() + static_cast<std::ptrdiff_t>(std::min(at + 100, stream.size()))));
  EXPECT_EQ(feed.replayed(), joined({tables, key}));
}

TEST(ReplayRingTest, GivesUpAfterTenSecondsUntilTheNextKeyFrame) {
  Feed feed;
  TsBuilder builder;
  feed.push(builder.tables().key_picture().sound().take());
  for (int i = 0; i < 101; ++i) {
    feed.now += milliseconds(100);
    feed.push(builder.other_picture().sound().take());
  }
  EXPECT_FALSE(feed.ring.has_key_frame());
  EXPECT_EQ(feed.ring.given_up(), 1u);
  feed.push(builder.key_picture().sound().take());
  EXPECT_TRUE(feed.ring.has_key_frame());
}

TEST(ReplayRingTest, NeverHoldsMoreThanItsBytes) {
  Feed feed;
  TsBuilder builder;
  feed.push(builder.tables().key_picture().sound().take());
  for (int i = 0; i < 5000; ++i)
    builder.sound();
  const auto big = share(builder.take());
  for (int i = 0; i < 30; ++i) {
    feed.ring.push({feed.now, 1, big}, std::nullopt);
    ASSERT_LE(feed.ring.bytes(), ReplayRing::kMaxBytes);
  }
  EXPECT_TRUE(feed.ring.replay().empty());
}

TEST(ReplayRingTest, ClearForgetsTheOldConnection) {
  Feed feed;
  TsBuilder builder;
  feed.push(builder.tables().key_picture().sound().take());
  feed.ring.clear();
  feed.reader = TsReader();
  EXPECT_TRUE(feed.ring.replay().empty());
  const auto tables = builder.tables().take();
  const auto key = builder.key_picture().sound().take();
  feed.push(joined({tables, key}));
  EXPECT_EQ(feed.replayed(), joined({tables, key}));
}

} // namespace
} // namespace pult::ingest
