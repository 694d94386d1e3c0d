// The program itself, as the room runs it: stopped, killed, asked to end.
#include "test_feed.hpp"
#include "test_packager.hpp"

#include "base/file.hpp"
#include "tests/support/slowness.hpp"

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace pult::transcode {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using testing::KeptPacket;
using testing::Received;
using testing::TestFeed;
using testing::TestPackager;

constexpr auto kRoom = R"(
[room]
data_dir = "data"
run_dir = "{0}"
[[feed]]
name = "cam1"
open = true
[[scene]]
name = "stage"
feeds = ["cam1"]
[program]
size = "320x180"
[[rendition]]
name = "180p"
size = "320x180"
video_kbps = 300
[[rendition]]
name = "90p"
size = "160x90"
video_kbps = 150
)";

class ProgramTest : public ::testing::Test {
 protected:
  void SetUp() override {
    char folder[] = "/dev/shm/pult-test-XXXXXX";
    ASSERT_NE(::mkdtemp(folder), nullptr);
    folder_ = folder;
    ASSERT_TRUE(write_file(folder_ + "/room.toml", fmt::format(kRoom, folder_)).ok());
    epoch_ = *RoomEpoch::open(folder_);
    packager_ = std::make_unique<TestPackager>(folder_ + "/packager.media.sock", std::vector<std::int64_t>{0, 0, 0});
  }
  void TearDown() override {
    if (pid_ > 0) {
      ::kill(pid_, SIGKILL);
      ::waitpid(pid_, nullptr, 0);
    }
    std::filesystem::remove_all(folder_);
  }
  void start() {
    std::string program = PULT_TRANSCODE;
    std::string option = "--config";
    std::string config = folder_ + "/room.toml";
    char* arguments[] = {program.data(), option.data(), config.data(), nullptr};
    ASSERT_EQ(::posix_spawn(&pid_, program.c_str(), nullptr, nullptr, arguments, environ), 0);
    started_ = Clock::now();
    feed_ = std::make_unique<TestFeed>(folder_ + "/transcode.media.sock", "cam1", epoch_, TestFeed::Content{});
  }
  static std::size_t pictures(const Received& received) {
    const auto found = received.tracks.find(0);
    return found == received.tracks.end() ? 0 : found->second.size();
  }
  void stop_for(std::chrono::milliseconds time) {
    ::kill(pid_, SIGSTOP);
    std::this_thread::sleep_for(time); // the fault itself, not a wait for something
    continued_ = Clock::now();         // before: on a busy machine the packet may be here when kill returns
    ::kill(pid_, SIGCONT);
  }
  // The first picture that was composed after the stop: with it comes the gap.
  KeptPacket first_after_stop() {
    KeptPacket found;
    packager_->wait_for([&](const auto& received) {
      const auto& packets = received.tracks.at(0);
      for (std::size_t i = 1; i < packets.size(); ++i)
        if (packets[i].came > continued_ && packets[i].index > packets[i - 1].index + 1) {
          found = packets[i];
          return true;
        }
      return false;
    });
    return found;
  }

  std::string folder_;
  RoomEpoch epoch_;
  std::unique_ptr<TestPackager> packager_;
  std::unique_ptr<TestFeed> feed_;
  pid_t pid_ = -1;
  Clock::time_point started_;
  Clock::time_point continued_;
};

TEST_F(ProgramTest, IsLiveSoonAndEndsWithinASecond) {
  start();
  const auto got = packager_->wait_for([](const auto& r) { return pictures(r) > 10; });
  const std::chrono::duration<double> live = got.tracks.at(0).front().came - started_;
  RecordProperty("exec_to_first_packet_ms", static_cast<int>(live.count() * 1000));
  std::printf("exec to first packet: %.0f ms\n", live.count() * 1000);
  EXPECT_LT(live.count(), 5.0 * pult::test::kSlowness); // 0.6 s on a quiet machine
  const auto asked = Clock::now();
  ::kill(pid_, SIGTERM);
  int status = -1;
  ASSERT_EQ(::waitpid(pid_, &status, 0), pid_);
  pid_ = -1;
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  EXPECT_LT(Clock::now() - asked, 2s * pult::test::kSlowness); // 0.1 s on a quiet machine
  // All that was composed was sent: the rungs end at the same picture.
  const auto all = packager_->wait_for([](const auto& r) { return r.closed; });
  EXPECT_EQ(all.tracks.at(0).back().index, all.tracks.at(1).back().index);
}

TEST_F(ProgramTest, AfterAStopTheSameRunGoesOnWithAKeyFrame) {
  start();
  for (const auto time : {500ms, 3000ms}) {
    const auto before = packager_->wait_for([](const auto& r) { return pictures(r) > 10; });
    stop_for(time);
    const auto back = first_after_stop();
    std::printf("%d ms stop: back after %.0f ms\n", static_cast<int>(time.count()),
                std::chrono::duration<double, std::milli>(back.came - continued_).count());
    EXPECT_LT(back.came - continued_, 2s * pult::test::kSlowness);
    EXPECT_TRUE(back.idr);
    EXPECT_EQ(back.run, before.hellos[0].run);
  }
  // The sound goes on in its order; what was missed is silence.
  const auto got = packager_->wait_for([](const auto& r) { return r.tracks.at(2).size() > 260; });
  const auto& sound = got.tracks.at(2);
  for (std::size_t i = 1; i < sound.size(); ++i)
    ASSERT_EQ(sound[i].index, sound[i - 1].index + 1);
}

TEST_F(ProgramTest, AfterALongStopANewRunBeginsAtOnce) {
  start();
  const auto before = packager_->wait_for([](const auto& r) { return pictures(r) > 10; });
  stop_for(6s);
  const auto got = packager_->wait_for([](const auto& r) {
    return r.hellos.size() == 2 && !r.tracks.at(0).empty() && r.tracks.at(0).back().run == r.hellos[1].run;
  });
  ASSERT_EQ(got.hellos.size(), 2U);
  EXPECT_GT(got.hellos[1].run, got.hellos[0].run);
  EXPECT_EQ(got.hellos[1].tracks[0].extradata, got.hellos[0].tracks[0].extradata);
  const auto& packets = got.tracks.at(0);
  const auto first =
      std::find_if(packets.begin(), packets.end(), [&](const auto& p) { return p.run == got.hellos[1].run; });
  ASSERT_NE(first, packets.end());
  EXPECT_TRUE(first->idr);
  EXPECT_EQ(first->index % 8, 0);
  // No race through the backlog: the new run begins at now, not where the old one ended.
  EXPECT_GT(first->index, before.tracks.at(0).back().index + 140);
  std::printf("6 s stop: back after %.0f ms\n",
              std::chrono::duration<double, std::milli>(first->came - continued_).count());
  EXPECT_LT(first->came - continued_, 5s * pult::test::kSlowness);
}

} // namespace
} // namespace pult::transcode
