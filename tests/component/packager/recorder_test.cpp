// The recorder on a real disk: what it writes any player opens, and what the disk does never reaches the programme.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/clock.hpp"
#include "base/file.hpp"
#include "packager/recording/recorder.hpp"
#include "packager/recording/retention.hpp"
#include "packager/show_file.hpp"
#include "small_programme.hpp"
#include "temp_folder.hpp"

#include <csignal>
#include <fcntl.h>
#include <fstream>
#include <sys/resource.h>
#include <sys/statvfs.h>

namespace pult::packager {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::HasSubstr;

constexpr Nanoseconds kEpoch{1'790'000'000'000'000'000}; // wall time of n = 0

class RecorderTest : public testing::Test {
 protected:
  std::unique_ptr<Recorder> open(std::uint64_t reserve = 0, std::size_t queue = kRecorderQueueBytes) {
    Recorder::Params params;
    params.folder = folder.path() / "program";
    params.epoch_wall = kEpoch;
    params.reserve_bytes = reserve;
    params.queue_bytes = queue;
    params.look = 20ms;
    params.event = [this](std::string_view, std::string text) {
      const std::lock_guard lock(mutex);
      events.push_back(std::move(text));
    };
    return std::make_unique<Recorder>(std::move(params));
  }
  std::vector<std::string> said() {
    const std::lock_guard lock(mutex);
    return events;
  }
  template <typename Predicate>
  static bool wait(Predicate predicate, std::chrono::seconds limit = 20s) {
    const auto until = std::chrono::steady_clock::now() + limit;
    while (!predicate()) {
      if (std::chrono::steady_clock::now() > until) return false;
      std::this_thread::sleep_for(2ms);
    }
    return true;
  }
  // The programme goes on, a segment whenever the recorder had time to take the last one up.
  bool goes_on_until_recording(Recorder& recorder, std::int64_t row) {
    const auto recording = [&] { return recorder.status()["state"] == "recording"; };
    const auto until = std::chrono::steady_clock::now() + 20s;
    for (; !recording() && std::chrono::steady_clock::now() < until; row += 6) {
      programme.rows(recorder, row, 6);
      (void)wait(recording, 1s);
    }
    return recording();
  }
  [[nodiscard]] RecordedShow read() const {
    auto recorded = read_recording(folder.path() / "program", "show-1");
    EXPECT_TRUE(recorded) << recorded.error().message;
    return recorded ? *recorded : RecordedShow{};
  }
  // The bytes that the index names, in order.
  static Bytes bytes_of(const RecordedFile& file) {
    std::ifstream in(file.media, std::ios::binary);
    const Bytes all((std::istreambuf_iterator<char>(in)), {});
    Bytes named;
    for (const auto& part : file.parts)
      named.insert(named.end(), all.begin() + static_cast<std::ptrdiff_t>(part.offset),
                   all.begin() + static_cast<std::ptrdiff_t>(part.offset + part.length));
    return named;
  }
  Bytes published_bytes(std::size_t track, std::int64_t first, std::int64_t count) {
    Bytes all;
    for (std::int64_t i = first; i < first + count; ++i) {
      const auto bytes = programme.row(i)[track].bytes;
      all.insert(all.end(), bytes->begin(), bytes->end());
    }
    return all;
  }

