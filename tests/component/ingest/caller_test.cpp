// Caller mode: the encoder listens and we dial it.
#include "support.hpp"

namespace pult::ingest {
namespace {

using namespace test;
using testing::HasSubstr;

// An encoder that listens on a port of the system's choice and sends to whoever dials.
class ListeningEncoder {
 public:
  explicit ListeningEncoder(const std::string& key, int at_port = 0) {
    use_srt();
    socket_.reset(srt_create_socket());
    EXPECT_TRUE(set_text_option(socket_.get(), SRTO_PASSPHRASE, key, "passphrase"));
    EXPECT_TRUE(set_option(socket_.get(), SRTO_RCVSYN, false, "rcvsyn"));
    const auto any = *numeric_address("127.0.0.1", at_port);
    EXPECT_NE(srt_bind(socket_.get(), any.get(), any.length), SRT_ERROR);
    EXPECT_NE(srt_listen(socket_.get(), 1), SRT_ERROR);
    thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
  }

  [[nodiscard]] int port() const {
    PeerAddress bound;
    bound.length = sizeof bound.storage;
    srt_getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&bound.storage), &bound.length);
    return bound.port();
  }

 private:
  void run(const std::stop_token& stop) {
    TsBuilder builder;
    SrtSocket peer;
    while (!stop.stop_requested()) {
      if (!peer) peer.reset(srt_accept(socket_.get(), nullptr, nullptr));
      const auto bytes = builder.tables().key_picture().sound().take();
      if (peer) srt_send(peer.get(), reinterpret_cast<const char*>(bytes.data()), static_cast<int>(bytes.size()));
      std::this_thread::sleep_for(milliseconds(20)); // the encoder's pace
    }
  }
  SrtSocket socket_;
  std::jthread thread_;
};

RoomConfig dialling(int port) {
  auto config = room_config();
  config.feeds[0].url = "srt://127.0.0.1:" + std::to_string(port) + "?latency=300&passphrase=not-this-one";
  return config;
}

TEST(CallerTest, DialsAListeningEncoderAndComesBack) {
  auto encoder = std::make_unique<ListeningEncoder>(kKey);
  const int port = encoder->port();
  Room room(dialling(port));
  ASSERT_TRUE(room.becomes("cam1", "live")) << json::serialize(room.ingest->report());
  EXPECT_TRUE(room.wait_for([&] { return room.feed("cam1").at("latency_ms").as_int64() == 300; }));
  encoder.reset();
  ASSERT_TRUE(room.becomes("cam1", "lost", seconds(3)));
  ListeningEncoder again(kKey, port);
  EXPECT_TRUE(room.becomes("cam1", "live", seconds(8)));
}

TEST(CallerTest, RealFfmpegThatListensIsDialledAgainAfterEachOfItsEnds) {
  ASSERT_TRUE(std::filesystem::exists(kRealFile)) << "package forensics-samples-files";
  const int port = free_port();
  Room room(dialling(port));
  const auto url = "srt://127.0.0.1:" + std::to_string(port) + "?mode=listener&pkt_size=1316&passphrase=" + kKey;
  for (int round = 0; round < 2; ++round) {
    Process encoder({"ffmpeg", "-hide_banner", "-loglevel", "fatal", "-nostdin", "-re", "-stream_loop", "-1", "-i",
                     kRealFile, "-c", "copy", "-f", "mpegts", url});
    ASSERT_TRUE(room.becomes("cam1", "live", seconds(30))) << json::serialize(room.ingest->report());
    EXPECT_TRUE(room.feed("cam1").at("encrypted").as_bool());
    encoder.signal(SIGKILL);
    (void)encoder.wait();
    ASSERT_TRUE(room.becomes("cam1", "lost", seconds(15)));
  }
}

TEST(CallerTest, SaysWhyItIsRefused) {
  const ListeningEncoder encoder(kOtherKey);
  Room room(dialling(encoder.port()));
  ASSERT_TRUE(room.tells("feed-dial"));
  EXPECT_THAT(room.text("cam1", "verdict"), HasSubstr("wrong passphrase"));
  EXPECT_THAT(room.text("cam1", "verdict"), testing::Not(HasSubstr("not-this-one")));
}

TEST(CallerTest, ARestartDialsAtOnce) {
  auto config = dialling(free_port());
  Room room(config);
  const auto says = [&](const char* text) { return room.text("cam1", "verdict").find(text) != std::string::npos; };
  // Each attempt takes libsrt 3 s.
  ASSERT_TRUE(room.wait_for([&] { return says("again in 1.0 s"); }, seconds(20))) << room.text("cam1", "verdict");
  room.ingest->command({{"command", "restart-feed"}, {"feed", "cam1"}});
  ASSERT_TRUE(room.tells("feed-restart"));
  EXPECT_TRUE(room.wait_for([&] { return says("again in 0.5 s"); }, seconds(20))) << "the pause begins anew";
}

TEST(CallerTest, NobodyThere) {
  int port = 0;
  {
    const ListeningEncoder encoder(kKey);
    port = encoder.port();
  }
  Room room(dialling(port));
  ASSERT_TRUE(room.tells("feed-dial"));
  EXPECT_THAT(room.text("cam1", "verdict"), HasSubstr("no answer"));
  EXPECT_EQ(room.state("cam1"), "waiting");
}

} // namespace
} // namespace pult::ingest
