#include "transcode/packet_ring.hpp"

#include <gtest/gtest.h>

namespace pult::transcode {
namespace {

constexpr int kFps = 25;

packet_link::Hello hello(std::uint64_t run) {
  packet_link::Hello made;
  made.run = run;
  return made;
}

TEST(PacketRing, GivesPacketsInTheirOrderByCursor) {
  PacketRing ring(kFps);
  ring.add(7, 0, 8, true, {1, 2, 3});
  ring.add(7, 1, 8, true, {4});
  const auto first = ring.at(ring.begin());
  ASSERT_TRUE(first);
  EXPECT_EQ(first->index, 8);
  const auto packet = packet_link::decode_packet(*first->payload);
  ASSERT_TRUE(packet.ok());
  EXPECT_EQ(packet.value().run, 7U);
  EXPECT_TRUE(packet.value().idr);
  EXPECT_EQ(packet.value().bytes.size(), 3U);
  EXPECT_EQ(ring.at(ring.begin() + 1)->track, 1);
  EXPECT_FALSE(ring.at(ring.end()));
}

TEST(PacketRing, KeepsThirtySecondsOfAllTracks) {
  PacketRing ring(kFps);
  for (int n = 0; n < 1000; ++n) {
    ring.add(1, 0, n, n == 0, {1});
    ring.add(1, 1, n, n == 0, {1});
  }
  EXPECT_EQ(ring.end() - ring.begin(), 2U * 750U);
  EXPECT_EQ(ring.at(ring.begin())->index, 250);
  EXPECT_FALSE(ring.at(0));
}

TEST(PacketRing, NeverHoldsMoreThanItsBytes) {
  PacketRing ring(kFps);
  for (int n = 0; n < 200; ++n)
    ring.add(1, 0, n, false, Bytes(1u << 20));
  EXPECT_LE(ring.end() - ring.begin(), 128U);
  EXPECT_GE(ring.end() - ring.begin(), 126U);
}

TEST(PacketRing, KeepsTheHellosOfRunsThatItHasPacketsOf) {
  PacketRing ring(kFps);
  ring.add_run(hello(1));
  ring.add(1, 0, 0, true, {1});
  ring.add_run(hello(2));
  ring.add(2, 0, 100, true, {1});
  EXPECT_TRUE(ring.hello(1));
  EXPECT_EQ(ring.newest_hello()->run, 2U);
  ring.add(2, 0, 800, true, {1});
  EXPECT_FALSE(ring.hello(1));
  EXPECT_TRUE(ring.hello(2));
}

} // namespace
} // namespace pult::transcode