  test::TempFolder folder;
  test::SmallProgramme programme;
  std::mutex mutex;
  std::vector<std::string> events;
};

TEST_F(RecorderTest, EveryPartIsInTheRecordingByteForByteAndItPlays) {
  {
    const auto recorder = open();
    programme.begin(*recorder, "show-1");
    programme.rows(*recorder, 0, 18);
    recorder->show_ends("show-1");
  }
  const auto show = read();
  ASSERT_EQ(show.tracks.size(), 2u);
  for (std::size_t t = 0; t < 2; ++t) {
    ASSERT_EQ(show.tracks[t].files.size(), 1u);
    EXPECT_EQ(show.tracks[t].files[0].parts.size(), 18u);
    EXPECT_EQ(show.tracks[t].files[0].epoch_wall, kEpoch);
    EXPECT_TRUE(bytes_of(show.tracks[t].files[0]) == published_bytes(t, 0, 18));
  }
  const auto& file = show.tracks[0].files[0];
  EXPECT_EQ(show.tracks[0].wall_of(file, file.parts[6].begin), kEpoch + 1920ms);
  std::ifstream in(file.media, std::ios::binary);
  const auto decoded = test::decode_file(Bytes((std::istreambuf_iterator<char>(in)), {}));
  EXPECT_EQ(decoded.pictures, 18 * 8);
  EXPECT_EQ(decoded.complaints, 0);
  EXPECT_TRUE(read_show_file(folder.path() / "program/show-1/show.json")->ended);
}

TEST_F(RecorderTest, WhatIsHandedOverAgainAfterARestartIsNotWrittenTwice) {
  {
    const auto recorder = open();
    programme.begin(*recorder, "show-1");
    programme.rows(*recorder, 0, 8);
  }
  {
    const auto recorder = open();
    programme.begin(*recorder, "show-1");
    programme.rows(*recorder, 0, 14);
  }
  const auto show = read();
  Bytes all;
  for (const auto& file : show.tracks[0].files) {
    const auto bytes = bytes_of(file);
    all.insert(all.end(), bytes.begin(), bytes.end());
  }
  EXPECT_EQ(show.tracks[0].files.size(), 2u);
  EXPECT_TRUE(all == published_bytes(0, 0, 14));
}

TEST_F(RecorderTest, NothingOfAHeldTalkIsWrittenAndTheHoleSaysWhy) {
  {
    const auto recorder = open();
    programme.begin(*recorder, "show-1");
    programme.rows(*recorder, 0, 7);
    recorder->hold(true);
    programme.rows(*recorder, 7, 7);
    EXPECT_TRUE(wait([&] { return recorder->status()["state"] == "held"; }));
    recorder->hold(false);
    programme.rows(*recorder, 14, 10); // 14 to 17 are the rest of a segment: a file begins with an IDR
  }
  const auto show = read();
  ASSERT_EQ(show.tracks[0].files.size(), 2u);
  EXPECT_TRUE(bytes_of(show.tracks[0].files[0]) == published_bytes(0, 0, 7));
  EXPECT_TRUE(bytes_of(show.tracks[0].files[1]) == published_bytes(0, 18, 6));
  ASSERT_EQ(show.tracks[0].files[1].holes.size(), 1u);
  EXPECT_EQ(show.tracks[0].files[1].holes[0].cause, HoleCause::kHeld);
}

TEST_F(RecorderTest, ALineWhoseBytesAreMissingDoesNotCount) {
  {
    const auto recorder = open();
    programme.begin(*recorder, "show-1");
    programme.rows(*recorder, 0, 6);
  }
  const auto file = read().tracks[0].files[0];
  const auto& last = file.parts.back();
  std::filesystem::resize_file(file.media, last.offset + last.length / 2); // as after a power cut
  const auto torn = read().tracks[0].files[0];
  EXPECT_EQ(torn.parts.size(), 5u);
  std::fstream(file.media, std::ios::in | std::ios::out | std::ios::binary)
          .seekp(static_cast<std::streamoff>(torn.parts[2].offset + 40))
      << "wrong";
  const UniqueFd fd(::open(file.media.c_str(), O_RDONLY));
  EXPECT_TRUE(bytes_are_whole(fd.get(), torn.parts[1]));
  EXPECT_FALSE(bytes_are_whole(fd.get(), torn.parts[2]));
}

// Row 25: the disk is full; the recording ends cleanly and resumes by itself.
TEST_F(RecorderTest, Row25AFullDiskEndsTheRecordingCleanlyAndItResumesByItself) {
  ::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  ::getrlimit(RLIMIT_FSIZE, &before);
  const auto recorder = open();
  programme.begin(*recorder, "show-1");
  programme.rows(*recorder, 0, 6);
  ASSERT_TRUE(wait([&] { return recorder->status()["queued_bytes"] == 0; }));
  rlimit full = before;
  full.rlim_cur = 1000;
  ::setrlimit(RLIMIT_FSIZE, &full); // no file may grow any more
  programme.rows(*recorder, 6, 6);
  EXPECT_TRUE(wait([&] { return recorder->status()["state"] == "trouble"; }));
  ::setrlimit(RLIMIT_FSIZE, &before);
  EXPECT_TRUE(goes_on_until_recording(*recorder, 12));
  EXPECT_THAT(said(), Contains(HasSubstr("the programme is not recorded")));
  EXPECT_TRUE(wait([&] { return testing::Value(said(), Contains("the recording goes on")); }));
  EXPECT_TRUE(wait([&] { return recorder->status()["queued_bytes"] == 0; }));
  const auto show = read();
  ASSERT_GE(show.tracks[0].files.size(), 2u);
  EXPECT_TRUE(bytes_of(show.tracks[0].files[0]) == published_bytes(0, 0, 6)) << "what was written before is whole";
  EXPECT_EQ(show.tracks[0].files.back().holes.at(0).cause, HoleCause::kDisk);
}

TEST_F(RecorderTest, Row25AlarmsComeAtTenAndAtTwoMinutes) {
  EXPECT_FALSE(minutes_left(1000, 0, 0));
  EXPECT_NEAR(*minutes_left(700'000'000, 100'000'000, 1e6), 10, 0.001);
  EXPECT_EQ(*minutes_left(50, 100, 1e6), 0);
  struct statvfs disk {};
  ::statvfs(folder.path().c_str(), &disk);
  const auto free = static_cast<std::uint64_t>(disk.f_bavail) * disk.f_frsize;
  const auto recorder = open(free > (64u << 20) ? free - (64u << 20) : 0); // 64 MB are left
  programme.begin(*recorder, "show-1");
  EXPECT_TRUE(wait([&] {
    static std::int64_t row = 0;
    programme.rows(*recorder, row, 6);
    row += 6;
    return testing::Value(said(), Contains(HasSubstr("the disk of the recording is full in")));
  }));
}

// Row 26: a disk that does not take it costs the recording whole segments, and the queue has a bound.
TEST_F(RecorderTest, Row26ASlowDiskNeverHoldsUpTheProgramme) {
  const auto recorder = open(0, 100'000); // the bound of a test: a part or two
  programme.begin(*recorder, "show-1");
  const auto begun = std::chrono::steady_clock::now();
  programme.rows(*recorder, 0, 6);
  std::vector<std::vector<PublishedPart>> burst;
  for (std::int64_t i = 6; i < 66; ++i)
    burst.push_back(programme.row(i));
  for (const auto& row : burst)
    for (const auto& part : row)
      recorder->part(part);
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 30s);
  EXPECT_GT(recorder->status()["dropped_parts"].to_number<std::uint64_t>(), 0u);
  EXPECT_TRUE(wait([&] { return recorder->status()["queued_bytes"] == 0; }));
  programme.rows(*recorder, 66, 1);
  EXPECT_TRUE(wait([&] { return testing::Value(said(), Contains(HasSubstr("too slow"))); }));
  const auto recorded = read();
  for (const auto& file : recorded.tracks[0].files)
    for (std::size_t i = 1; i < file.parts.size(); ++i)
      EXPECT_EQ(file.parts[i].begin, file.parts[i - 1].begin + file.parts[i - 1].duration)
          << "a file has no hole inside";
}

// Row 26: nothing can be written there at all (/proc takes no file from anybody, root included), then it can.
TEST_F(RecorderTest, Row26AReadOnlyDiskCostsTheRecordingOnlyAndIsTriedAgain) {
  const auto disk = folder.path() / "program";
  std::filesystem::create_directory_symlink("/proc/self", disk);
  const auto recorder = open();
  programme.begin(*recorder, "show-1");
  const auto begun = std::chrono::steady_clock::now();
  programme.rows(*recorder, 0, 12);
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 5s) << "the programme does not wait for it";
  EXPECT_TRUE(wait([&] { return recorder->status()["state"] == "trouble"; }));
  EXPECT_THAT(said(), Contains(HasSubstr("the programme is not recorded")));
  std::filesystem::remove(disk);
  EXPECT_TRUE(goes_on_until_recording(*recorder, 12));
  EXPECT_TRUE(wait([&] { return recorder->status()["queued_bytes"] == 0; }));
  const auto show = read();
  ASSERT_EQ(show.tracks.size(), 2u);
  ASSERT_FALSE(show.tracks[0].files.empty());
  EXPECT_EQ(show.tracks[0].files.front().holes.at(0).cause, HoleCause::kDisk) << "what is missing is marked";
}

TEST_F(RecorderTest, OldRecordingsGoOnlyWhenItIsKnownWhatTalksNeed) {
  {
    const auto recorder = open();
    programme.begin(*recorder, "show-1");
    programme.rows(*recorder, 0, 6);
  }
  const auto program = folder.path() / "program";
  const auto later = kEpoch + 24h;
  EXPECT_EQ(remove_old_recordings(program, later), 0u) << "nobody said what is needed";
  ASSERT_TRUE(
      write_file(program / "keep.json", R"([{"show":"show-1","in":1790000000500000000,"out":1790000001000000000}])"));
  EXPECT_EQ(remove_old_recordings(program, later), 0u) << "a talk needs it";
  ASSERT_TRUE(write_file(program / "keep.json", "[]"));
  EXPECT_EQ(remove_old_recordings(program, kEpoch), 0u) << "it is not old";
  EXPECT_EQ(remove_old_recordings(program, later), 2u);
  EXPECT_TRUE(read().tracks[0].files.empty());
}

} // namespace
} // namespace pult::packager
