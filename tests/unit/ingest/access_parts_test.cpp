// The small parts around the port: the seat, the ring out of the callback, what the crew is told of refusals.
#include "ingest/refusal_log.hpp"
#include "ingest/seat.hpp"
#include "ingest/spsc_ring.hpp"

#include <gtest/gtest.h>
#include <string>
#include <thread>

namespace pult::ingest {
namespace {

using Policy = FeedConfig::Policy;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Nanoseconds kStart = seconds(100);

TEST(SeatTest, AFreeSeatIsOpenToAll) {
  const Seat seat;
  for (const auto policy : {Policy::kTakeover, Policy::kNewest, Policy::kFirst})
    EXPECT_TRUE(seat.open_to(policy, kStart));
}

TEST(SeatTest, PolicyDecidesBesideALiveSender) {
  Seat seat;
  seat.take(kStart);
  EXPECT_FALSE(seat.open_to(Policy::kTakeover, kStart + milliseconds(499)));
  EXPECT_TRUE(seat.open_to(Policy::kTakeover, kStart + milliseconds(500)));
  EXPECT_TRUE(seat.open_to(Policy::kNewest, kStart));
  EXPECT_FALSE(seat.open_to(Policy::kFirst, kStart + seconds(3)));
  seat.heard_at = (kStart + seconds(1)).count();
  EXPECT_FALSE(seat.open_to(Policy::kTakeover, kStart + milliseconds(1400)));
  seat.leave();
  EXPECT_TRUE(seat.open_to(Policy::kFirst, kStart));
}

TEST(SeatTest, WhoOustedALiveSenderKeepsTheSeatForTenSeconds) {
  Seat seat;
  seat.take(kStart);
  seat.take(kStart);
  seat.heard_at = (kStart + seconds(10)).count();
  EXPECT_FALSE(seat.open_to(Policy::kNewest, kStart + milliseconds(9999)));
  EXPECT_TRUE(seat.open_to(Policy::kNewest, kStart + seconds(10)));
}

TEST(SpscRingTest, KeepsOrderAcrossThreadsAndCountsWhatDoesNotFit) {
  SpscRing<std::string, 8> ring;
  std::thread writer([&ring] {
    for (int i = 0; i < 1000; ++i)
      while (!ring.push(std::to_string(i)))
        std::this_thread::yield();
  });
  for (int i = 0; i < 1000;) {
    const auto item = ring.pop();
    if (!item) {
      std::this_thread::yield();
      continue;
    }
    EXPECT_EQ(*item, std::to_string(i++));
  }
  writer.join();
  const auto dropped = ring.dropped();
  for (int i = 0; i < 10; ++i)
    (void)ring.push("x");
  EXPECT_EQ(ring.dropped(), dropped + 2);
}

TEST(RefusalLogTest, TellsTheFirstAtOnceAndCountsTheRest) {
  RefusalLog log;
  const Refused refused{0, "10.0.0.9", "cam1", 1401, "wrong passphrase"};
  EXPECT_TRUE(log.add(refused, kStart));
  for (int i = 0; i < 200; ++i)
    EXPECT_FALSE(log.add(refused, kStart + milliseconds(i)));
  EXPECT_TRUE(log.tick(kStart + seconds(9)).empty());
  const auto lines = log.tick(kStart + seconds(10));
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_EQ(lines[0].more, 200u);
  EXPECT_TRUE(log.tick(kStart + seconds(20)).empty());
  EXPECT_TRUE(log.add(refused, kStart + seconds(21))) << "forgotten after ten quiet seconds";
}

TEST(RefusalLogTest, IsBounded) {
  RefusalLog log;
  int told = 0;
  for (int i = 0; i < 10'000; ++i)
    if (log.add({std::nullopt, std::to_string(i), "x", 1404, "no feed"}, kStart)) ++told;
  EXPECT_LE(told, 129);
  EXPECT_EQ(log.recent().size(), 1u);
}

TEST(RefusalLogTest, KeepsTheLatestKindsForTheReport) {
  RefusalLog log;
  const Refused stranger{std::nullopt, "10.0.0.9", "cam7", 1404, "no feed"};
  const Refused guesser{0, "10.0.0.8", "cam1", 1401, "wrong passphrase"};
  log.add(stranger, kStart);
  log.add(guesser, kStart + seconds(1));
  log.add(stranger, kStart + seconds(2));
  ASSERT_EQ(log.recent().size(), 2u);
  EXPECT_EQ(log.recent()[0].refused.host, "10.0.0.9");
  EXPECT_EQ(log.recent()[0].times, 2u);
  EXPECT_EQ(log.recent()[0].last, kStart + seconds(2));
  EXPECT_EQ(log.recent()[1].times, 1u);
  for (int i = 0; i < 1000; ++i) {
    const auto host = std::to_string(i);
    log.add({0, host, "cam1", 1401, "wrong passphrase"}, kStart + seconds(3));
    log.add({std::nullopt, host, "guessed" + host, 1404, "no feed"}, kStart + seconds(3));
  }
  ASSERT_EQ(log.recent().size(), 4u) << "a flood stays small";
  EXPECT_EQ(log.recent()[1].refused.host, "999");
  EXPECT_EQ(log.recent()[1].times, 1001u);
}

} // namespace
} // namespace pult::ingest
