// pult-packager as a process, killed with SIGKILL again and again while it publishes.
#include <gtest/gtest.h>

#include <csignal>
#include <random>
#include <spawn.h>
#include <sys/wait.h>
#include <thread>

#include <boost/json/serialize.hpp>

#include "base/file.hpp"
#include "base/messages/wanted_state.hpp"
#include "packager/part_writer.hpp"
#include "small_transcode.hpp"
#include "temp_folder.hpp"

extern char** environ;

namespace pult::packager {
namespace {

using namespace std::chrono_literals;

class Process {
 public:
  explicit Process(const std::filesystem::path& config) {
    std::string program = PULT_PACKAGER;
    std::string option = "--config";
    std::string file = config.string();
    std::array<char*, 4> arguments{program.data(), option.data(), file.data(), nullptr};
    EXPECT_EQ(::posix_spawn(&pid_, program.c_str(), nullptr, nullptr, arguments.data(), environ), 0);
  }
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  ~Process() { end(SIGKILL); }
  int end(int signal) {
    if (pid_ <= 0) return 0;
    ::kill(pid_, signal);
    int status = 0;
    ::waitpid(std::exchange(pid_, 0), &status, 0);
    return status;
  }

 private:
  pid_t pid_ = 0;
};

class PackagerKilled : public testing::Test {
 protected:
  void SetUp() override {
    config_file_ = folder_.path() / "room.toml";
    const auto text = "[room]\nname = \"Test\"\ndata_dir = \"data\"\nrun_dir = \"" + (folder_.path() / "run").string() +
                      "\"\n[program]\nsize = \"320x180\"\n[[rendition]]\nname = \"360p\"\nsize = \"320x180\"\n"
                      "video_kbps = 300\n[[sound]]\nname = \"original\"\nlanguage = \"deu\"\n[http]\nlisten = "
                      "\"127.0.0.1:0\"\n[[feed]]\nname = \"cam1\"\nopen = true\n[[scene]]\nname = \"stage\"\nfeeds = "
                      "[\"cam1\"]\n";
    ASSERT_TRUE(write_file(config_file_, text));
    auto reading = read_config(config_file_);
    ASSERT_TRUE(reading.config) << reading.text();
    config_ = *reading.config;
    run_dir_.emplace(*RunDir::open(config_.run_dir));
    epoch_ = *RoomEpoch::open(config_.run_dir);
    WantedState wanted;
    wanted.number = 1;
    wanted.show = {WantedState::ShowState::kLive, "show-1"};
    ASSERT_TRUE(write_file(config_.run_dir / "state" / "pult-packager.json", boost::json::serialize(to_json(wanted))));
    video_ = test::encode_video({}, 2 * test::kSenderSegment, {test::kSenderSegment});
    sound_ = test::encode_sound(64);
  }

  std::filesystem::path track(const char* name) const { return config_.run_dir / "live" / "show-1" / name; }
  // Lines that are there: what was published.
  std::size_t published(const char* name) const {
    std::size_t lines = 0;
    std::error_code none;
    for (const auto& entry : std::filesystem::directory_iterator(track(name), none))
      if (entry.path().extension() == ".idx")
        if (auto text = read_file(entry.path()))
          lines += static_cast<std::size_t>(std::count(text->begin(), text->end(), '\n')) - 1;
    return lines;
  }
  bool wait_for(std::size_t parts) const {
    for (const auto end = monotonic_now() + 40s; monotonic_now() < end; std::this_thread::sleep_for(5ms))
      if (published("original") >= parts) return true;
    return false;
  }
  // What is published now, read from a copy: loading cuts tails off.
  std::vector<KeptPart> parts(const char* name) const {
    const test::TempFolder copy;
    std::error_code gone; // a segment may be pruned meanwhile
    std::filesystem::copy(track(name), copy.path(), std::filesystem::copy_options::recursive, gone);
    auto store = TrackStore::open(copy.path(), 100);
    EXPECT_TRUE(store);
    auto kept = store->load();
    EXPECT_TRUE(kept) << kept.error().message;
    return kept ? *kept : std::vector<KeptPart>{};
  }

  test::TempFolder folder_;
  std::filesystem::path config_file_;
  RoomConfig config_;
  std::optional<RunDir> run_dir_;
  RoomEpoch epoch_;
  test::EncodedVideo video_;
  test::EncodedSound sound_;
};

TEST_F(PackagerKilled, TheTimelineGoesOnAndPublishedBytesStay) {
  const test::Sender sender(*run_dir_, epoch_, video_, sound_, 1);
  std::mt19937 random(11);
  std::optional<Process> process(std::in_place, config_file_);
  ASSERT_TRUE(wait_for(3)) << "never on air";
  for (int kill = 0; kill < 6; ++kill) {
    const auto now = published("original");
    ASSERT_TRUE(wait_for(now + 3)) << "no parts after kill " << kill;
    std::this_thread::sleep_for(std::chrono::milliseconds(random() % 330)); // anywhere in a part
    process->end(SIGKILL);
    const auto before = parts("360p");
    process.emplace(config_file_);
    const auto killed = monotonic_now();
    ASSERT_TRUE(wait_for(published("original") + 1));
    RecordProperty("next_part_ms_" + std::to_string(kill), static_cast<int>((monotonic_now() - killed) / 1ms));
    const auto after = parts("360p");
    ASSERT_GE(after.size(), before.size());
    for (std::size_t i = 0; i < before.size(); ++i)
      EXPECT_TRUE(*after[i].part.bytes == *before[i].part.bytes) << "part " << i << " has other bytes";
  }
  EXPECT_EQ(process->end(SIGTERM), 0);
  for (const char* name : {"360p", "original"}) {
    const auto kept = parts(name);
    ASSERT_GE(kept.size(), 24U);
    auto format = FormatStore(config_.run_dir).load(name, "deu");
    ASSERT_TRUE(format) << format.error().message;
    Bytes file = *format->tools->init;
    for (std::size_t i = 0; i < kept.size(); ++i) {
      const auto& part = kept[i].part;
      EXPECT_FALSE(part.discontinuity_before);
      const auto& before = kept[i == 0 ? 0 : i - 1].part;
      EXPECT_TRUE(i == 0 || part.begin == before.begin + before.duration) << "a gap before part " << i;
      file.insert(file.end(), part.bytes->begin(), part.bytes->end());
    }
    const auto decoded = test::decode_file(file);
    EXPECT_EQ(decoded.complaints, 0);
    EXPECT_EQ(decoded.gaps, 0);
  }
}

} // namespace
} // namespace pult::packager
