// The transport stream as it may come: torn, shifted, broken, with tables late or half.
#include "ingest/ts_monitor.hpp"
#include "ingest/ts_reader.hpp"
#include "ts_builder.hpp"

#include <gmock/gmock.h>
#include <random>

namespace pult::ingest {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using test::TsBuilder;
using testing::ElementsAre;

std::vector<std::uint64_t> offsets(const Bytes& stream, std::size_t step) {
  TsSplitter splitter;
  std::vector<std::uint64_t> found;
  for (std::size_t at = 0; at < stream.size(); at += step)
    splitter.push(ByteView(stream).subspan(at, std::min(step, stream.size() - at)),
                  [&](const TsPacket&, std::uint64_t offset) { found.push_back(offset); });
  return found;
}

TEST(TsSplitterTest, FindsPacketsHoweverTheBytesAreTorn) {
  const auto stream = TsBuilder().tables().key_picture().sound().take();
  for (const std::size_t step : {1u, 7u, 187u, 188u, 189u, 1316u})
    EXPECT_THAT(offsets(stream, step), ElementsAre(0, 188, 376, 564)) << step;
}

TEST(TsSplitterTest, FindsPacketsBehindAShiftAndAfterGarbage) {
  Bytes stream(50, 0x47); // looks like sync bytes, is none
  const auto good = TsBuilder().tables().key_picture().take();
  stream.insert(stream.end(), good.begin(), good.end());
  const auto found = offsets(stream, 1316);
  ASSERT_FALSE(found.empty());
  EXPECT_EQ(found.back(), 50 + 2 * 188u);

  auto broken = good;
  broken.erase(broken.begin() + 100);
  broken.insert(broken.end(), good.begin(), good.end());
  EXPECT_EQ(offsets(broken, 1316).back(), broken.size() - 188);
}

TEST(TsSplitterTest, GarbageIsNoStreamAndIsNotKept) {
  std::mt19937 random(1);
  TsSplitter splitter;
  int packets = 0;
  for (int i = 0; i < 200; ++i) {
    Bytes noise(1316);
    for (auto& byte : noise)
      byte = static_cast<std::uint8_t>(random() % 0x47);
    splitter.push(noise, [&](const TsPacket&, std::uint64_t) { ++packets; });
  }
  EXPECT_EQ(packets, 0);
  EXPECT_FALSE(splitter.synced());
  EXPECT_GE(splitter.skipped_bytes(), 199 * 1316u);
}

TEST(TsReaderTest, RandomBytesInRealPacketsBreakNothing) {
  std::mt19937 random(2);
  TsReader reader;
  TsMonitor monitor(Nanoseconds(1));
  for (int i = 0; i < 300; ++i) {
    auto stream = TsBuilder().tables().key_picture().sound().pcr(test::kVideoPid, 1000).take();
    for (int flips = 0; flips < 20; ++flips)
      stream[random() % stream.size()] ^= static_cast<std::uint8_t>(1u << (random() % 8));
    stream.resize(random() % stream.size());
    reader.push(stream, [&](const TsPacket& p) { monitor.packet(p, reader.tables(), milliseconds(i + 1)); });
  }
  EXPECT_GT(monitor.health(reader, seconds(1)).continuity_errors, 0u);
}

TEST(TsTablesTest, ReadsStreamsAndKeepsThePackets) {
  TsReader reader;
  const auto stream = TsBuilder().pat().pmt({{0x24, 0x200}, {0x03, 0x201}}).take();
  auto ended = stream;
  ended.resize(ended.size() + 1, 0x47);
  reader.push(ended);
  EXPECT_THAT(reader.tables().streams(), ElementsAre(ElementaryStream{0x200, 0x24, Codec::kHevc},
                                                     ElementaryStream{0x201, 0x03, Codec::kMpegAudio}));
  EXPECT_EQ(reader.tables().pcr_pid(), 0x200);
  EXPECT_EQ(reader.tables().packets(), stream);
}

TEST(TsTablesTest, TakesASectionOverSeveralPackets) {
  std::vector<std::pair<std::uint8_t, std::uint16_t>> streams;
  for (std::uint16_t i = 0; i < 60; ++i)
    streams.emplace_back(0x0f, static_cast<std::uint16_t>(0x100 + i));
  TsReader reader;
  reader.push(TsBuilder().pat().pmt(streams).sound().take());
  EXPECT_EQ(reader.tables().streams().size(), 60u);
  EXPECT_EQ(reader.tables().packets().size(), 3 * kTsPacketBytes);
}

TEST(TsTablesTest, HalfATableOrAWrongChecksumChangesNothing) {
  TsReader reader;
  reader.push(TsBuilder().tables().take());
  auto broken = TsBuilder().pmt({{0x24, 0x300}}).take();
  broken[kTsPacketBytes - 1] ^= 1;
  reader.push(broken);
  reader.push(TsBuilder().packet(test::kPmtPid, {0, 0x02, 0xb0, 0x20, 0, 1}, true).sound().sound().take());
  EXPECT_EQ(reader.tables().video()->pid, test::kVideoPid);
  EXPECT_EQ(reader.tables().broken_sections(), 1u);
  EXPECT_EQ(reader.tables().pmt_changes(), 0u);
}

TEST(TsTablesTest, NamesWhatPultDoesNotDecode) {
  const auto unsupported = [](std::uint8_t type) {
    TsReader reader;
    reader.push(TsBuilder().pat().pmt({{type, test::kVideoPid}, {0x0f, test::kSoundPid}}).take());
    return std::string(reader.tables().unsupported());
  };
  EXPECT_EQ(unsupported(0x10), "MPEG-4 Visual");
  EXPECT_EQ(unsupported(0x33), "VVC");
  EXPECT_EQ(unsupported(0x82), "DTS");
  EXPECT_EQ(unsupported(0x1b), "");
  EXPECT_EQ(unsupported(0x15), "") << "metadata is no fault";
}

TEST(TsTablesTest, FollowsNewPids) {
  TsReader reader;
  reader.push(TsBuilder().tables().pmt({{0x24, 0x300}}).sound().take());
  EXPECT_EQ(reader.tables().video()->pid, 0x300);
  EXPECT_EQ(reader.tables().sound(), nullptr);
  EXPECT_EQ(reader.tables().pmt_changes(), 1u);
  reader.push(TsBuilder().pat(0x1234).pmt({{0x1b, 0x400}}, 0x1234).sound().take());
  EXPECT_EQ(reader.tables().video()->pid, 0x400);
}

std::optional<EntryPoint> entry_of(TsBuilder builder) {
  TsReader reader;
  return reader.push(builder.sound().sound().take());
}

TEST(KeyFrameTest, KnowsThemByNalTypeOrByTheMark) {
  EXPECT_TRUE(entry_of(TsBuilder().tables().key_picture()));
  EXPECT_TRUE(entry_of(TsBuilder().tables().picture({0x09, 0x65})));
  EXPECT_TRUE(entry_of(TsBuilder().tables().picture({0x41}, true)));
  EXPECT_FALSE(entry_of(TsBuilder().tables().other_picture()));
  EXPECT_FALSE(entry_of(TsBuilder().tables().picture({0x09, 0x06})));
  EXPECT_FALSE(entry_of(TsBuilder().key_picture())); // no tables: nobody could enter
}

TEST(KeyFrameTest, KnowsHevcAndMpeg2) {
  const auto hevc = [] { return TsBuilder().pat().pmt({{0x24, test::kVideoPid}}); };
  EXPECT_TRUE(entry_of(hevc().picture({0x46, 0x40, 0x42})));
  EXPECT_TRUE(entry_of(hevc().picture({0x26})));
  EXPECT_FALSE(entry_of(hevc().picture({0x46, 0x02})));
  const auto mpeg2 = [] { return TsBuilder().pat().pmt({{0x02, test::kVideoPid}}); };
  EXPECT_TRUE(entry_of(mpeg2().picture({0xb3})));
  EXPECT_FALSE(entry_of(mpeg2().picture({0x00})));
}

TEST(KeyFrameTest, AStartCodeMayLieAcrossPacketsAndTheEntryIsItsFirstPacket) {
  auto first = TsBuilder::pes_header(0xe0);
  first.insert(first.end(), {0, 0, 0, 1, 0x06, 0x05, 0x99, 0, 0});
  const auto entry = entry_of(
      TsBuilder().tables().packet(test::kVideoPid, first, true).sound().packet(test::kVideoPid, {1, 0x65, 0x88}));
  ASSERT_TRUE(entry);
  EXPECT_EQ(entry->offset, 2 * kTsPacketBytes);
  EXPECT_EQ(entry->tables, TsBuilder().tables().take());
}

TEST(KeyFrameTest, TablesThatComeBehindThePictureStartAreNotItsOwn) {
  auto first = TsBuilder::pes_header(0xe0);
  first.insert(first.end(), {0, 0, 0, 1, 0x06, 0x05});
  const auto entry = entry_of(TsBuilder()
                                  .tables()
                                  .packet(test::kVideoPid, first, true)
                                  .pmt({{0x1b, test::kVideoPid}})
                                  .packet(test::kVideoPid, {0, 0, 1, 0x65, 0x88}));
  ASSERT_TRUE(entry);
  EXPECT_EQ(entry->tables, TsBuilder().tables().take());
}

struct Watched {
  TsReader reader;
  TsMonitor monitor{seconds(100)};
  Nanoseconds now = seconds(100);

