// What the decoder gets: a replay when it comes late, whole spans when it is slow.
#include "support.hpp"

namespace pult::ingest {
namespace {

using namespace test;

TEST(DecodeSenderTest, ALateDecoderBeginsWithTablesAndAKeyFrame) {
  ASSERT_TRUE(std::filesystem::exists(kRealFile)) << "package forensics-samples-files";
  Room room;
  Process camera(ffmpeg_sender(room.port(), "cam1", kKey));
  ASSERT_TRUE(room.wait_for([&] {
    const auto feed = room.feed("cam1");
    return feed.at("ts").as_object().contains("key_frame_interval_ms");
  })) << json::serialize(room.ingest->report());

  Decoder decoder(room, "cam1");
  ASSERT_TRUE(room.wait_for([&] { return !decoder.chunks.empty() && !decoder.chunks.back().chunk.replayed; }));
  EXPECT_EQ(decoder.hello.feed, "cam1");
  EXPECT_TRUE(decoder.chunks.front().chunk.replayed);

  TsReader reader;
  const auto entry = reader.push(decoder.all_bytes());
  EXPECT_TRUE(entry.has_value());
  TsReader first;
  std::vector<std::uint16_t> pids;
  auto begin = decoder.all_bytes();
  begin.resize(20 * kTsPacketBytes);
  const auto first_entry = first.push(begin, [&](const TsPacket& packet) { pids.push_back(packet.pid); });
  ASSERT_GE(pids.size(), 3u);
  EXPECT_EQ(pids[0], kPatPid);
  EXPECT_EQ(pids[2], first.tables().video()->pid);
  ASSERT_TRUE(first_entry.has_value());
  EXPECT_EQ(first_entry->offset, 2 * kTsPacketBytes);

  // Nothing is lost or doubled where the replay ends and live begins.
  TsReader whole;
  TsMonitor monitor(monotonic_now());
  ASSERT_TRUE(room.wait_for([&, n = decoder.chunks.size()] { return decoder.chunks.size() > n + 50; }));
  for (const auto& received : decoder.chunks)
    whole.push(received.bytes, [&](const TsPacket& p) { monitor.packet(p, whole.tables(), received.chunk.arrival); });
  // ffmpeg's PAT and PMT packets of the replay's head may jump; nothing else does.
  EXPECT_LE(monitor.health(whole, monotonic_now()).continuity_errors, 2u);
  EXPECT_TRUE(std::is_sorted(decoder.chunks.begin(), decoder.chunks.end(),
                             [](const auto& a, const auto& b) { return a.chunk.arrival < b.chunk.arrival; }));
}

TEST(DecodeSenderTest, ADecoderThatComesAgainGetsItAgain) {
  Room room;
  SteadySender camera(room.port(), "cam1");
  ASSERT_TRUE(room.becomes("cam1", "live"));
  {
    Decoder decoder(room, "cam1");
    ASSERT_TRUE(room.wait_for([&] { return decoder.chunks.size() > 3; }));
  }
  Decoder decoder(room, "cam1");
  ASSERT_TRUE(room.wait_for([&] { return decoder.chunks.size() > 3; }));
  EXPECT_TRUE(decoder.chunks.front().chunk.replayed);
  EXPECT_EQ(TsReader().push(decoder.all_bytes()).has_value(), true);
}

// A feed by hand into the sender, so that 24 MiB come at once.
struct Slow {
  ScratchDir scratch;
  RunDir run_dir = *RunDir::open(scratch.path());
  asio::io_context io;
  std::shared_ptr<Link> link;
  std::unique_ptr<LinkListener> listener = std::move(*LinkListener::open(
      io, run_dir.socket_path(socket_name::decode_media("cam1")), {}, [this](auto l) { link = l; }));
  TsReader reader;
  ReplayRing ring;
  DecodeSender sender{io, run_dir.socket_path(socket_name::decode_media("cam1")), "cam1", ring};
  TsBuilder builder;
  Nanoseconds now = seconds(100);

  void push(Bytes bytes) {
    now += milliseconds(1);
    const auto entry = reader.push(bytes);
    const TsChunk chunk{now, 7, share(std::move(bytes))};
    ring.push(chunk, entry);
    sender.live(chunk, entry.has_value());
  }
  template <typename Predicate>
  bool wait_for(Predicate predicate) {
    const auto deadline = monotonic_now() + seconds(30);
    while (!predicate() && monotonic_now() < deadline) {
      io.restart();
      io.run_for(milliseconds(5));
    }
    return predicate();
  }
};

TEST(DecodeSenderTest, ASlowDecoderLosesWholeSpansUpToAKeyFrame) {
  Slow feed;
  feed.sender.start();
  ASSERT_TRUE(feed.wait_for([&] { return feed.link && feed.sender.is_connected(); }));
  feed.push(feed.builder.tables().key_picture().sound().take());
  for (int i = 0; i < 500; ++i)
    feed.builder.sound();
  const auto filler = feed.builder.take();
  while (feed.sender.dropped_bytes() == 0)
    feed.push(filler);
  feed.push(feed.builder.key_picture().sound().take()); // still full: not resumed
  const auto dropped = feed.sender.dropped_bytes();
  EXPECT_GE(dropped, filler.size() + 2 * kTsPacketBytes);

  Bytes got;
  feed.link->start(
      [&](std::uint16_t type, ByteView payload, UniqueFd) -> Result<void> {
        if (type != feed_link::kChunk) return {};
        const auto bytes = feed_link::decode_chunk(payload)->bytes;
        got.insert(got.end(), bytes.begin(), bytes.end());
        return {};
      },
      [](const Error&) {});
  ASSERT_TRUE(feed.wait_for([&] { return got.size() > DecodeSender::kMaxQueuedBytes - (1u << 20); }));
  feed.push(feed.builder.other_picture().sound().take());
  EXPECT_GT(feed.sender.dropped_bytes(), dropped) << "a picture without its key frame is of no use";
  const auto key = feed.builder.key_picture().sound().take();
  feed.push(key);
  auto expected = TsBuilder().tables().take();
  expected.insert(expected.end(), key.begin(), key.end());
  const auto resumed = [&] {
    return got.size() >= expected.size() && std::equal(expected.rbegin(), expected.rend(), got.rbegin());
  };
  EXPECT_TRUE(feed.wait_for(resumed)) << "tables and key frame come last, behind all that was queued";
}

} // namespace
} // namespace pult::ingest
