// pult-ingest as a program: starts from a config, ends by SIGTERM, comes back.
#include "support.hpp"

#include <fstream>
#include <sys/stat.h>

namespace pult::ingest {
namespace {

using namespace test;

struct ProgramRoom {
  ScratchDir scratch;
  int port = free_port();
  std::string config = (scratch.path() / "room.toml").string();

  ProgramRoom() {
    std::ofstream(config) << "[room]\nname = \"t\"\nrun_dir = \"run\"\n[srt]\nlisten = \"127.0.0.1:" << port
                          << "\"\n[[feed]]\nname = \"cam1\"\npassphrase = \"" << kKey
                          << "\"\n[[scene]]\nname = \"stage\"\nlayout = \"full\"\nfeeds = [\"cam1\"]\n";
    ::chmod(config.c_str(), 0600);
  }
  [[nodiscard]] std::vector<std::string> arguments() const { return {PULT_INGEST_PROGRAM, "--config", config}; }
  // Dials until the program listens.
  [[nodiscard]] std::unique_ptr<SteadySender> dial() const {
    const auto deadline = monotonic_now() + seconds(30);
    while (monotonic_now() < deadline) {
      auto sender = std::make_unique<SteadySender>(port, "cam1");
      if (sender->sender().connected()) return sender;
    }
    return nullptr;
  }
};

template <typename Predicate>
bool wait_until(Predicate predicate, Nanoseconds limit) {
  const auto deadline = monotonic_now() + limit * pult::test::kSlowness;
  while (!predicate()) {
    if (monotonic_now() > deadline) return false;
    std::this_thread::sleep_for(milliseconds(2));
  }
  return true;
}

TEST(ProgramTest, SigtermClosesTheSendersAtOnceAndEndsWithZero) {
  const ProgramRoom room;
  Process program(room.arguments());
  const auto sender = room.dial();
  ASSERT_NE(sender, nullptr);
  // libsrt connects a sender before ingest has accepted it: another one is refused as busy once the seat is taken.
  ASSERT_TRUE(wait_until([&] { return Sender(room.port, "cam1", kKey).reason() == 1409; }, seconds(10)));
  const auto begun = monotonic_now();
  program.signal(SIGTERM);
  EXPECT_TRUE(wait_until([&] { return sender->sender().closed_by_peer(); }, seconds(1)));
  std::optional<int> code;
  ASSERT_TRUE(wait_until([&] { return (code = program.ended()).has_value(); }, seconds(3)));
  EXPECT_LT(monotonic_now() - begun, seconds(2) * pult::test::kSlowness);
  EXPECT_EQ(*code, 0);
}

TEST(ProgramTest, AfterAKillItsSuccessorListensAtTheSamePort) {
  const ProgramRoom room;
  Process first(room.arguments());
  ASSERT_NE(room.dial(), nullptr);
  first.signal(SIGKILL);
  EXPECT_EQ(first.wait(), 128 + SIGKILL);
  Process second(room.arguments());
  EXPECT_NE(room.dial(), nullptr);
}

TEST(ProgramTest, BeatsWhileItRuns) {
  const ProgramRoom room;
  Process program(room.arguments());
  ASSERT_NE(room.dial(), nullptr);
  auto run_dir = RunDir::open_existing(room.scratch.path() / "run");
  ASSERT_TRUE(run_dir.ok());
  auto beat = Heartbeat::open(*run_dir, "pult-ingest");
  ASSERT_TRUE(beat.ok());
  const auto last = beat->last();
  EXPECT_TRUE(wait_until([&] { return beat->last() > last; }, seconds(1)));
  program.signal(SIGSTOP);
  ASSERT_TRUE(wait_until([&] { return monotonic_now() - beat->last() > milliseconds(500); }, seconds(3)));
  program.signal(SIGCONT);
  EXPECT_TRUE(wait_until([&] { return monotonic_now() - beat->last() < milliseconds(200); }, seconds(1)));
}

TEST(ProgramTest, AFeedWithAPortOfItsOwnHasAProcessOfItsOwn) {
  ProgramRoom room;
  const int own = free_port();
  std::ofstream(room.config, std::ios::app)
      << "[[feed]]\nname = \"cam2\"\npassphrase = \"" << kOtherKey << "\"\nport = " << own << "\n";
  auto arguments = room.arguments();
  arguments.insert(arguments.end(), {"--port", std::to_string(own)});
  const Process shared(room.arguments());
  Process alone(arguments);
  const auto camera = room.dial();
  ASSERT_NE(camera, nullptr);
  std::unique_ptr<SteadySender> sender;
  const auto dialled = [&] {
    sender = std::make_unique<SteadySender>(own, "", kOtherKey);
    return sender->sender().connected();
  };
  ASSERT_TRUE(wait_until(dialled, seconds(10)));
  alone.signal(SIGKILL);
  EXPECT_EQ(alone.wait(), 128 + SIGKILL);
  EXPECT_FALSE(wait_until([&] { return camera->sender().closed_by_peer(); }, milliseconds(500)))
      << "the other port does not notice";
  const Process again(arguments);
  EXPECT_TRUE(wait_until(dialled, seconds(10)));
}

TEST(ProgramTest, WrongUsageAndWrongConfigHaveTheirCodes) {
  const ProgramRoom room;
  EXPECT_EQ(Process({PULT_INGEST_PROGRAM}).wait(), 2);
  std::ofstream(room.config) << "[srt]\nlistne = \"x\"\n";
  EXPECT_EQ(Process(room.arguments()).wait(), 78);
}

} // namespace
} // namespace pult::ingest
