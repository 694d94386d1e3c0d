// Whatever a stranger sends as a transport stream: what the reader promises holds, and nothing grows. Seeded; the
// sanitizers watch.
#include "ingest/replay_ring.hpp"
#include "ingest/ts_monitor.hpp"
#include "tests/support/bent_bytes.hpp"
#include "ts_builder.hpp"

#include <gtest/gtest.h>

namespace pult::ingest {
namespace {

using std::chrono::milliseconds;
using test::TsBuilder;

constexpr int kRounds = 2000;

// A second of a feed: tables, a key picture, pictures and sound, a clock.
Bytes some_feed(TsBuilder& builder, pult::test::Bender& bender) {
  builder.tables().key_picture().pcr(test::kVideoPid, bender.below(1u << 30));
  for (int i = 0; i < 5; ++i)
    builder.other_picture().sound();
  // A section with a right checksum and anything in it: only these get as far as the tables' parsers.
  auto section = bender.noise(12 + bender.below(60));
  section[0] = static_cast<std::uint8_t>(bender.below(4));
  builder.section(bender.below(2) == 0 ? kPatPid : test::kPmtPid, section);
  return builder.take();
}

TEST(BentStreamTest, TheReaderHoldsWhatItPromises) {
  pult::test::Bender bender(3);
  TsBuilder builder;
  TsReader reader;
  TsMonitor monitor(Nanoseconds(1));
  ReplayRing ring;
  std::uint64_t pushed = 0;
  for (int round = 0; round < kRounds; ++round) {
    const auto now = milliseconds(40 * (round + 1));
    auto bytes = round % 50 == 49 ? bender.noise(2000) : some_feed(builder, bender);
    if (round % 4 != 0) bytes = bender.bent(std::move(bytes));
    pushed += bytes.size();
    const auto entry = reader.push(bytes, [&](const TsPacket& packet) {
      ASSERT_EQ(packet.bytes.size(), kTsPacketBytes);
      ASSERT_LE(packet.payload.size(), kTsPacketBytes - 4);
      monitor.packet(packet, reader.tables(), now);
    });
    if (entry) {
      ASSERT_LT(entry->offset, pushed);
      ASSERT_EQ(entry->tables.size() % kTsPacketBytes, 0u);
    }
    ring.push({now, 1, share(std::move(bytes))}, entry);
    const auto replay = ring.replay();
    if (!replay.empty()) {
      ASSERT_EQ(replay[0].bytes->size() % kTsPacketBytes, 0u);
      ASSERT_EQ(replay[1].bytes->empty() ? 0x47 : replay[1].bytes->front(), 0x47) << "begins at a packet";
    }
    ASSERT_LE(reader.tables().streams().size(), 1024u / 5);
  }
  EXPECT_TRUE(reader.tables().has_pmt());
  EXPECT_GT(monitor.health(reader, milliseconds(40 * kRounds)).packets, 1000u);
  EXPECT_GT(reader.tables().pmt_changes(), 10u) << "random maps came through their checksums";
}

} // namespace
} // namespace pult::ingest
