// The real pult-cam against a real libsrt listener: what it sends, and how it behaves when it is refused, lost or
// ended.
#include "program.hpp"
#include "srt_receiver.hpp"
#include "temporary_folder.hpp"
#include "ts_reading.hpp"
#include "wait.hpp"

#include <gmock/gmock.h>

#include <cmath>
#include <csignal>
#include <memory>
#include <optional>

namespace pult::cam::test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

// A loop of 2 s is made in no time, and its seam comes by every 2 s.
constexpr int kPerLoop = 50;
constexpr int kFps = 25;

class Camera : public testing::Test {
 protected:
  std::unique_ptr<Program> start(const std::string& url, std::vector<std::string> more = {},
                                 std::vector<std::string> environment = {}) {
    std::vector<std::string> arguments{url, "--size", "320x180", "--loop", "2"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    environment.push_back("XDG_CACHE_HOME=" + cache_.path().string());
    return std::make_unique<Program>(arguments, environment);
  }

  std::vector<Payload> receive(SrtReceiver& receiver, std::chrono::milliseconds span,
                               std::vector<std::string> more = {}) {
    const auto camera = start(receiver.url(), std::move(more));
    EXPECT_TRUE(receiver.waits_for_connection()) << camera->said();
    return receiver.receive(span);
  }

  TemporaryFolder cache_;
};

std::vector<uint8_t> joined(const std::vector<Payload>& payloads) {
  std::vector<uint8_t> all;
  for (const auto& payload : payloads)
    all.insert(all.end(), payload.bytes.begin(), payload.bytes.end());
  return all;
}

void expect_steps(const std::vector<ReadPacket>& packets, int64_t step) {
  for (size_t i = 1; i < packets.size(); ++i)
    ASSERT_EQ(packets[i].dts - packets[i - 1].dts, step) << "packet " << i;
}

TEST_F(Camera, SendsPicturesThatCountUpOverTheLoopsSeam) {
  SrtReceiver receiver;
  const auto payloads = receive(receiver, 5s);
  EXPECT_EQ(receiver.stream_id(), "#!::r=cam1,m=publish");
  const auto reading = read_transport_stream(joined(payloads));
  ASSERT_GE(reading.decoded.size(), 100U);
  expect_steps(reading.pictures, 3600);
  expect_steps(reading.sounds, 1920);
  for (size_t i = 0; i < reading.decoded.size(); ++i) {
    const auto number = wall_code::read_number(reading.decoded[i].view());
    ASSERT_TRUE(number) << "picture " << i;
    ASSERT_EQ(*number, reading.decoded[i].pts / 3600 % kPerLoop) << "pts keep the phase of the wall clock";
    ASSERT_EQ(reading.pictures[i].key, *number % kFps == 0);
  }
}

TEST_F(Camera, BeepsInStepWithTheFlash) {
  SrtReceiver receiver;
  const auto reading = read_transport_stream(joined(receive(receiver, 5s)));
  std::vector<double> flashes;
  for (const auto& picture : reading.decoded) {
    const auto number = wall_code::read_number(picture.view());
    ASSERT_TRUE(number);
    ASSERT_EQ(wall_code::read_flash(picture.view()), *number % kFps < wall_code::kFlashPictures) << *number;
    if (*number % kFps == 0) flashes.push_back(static_cast<double>(picture.pts));
  }
  const auto beeps = reading.beep_starts();
  const double end = static_cast<double>(reading.left_pts) + reading.left.size() * 90000.0 / reading.sample_rate;
  int compared = 0;
  for (const double flash : flashes) {
    if (flash < reading.left_pts + 9000 || flash + 9000 > end) continue; // too near to the recording's ends
    const auto apart = [flash](double beep) { return std::abs(beep - flash); };
    ASSERT_FALSE(beeps.empty());
    EXPECT_LT(
        apart(*std::min_element(beeps.begin(), beeps.end(), [&](double a, double b) { return apart(a) < apart(b); })),
        90)
        << "1 ms; a frame of sound is 21 ms";
    ++compared;
  }
  EXPECT_GE(compared, 3);
}

TEST_F(Camera, IsOnTimeByTheWallClock) {
  SrtReceiver receiver;
  const auto payloads = receive(receiver, 1s);
  const auto reading = read_transport_stream(joined(payloads));
  ASSERT_FALSE(reading.pictures.empty());
  const auto since_minute = payloads.front().arrived % std::chrono::minutes{1};
  const auto said = std::chrono::milliseconds{reading.pictures.front().pts / 90 % 60'000};
  const auto late = (since_minute - said + 1min) % 1min;
  EXPECT_LT(late, 2s) << "never early, and late by the latency and the machine's load only";
}

TEST_F(Camera, SendsWholeTransportPacketsWithTablesFirstAndClockOften) {
  SrtReceiver receiver;
  const auto payloads = receive(receiver, 2s);
  for (const auto& payload : payloads) {
    ASSERT_EQ(payload.bytes.size() % 188, 0U);
    ASSERT_LE(payload.bytes.size(), 1316U);
  }
  const auto bytes = joined(payloads);
  std::optional<int64_t> last_clock;
  int clocks = 0;
  for (size_t at = 0; at < bytes.size(); at += 188) {
    ASSERT_EQ(bytes[at], 0x47);
    const int pid = (bytes[at + 1] & 0x1F) << 8 | bytes[at + 2];
    if (at == 0) {
      EXPECT_TRUE(pid == 0 || pid == 17) << "PAT or SDT";
    }
    // ISO/IEC 13818-1 2.4.3.4: adaptation field with PCR_flag
    if (!(bytes[at + 3] & 0x20) || bytes[at + 4] == 0 || !(bytes[at + 5] & 0x10)) continue;
    const int64_t clock = int64_t{bytes[at + 6]} << 25 | bytes[at + 7] << 17 | bytes[at + 8] << 9 | bytes[at + 9] << 1;
    ASSERT_LE(clock - last_clock.value_or(clock), 9000) << "2.7.2: at least each 100 ms";
    last_clock = clock;
    ++clocks;
  }
  EXPECT_GE(clocks, 15);
}

TEST_F(Camera, ShowsItsCodeAtLowBitRateAndScaledToAQuarter) {
  SrtReceiver receiver;
  const auto reading = read_transport_stream(
      joined(receive(receiver, 1500ms, {"--size", "1280x720", "--loop", "1", "--kbps", "200", "--bframes", "2"})));
  ASSERT_GE(reading.decoded.size(), 25U);
  for (size_t i = 0; i < reading.decoded.size(); ++i) {
    ASSERT_EQ(wall_code::read_number(reading.decoded[i].scaled(320, 180).view()), reading.decoded[i].pts / 3600 % kFps)
        << i;
    ASSERT_EQ(reading.decoded[i].pts - reading.decoded[0].pts, static_cast<int64_t>(i) * 3600);
  }
  expect_steps(reading.pictures, 3600);
}

TEST_F(Camera, SendsEncryptedAndHidesThePassphrase) {
  SrtReceiver receiver({.passphrase = "correct horse battery"});
  const auto camera = start(receiver.url("&passphrase=correct%20horse%20battery"));
  ASSERT_TRUE(receiver.waits_for_connection()) << camera->said();
  EXPECT_FALSE(receiver.receive(100ms).empty());
  EXPECT_THAT(camera->command_line(), Not(HasSubstr("horse")));
  EXPECT_THAT(camera->said(), Not(HasSubstr("horse")));
}

TEST_F(Camera, SaysThatThePassphraseIsWrong) {
  SrtReceiver receiver({.passphrase = "correct horse battery"});
  const auto camera = start(receiver.url(), {}, {"PULT_CAM_PASSPHRASE=quite another one"});
  EXPECT_TRUE(camera->waits_to_say("refused: wrong passphrase (code 10)")) << camera->said();
  camera->signal(SIGTERM);
  EXPECT_EQ(camera->wait(), 0);
}

TEST_F(Camera, SaysWhyItIsRefused) {
  SrtReceiver receiver({.reject_code = 1404});
  const auto camera = start(receiver.url());
  EXPECT_TRUE(camera->waits_to_say("refused: no such feed (code 1404)")) << camera->said();
}

TEST_F(Camera, RedialsWhenItIsLost) {
  auto receiver = std::make_unique<SrtReceiver>();
  const int port = receiver->port();
  const auto camera = start(receiver->url());
  ASSERT_TRUE(receiver->waits_for_connection()) << camera->said();
  ASSERT_FALSE(receiver->receive(100ms).empty());
  receiver.reset();
  EXPECT_TRUE(camera->waits_to_say("lost, redialling")) << camera->said();
  SrtReceiver again({.port = port});
  ASSERT_TRUE(again.waits_for_connection()) << camera->said();
  const auto reading = read_transport_stream(joined(again.receive(500ms)));
  ASSERT_FALSE(reading.pictures.empty());
  EXPECT_TRUE(reading.pictures.front().key);
}

// 2 s of picture and sound that no multiple of frames fills: the seam comes by again and again.
TEST_F(Camera, SendsAFileOverItsSeamAndAfterARedial) {
  const auto file = cache_.path() / "talk.mp4";
  const auto make = "ffmpeg -nostdin -v error -f lavfi -i testsrc=size=320x180:rate=25:duration=2 -f lavfi -i "
                    "sine=440:duration=2:sample_rate=48000 -c:v libx264 -bf 0 -g 25 -c:a aac " +
                    file.string();
  ASSERT_EQ(std::system(make.c_str()), 0);
  auto receiver = std::make_unique<SrtReceiver>();
  const int port = receiver->port();
  const auto camera = start(receiver->url(), {"--file", file.string(), "--name", "Vortrag"});
  for (const int connection : {1, 2}) {
    ASSERT_TRUE(receiver->waits_for_connection()) << camera->said();
    const auto reading = read_transport_stream(joined(receiver->receive(5s)));
    ASSERT_GE(reading.decoded.size(), 100U) << "connection " << connection;
    EXPECT_TRUE(reading.pictures.front().key);
    expect_steps(reading.pictures, 3600);
    expect_steps(reading.sounds, 1920);
    receiver.reset();
    receiver = std::make_unique<SrtReceiver>(SrtReceiver::Rules{.port = port});
  }
  EXPECT_THAT(camera->said(), HasSubstr("pult-cam Vortrag: lost, redialling"));
}

TEST_F(Camera, EndsOnSignalsAndSaysGoodbye) {
  for (const int number : {SIGTERM, SIGINT}) {
    SrtReceiver receiver;
    const auto camera = start(receiver.url());
    ASSERT_TRUE(receiver.waits_for_connection()) << camera->said();
    camera->signal(number);
    EXPECT_EQ(camera->wait(), 0);
    EXPECT_TRUE(receiver.waits_for_end());
  }
}

TEST_F(Camera, EndsOnASignalWhileNobodyAnswers) {
  int silent_port = 0;
  {
    const SrtReceiver gone;
    silent_port = gone.port();
  }
  const auto camera = start("srt://127.0.0.1:" + std::to_string(silent_port));
  ASSERT_TRUE(camera->waits_to_say("no answer")) << camera->said();
  camera->signal(SIGTERM);
  EXPECT_EQ(camera->wait(), 0);
}

TEST_F(Camera, GoesOnAfterBeingStopped) {
  SrtReceiver receiver;
  const auto camera = start(receiver.url());
  ASSERT_TRUE(receiver.waits_for_connection()) << camera->said();
  auto payloads = receiver.receive(200ms);
  camera->signal(SIGSTOP);
  const auto stopped = std::chrono::steady_clock::now();
  wait_for([&] { return std::chrono::steady_clock::now() - stopped > 1500ms; });
  camera->signal(SIGCONT);
  for (auto& payload : receiver.receive(1500ms))
    payloads.push_back(std::move(payload));
  const auto reading = read_transport_stream(joined(payloads));
  // The past is not sent: after the hole comes the next key frame, at its own time.
  int holes = 0;
  for (size_t i = 1; i < reading.pictures.size(); ++i) {
    if (reading.pictures[i].dts - reading.pictures[i - 1].dts == 3600) continue;
    ++holes;
    EXPECT_TRUE(reading.pictures[i].key);
  }
  EXPECT_EQ(holes, 1);
}

TEST_F(Camera, RefusesWrongUsage) {
  Program camera({"srt://127.0.0.1:1", "--nmae", "x"});
  EXPECT_EQ(camera.wait(), 2);
  EXPECT_THAT(camera.said(), HasSubstr("--name"));
}

TEST_F(Camera, RefusesAFileThatIsNone) {
  Program camera({"srt://127.0.0.1:1", "--file", "/nonexistent.mp4"});
  EXPECT_EQ(camera.wait(), 1);
  EXPECT_THAT(camera.said(), HasSubstr("/nonexistent.mp4"));
}

} // namespace
} // namespace pult::cam::test
