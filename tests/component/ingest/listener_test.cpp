// Who is let in: real libsrt callers against the real port.
#include "support.hpp"

namespace pult::ingest {
namespace {

using namespace test;
using testing::HasSubstr;

TEST(ListenerTest, AWrongKeyStandsInTheFeedsVerdict) {
  Room room;
  const Sender sender(room.port(), "cam1", kOtherKey);
  ASSERT_TRUE(room.tells("feed-refused", seconds(2)));
  EXPECT_THAT(room.text("cam1", "verdict"), HasSubstr("wrong passphrase"));
  EXPECT_EQ(room.feed("cam1").at("refused").as_uint64(), 1u);
}

class AcceptedTest : public testing::TestWithParam<std::pair<const char*, const char*>> {};

TEST_P(AcceptedTest, IsRoutedToItsFeed) {
  Room room;
  const auto& [stream_id, feed] = GetParam();
  SteadySender sender(room.port(), stream_id, feed == std::string("free") ? "" : kKey);
  ASSERT_TRUE(sender.sender().connected()) << sender.sender().reason();
  EXPECT_TRUE(room.becomes(feed, "live", seconds(5))) << json::serialize(room.ingest->report());
  EXPECT_EQ(room.feed(feed).at("encrypted").as_bool(), feed != std::string("free"));
}

INSTANTIATE_TEST_SUITE_P(Ids, AcceptedTest,
                         testing::Values(std::pair{"#!::r=cam1,m=publish", "cam1"}, std::pair{"#!::r=cam1", "cam1"},
                                         std::pair{"cam1", "cam1"}, std::pair{"%23!::r=cam1,m=publish", "cam1"},
                                         std::pair{"free", "free"}));

TEST(ListenerTest, EachFeedHasItsOwnLatency) {
  Room room;
  SteadySender slow(room.port(), "slow");
  SteadySender quick(room.port(), "cam1");
  ASSERT_TRUE(room.becomes("slow", "live"));
  ASSERT_TRUE(room.becomes("cam1", "live"));
  ASSERT_TRUE(room.wait_for([&] { return room.feed("slow").at("latency_ms").as_int64() == 1000; }));
  ASSERT_TRUE(room.wait_for([&] { return room.feed("cam1").at("latency_ms").as_int64() == 120; }));
}

TEST(ListenerTest, ABoxWithAFixedIdIsMatched) {
  auto config = room_config();
  config.feeds[2].match_key = "bmd_name";
  config.feeds[2].match_value = "Stage Left";
  Room room(config);
  SteadySender sender(room.port(), "#!::bmd_uuid=0f-11,bmd_name=Stage%20Left");
  ASSERT_TRUE(sender.sender().connected());
  EXPECT_TRUE(room.becomes("slow", "live"));
}

TEST(ListenerTest, ASenderWithForwardErrorCorrectionIsLetIn) {
  Room room;
  SrtSocket socket(srt_create_socket());
  ASSERT_TRUE(set_text_option(socket.get(), SRTO_STREAMID, "free", "streamid"));
  ASSERT_TRUE(set_text_option(socket.get(), SRTO_PACKETFILTER, "fec,cols:10,rows:5", "packetfilter"));
  const auto to = *numeric_address("127.0.0.1", room.port());
  ASSERT_NE(srt_connect(socket.get(), to.get(), to.length), SRT_ERROR)
      << reject_reason_text(srt_getrejectreason(socket.get()));
  TsBuilder builder;
  const auto send = [&] {
    const auto bytes = builder.tables().key_picture().sound().take();
    srt_send(socket.get(), reinterpret_cast<const char*>(bytes.data()), static_cast<int>(bytes.size()));
    return room.state("free") == "live";
  };
  EXPECT_TRUE(room.wait_for(send));
}

TEST(ListenerTest, APortOfItsOwnNeedsNoId) {
  auto config = room_config();
  const int port = free_port();
  config.feeds[0].port = port;
  Room room(config, port);
  EXPECT_EQ(room.port(), port);
  SteadySender sender(port, "");
  ASSERT_TRUE(sender.sender().connected()) << sender.sender().reason();
  EXPECT_TRUE(room.becomes("cam1", "live"));
  EXPECT_EQ(room.ingest->report().at("feeds").as_array().size(), 1u);
}

TEST(ListenerTest, ATakenPortIsToldAndTriedAgain) {
  auto holder = std::make_unique<PlainUdp>();
  auto config = room_config();
  config.srt_listen.port = holder->port;
  Room room(config);
  ASSERT_TRUE(room.tells("port-trouble"));
  EXPECT_THAT(room.text("cam1", "verdict"), HasSubstr("Address already in use"));
  holder.reset();
  EXPECT_EQ(room.port(), config.srt_listen.port);
  const SteadySender sender(config.srt_listen.port, "cam1");
  EXPECT_TRUE(room.becomes("cam1", "live"));
}

TEST(ListenerTest, GuessingIsStoppedAndDisturbsNobody) {
  Room room;
  const int port = room.port();
  SteadySender camera(port, "cam1");
  ASSERT_TRUE(room.becomes("cam1", "live"));
  std::atomic<int> wrong = 0;
  std::atomic<int> over = 0;
  {
    std::vector<std::jthread> guessers(8);
    for (auto& guesser : guessers)
      guesser = std::jthread([&] {
        for (int i = 0; i < 10; ++i)
          (Sender(port, "slow", kOtherKey).reason() == 1401 ? over : wrong) += 1;
      });
    EXPECT_TRUE(room.wait_for([&] { return wrong + over == 80; }, seconds(30)));
  }
  EXPECT_GE(wrong, 20);
  EXPECT_GE(over, 1);
  EXPECT_EQ(room.state("cam1"), "live");
  SteadySender other(port, "newest"); // same address, another feed
  EXPECT_TRUE(other.sender().connected());
  EXPECT_TRUE(room.wait_for([&] { return room.ingest->report().at("refused").as_uint64() == 80; }));
  const auto lines = std::count_if(room.events.begin(), room.events.end(),
                                   [](const auto& e) { return e.at("kind").as_string() == "feed-refused"; });
  EXPECT_LE(lines, 3) << "counted, not told one by one";
}

} // namespace
} // namespace pult::ingest