  void push(const Bytes& bytes) {
    const auto entry =
        reader.push(bytes, [&](const TsPacket& packet) { monitor.packet(packet, reader.tables(), now); });
    monitor.bytes(bytes.size(), now);
    if (entry) monitor.key_frame(now);
  }
  [[nodiscard]] TsHealth health() const { return monitor.health(reader, now); }
};

TEST(TsMonitorTest, SaysWhatComes) {
  Watched feed;
  TsBuilder builder;
  feed.push(builder.tables().key_picture().sound().take());
  feed.now += seconds(2);
  feed.push(builder.tables().key_picture().sound().take());
  const auto health = feed.health();
  EXPECT_TRUE(health.valid);
  EXPECT_EQ(health.video, Codec::kH264);
  EXPECT_EQ(health.sound, Codec::kAac);
  EXPECT_TRUE(health.video_comes);
  EXPECT_EQ(health.key_frame_interval, seconds(2));
  EXPECT_EQ(health.since_key_frame, seconds(0));
  EXPECT_EQ(health.continuity_errors, 0u);
  feed.now += seconds(3);
  EXPECT_FALSE(feed.health().valid);
  EXPECT_FALSE(feed.health().sound_comes);
}

TEST(TsMonitorTest, NoiseWithAFewSyncBytesByChanceIsNoStream) {
  Watched feed;
  std::mt19937 random(1);
  for (int i = 0; i < 300; ++i) {
    Bytes noise(13160);
    for (auto& byte : noise)
      byte = static_cast<std::uint8_t>(random() % 0x47);
    for (const std::size_t at : {100u, 288u, 476u, 664u, 852u}) // enough of them to be taken for packets
      noise[at] = 0x47;
    feed.push(noise);
    feed.now += milliseconds(10);
  }
  EXPECT_GT(feed.health().packets, 0u);
  EXPECT_FALSE(feed.health().valid);
  for (int i = 0; i < 300; ++i) { // a stream that comes after it is one within the rate's windows
    feed.push(TsBuilder().tables().key_picture().sound().take());
    feed.now += milliseconds(10);
  }
  EXPECT_TRUE(feed.health().valid);
}

TEST(TsMonitorTest, CountsMissingPacketsButNotRepeatedOnes) {
  Watched feed;
  TsBuilder builder;
  feed.push(builder.tables().key_picture().take());
  const auto again = builder.other_picture().take();
  feed.push(again);
  feed.push(again); // 2.4.3.3: once more is allowed
  EXPECT_EQ(feed.health().continuity_errors, 0u);
  feed.push(builder.lose(test::kVideoPid).other_picture().sound().take());
  EXPECT_EQ(feed.health().continuity_errors, 1u);
}

TEST(TsMonitorTest, CountsClockJumpsNotTheWrap) {
  Watched feed;
  constexpr std::uint64_t kSecond = 27'000'000;
  constexpr std::uint64_t kWrap = (std::uint64_t{1} << 33) * 300;
  TsBuilder builder;
  feed.push(builder.tables().pcr(test::kVideoPid, kWrap - kSecond / 2).sound().take());
  feed.now += seconds(1);
  feed.push(builder.pcr(test::kVideoPid, kSecond / 2).sound().take());
  EXPECT_EQ(feed.health().pcr_jumps, 0u);
  EXPECT_EQ(feed.health().longest_pcr_pause, seconds(1));
  feed.now += seconds(1);
  feed.push(builder.pcr(test::kVideoPid, 3600 * kSecond).sound().take());
  feed.now += seconds(1);
  feed.push(builder.pcr(test::kVideoPid, 0).sound().take());
  EXPECT_EQ(feed.health().pcr_jumps, 2u);
}

TEST(TsMonitorTest, MeasuresTheRate) {
  Watched feed;
  for (int i = 0; i <= 100; ++i) {
    feed.push(Bytes(1316 * 5, 0x47)); // 5 × 1,316 bytes each 20 ms: 2.632 Mbit/s
    feed.now += milliseconds(20);
  }
  EXPECT_NEAR(feed.health().kbps, 2632, 60);
  feed.now += seconds(3);
  EXPECT_EQ(feed.health().kbps, 0);
}

} // namespace
} // namespace pult::ingest
