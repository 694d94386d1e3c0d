// How a feed lives: silence, loss, takeover, return, restart, with real senders.
#include "support.hpp"

namespace pult::ingest {
namespace {

using namespace test;
using testing::HasSubstr;

TEST(SenderTest, ASilentSenderIsStaleThenLostThenBack) {
  Room room;
  SteadySender sender(room.port(), "cam1");
  ASSERT_TRUE(room.becomes("cam1", "live"));
  sender.pause(true);
  const auto paused = monotonic_now();
  ASSERT_TRUE(room.becomes("cam1", "stale", seconds(3)));
  EXPECT_LT(monotonic_now() - paused, seconds(2)) << "700 ms after the latency ran empty";
  EXPECT_THAT(room.text("cam1", "verdict"), HasSubstr("connected but silent"));
  ASSERT_TRUE(room.becomes("cam1", "lost", seconds(7)));
  EXPECT_FALSE(sender.sender().closed_by_peer());
  sender.pause(false);
  ASSERT_TRUE(room.becomes("cam1", "live", seconds(2)));
  EXPECT_TRUE(room.tells("feed-back"));
}

TEST(SenderTest, AClosedSenderIsLostWithinASecond) {
  Room room;
  {
    SteadySender sender(room.port(), "cam1");
    ASSERT_TRUE(room.becomes("cam1", "live"));
  }
  EXPECT_TRUE(room.becomes("cam1", "lost", seconds(2)));
  EXPECT_THAT(room.text("cam1", "verdict"), HasSubstr("the sender is gone"));
}

TEST(SenderTest, ASecondSenderBesideALiveOneIsBusy) {
  Room room;
  SteadySender first(room.port(), "cam1");
  ASSERT_TRUE(room.becomes("cam1", "live"));
  const Sender second(room.port(), "cam1", kKey);
  EXPECT_EQ(second.reason(), 1409);
  ASSERT_TRUE(room.tells("feed-refused"));
  EXPECT_EQ(room.event("feed-refused").at("code").as_int64(), 1409);
  EXPECT_EQ(room.state("cam1"), "live");
  EXPECT_FALSE(first.sender().closed_by_peer());
}

TEST(SenderTest, ASilentSenderIsTakenOverAtOnce) {
  Room room;
  SteadySender first(room.port(), "cam1");
  ASSERT_TRUE(room.becomes("cam1", "live"));
  const auto old_connection = room.feed("cam1").at("connection");
  first.pause(true);
  ASSERT_TRUE(room.becomes("cam1", "stale"));
  SteadySender second(room.port(), "cam1");
  ASSERT_TRUE(second.sender().connected());
  ASSERT_TRUE(room.tells("feed-takeover"));
  EXPECT_TRUE(room.becomes("cam1", "live", seconds(2)));
  EXPECT_TRUE(room.wait_for([&] { return first.sender().closed_by_peer(); }));
  EXPECT_NE(room.feed("cam1").at("connection"), old_connection);
}

TEST(SenderTest, AWrongKeyTakesNothingOver) {
  Room room;
  SteadySender first(room.port(), "newest");
  ASSERT_TRUE(room.becomes("newest", "live"));
  const Sender thief(room.port(), "newest", kOtherKey);
  EXPECT_EQ(thief.reason(), SRT_REJ_BADSECRET);
  ASSERT_TRUE(room.tells("feed-refused"));
  EXPECT_FALSE(first.sender().closed_by_peer());
  EXPECT_EQ(room.feed("newest").at("takeovers").as_uint64(), 0u);
}

TEST(SenderTest, NewestReplacesALiveOneButDoesNotFlap) {
  Room room;
  SteadySender first(room.port(), "newest");
  ASSERT_TRUE(room.becomes("newest", "live"));
  SteadySender second(room.port(), "newest");
  ASSERT_TRUE(room.tells("feed-takeover"));
  EXPECT_TRUE(room.wait_for([&] { return first.sender().closed_by_peer(); }));
  const Sender again(room.port(), "newest", kKey); // the first one redials
  EXPECT_EQ(again.reason(), 1409);
}

TEST(SenderTest, FirstComeKeepsTheSeatEvenSilent) {
  Room room;
  SteadySender first(room.port(), "first");
  ASSERT_TRUE(room.becomes("first", "live"));
  first.pause(true);
  ASSERT_TRUE(room.becomes("first", "stale"));
  const Sender second(room.port(), "first", kKey);
  EXPECT_EQ(second.reason(), 1409);
}

TEST(SenderTest, GarbageIsNoTransportStream) {
  Room room;
  SrtSocket socket(srt_create_socket());
  ASSERT_TRUE(set_text_option(socket.get(), SRTO_STREAMID, "free", "streamid"));
  const auto to = *numeric_address("127.0.0.1", room.port());
  ASSERT_NE(srt_connect(socket.get(), to.get(), to.length), SRT_ERROR);
  const std::string garbage(1316, 'x');
  const auto verdict = [&] {
    srt_send(socket.get(), garbage.data(), static_cast<int>(garbage.size()));
    return room.text("free", "verdict");
  };
  EXPECT_TRUE(room.wait_for([&] { return verdict().find("no valid transport stream") == 0; }));
  EXPECT_EQ(room.state("free"), "live");
}

TEST(SenderTest, ARestartLeavesASoundConnectionAndTheSecondEndsIt) {
  Room room;
  SteadySender sender(room.port(), "cam1");
  ASSERT_TRUE(room.becomes("cam1", "live"));
  ASSERT_TRUE(room.wait_for([&] { return room.feed("cam1").at("ts").at("pmt").as_bool(); }));
  const json::object restart{{"command", "restart-feed"}, {"feed", "cam1"}};
  room.ingest->command(restart);
  ASSERT_TRUE(room.tells("feed-restart"));
  EXPECT_FALSE(room.wait_for([&] { return sender.sender().closed_by_peer(); }, milliseconds(300)));
  room.ingest->command(restart);
  EXPECT_TRUE(room.wait_for([&] { return sender.sender().closed_by_peer(); }, seconds(5)));
  EXPECT_TRUE(room.becomes("cam1", "lost", seconds(5)));
}

TEST(SenderTest, ARestartEndsASilentConnection) {
  Room room;
  SteadySender sender(room.port(), "cam1");
  ASSERT_TRUE(room.becomes("cam1", "live"));
  sender.pause(true);
  ASSERT_TRUE(room.becomes("cam1", "stale"));
  room.ingest->command({{"command", "restart-feed"}, {"feed", "cam1"}});
  EXPECT_TRUE(room.wait_for([&] { return sender.sender().closed_by_peer(); }, seconds(5)));
}

TEST(SenderTest, AnEndingIngestTellsItsSendersAtOnceAndItsSuccessorTakesThem) {
  Room room;
  room.config.srt_listen.port = room.port();
  SteadySender sender(room.port(), "cam1");
  ASSERT_TRUE(room.becomes("cam1", "live"));
  const auto connection = room.feed("cam1").at("connection");
  const auto begun = monotonic_now();
  room.ingest->stop();
  EXPECT_LT(monotonic_now() - begun, seconds(1));
  EXPECT_TRUE(room.wait_for([&] { return sender.sender().closed_by_peer(); }, seconds(1)));
  room.ingest.reset();
  room.open();
  const int port = room.port();
  SteadySender again(port, "cam1");
  ASSERT_TRUE(again.sender().connected());
  EXPECT_TRUE(room.becomes("cam1", "live", seconds(2)));
  EXPECT_NE(room.feed("cam1").at("connection"), connection);
}

TEST(SenderTest, RealFfmpegIsHealthyAndAKilledOneIsTakenOver) {
  ASSERT_TRUE(std::filesystem::exists(kRealFile)) << "package forensics-samples-files";
  Room room;
  const int port = room.port();
  Decoder decoder(room, "cam1");
  Process first(ffmpeg_sender(port, "%23!::r=cam1,m=publish", kKey));
  ASSERT_TRUE(room.becomes("cam1", "live")) << json::serialize(room.ingest->report());
  ASSERT_TRUE(room.wait_for([&] { return room.text("cam1", "verdict") == "good"; }))
      << json::serialize(room.feed("cam1"));
  const auto feed = room.feed("cam1");
  EXPECT_EQ(feed.at("ts").at("video").as_string(), "H.264");
  EXPECT_EQ(feed.at("ts").at("sound").as_string(), "AAC");
  EXPECT_TRUE(feed.at("encrypted").as_bool());
  EXPECT_TRUE(room.wait_for([&] { return room.feed("cam1").at("kbps").as_int64() > 1000; }));
  EXPECT_EQ(room.feed("cam1").at("ts").at("continuity_errors").as_uint64(), 0u);
  EXPECT_NEAR(static_cast<double>(room.feed("cam1").at("ts").at("key_frame_interval_ms").as_int64()), 400, 150);

  first.signal(SIGKILL);
  const auto killed = monotonic_now();
  ASSERT_TRUE(room.becomes("cam1", "stale", seconds(3)));
  EXPECT_LT(monotonic_now() - killed, seconds(2));
  Process second(ffmpeg_sender(port, "cam1", kKey));
  ASSERT_TRUE(room.becomes("cam1", "live", seconds(4))) << json::serialize(room.ingest->report());
  EXPECT_LT(monotonic_now() - killed, seconds(5)) << "before libsrt noticed by itself";
  EXPECT_TRUE(room.tells("feed-takeover"));
  ASSERT_TRUE(
      room.wait_for([&] { return decoder.chunks.back().chunk.connection != decoder.chunks.front().chunk.connection; }));
}

TEST(SenderTest, RealSrtsinkIsHealthyAndRedialsByItself) {
  ASSERT_TRUE(std::filesystem::exists(kRealFile)) << "package forensics-samples-files";
  Room room;
  room.config.srt_listen.port = room.port();
  Decoder decoder(room, "cam1");
  const auto sink = "uri=srt://127.0.0.1:" + std::to_string(room.port());
  const Process camera({"gst-launch-1.0", "-q", "filesrc", std::string("location=") + kRealFile, "!", "qtdemux", "!",
                        "h264parse", "config-interval=-1", "!", "mpegtsmux", "alignment=7", "!", "srtsink", sink,
                        "streamid=#!::r=cam1,m=publish", std::string("passphrase=") + kKey, "sync=true"});
  ASSERT_TRUE(room.becomes("cam1", "live")) << json::serialize(room.ingest->report());
  ASSERT_TRUE(room.wait_for([&] { return room.text("cam1", "verdict") == "good; no sound"; }))
      << json::serialize(room.feed("cam1"));
  room.ingest.reset();
  room.open();
  EXPECT_TRUE(room.becomes("cam1", "live", seconds(4))) << json::serialize(room.ingest->report());
}

} // namespace
} // namespace pult::ingest
