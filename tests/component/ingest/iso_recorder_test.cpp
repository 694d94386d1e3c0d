// A feed's own bytes on disk: the very bytes, in order, and where they lie is known.
#include "ingest/iso_recorder.hpp"

#include "base/file.hpp"

#include <chrono>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sstream>

namespace pult::ingest {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

constexpr Nanoseconds kEpochWall = 1'790'000'000s;

class IsoRecorderTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = "/dev/shm/pult-iso-XXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { fs::remove_all(folder_); }
  std::unique_ptr<IsoRecorder> open(std::size_t queue = kIsoQueueBytes) {
    IsoRecorder::Params params;
    params.folder = folder_ / "iso";
    params.epoch_wall = kEpochWall;
    params.reserve_bytes = 0;
    params.queue_bytes = queue;
    params.event = [](std::string_view, const std::string&) {};
    return std::make_unique<IsoRecorder>(std::move(params));
  }
  // Seven packets that say which they are.
  TsChunk chunk(int number, std::uint32_t connection = 1) {
    Bytes bytes(7 * 188, static_cast<std::uint8_t>(number));
    for (std::size_t at = 0; at < bytes.size(); at += 188)
      bytes[at] = 0x47;
    sent_.insert(sent_.end(), bytes.begin(), bytes.end());
    TsChunk made;
    made.bytes = share(std::move(bytes));
    made.arrival = number * 100ms;
    made.connection = connection;
    return made;
  }
  [[nodiscard]] std::vector<fs::path> files(const std::string& extension) const {
    std::vector<fs::path> found;
    for (const auto& entry : fs::directory_iterator(folder_ / "iso/cam1"))
      if (entry.path().extension() == extension) found.push_back(entry.path());
    std::sort(found.begin(), found.end(),
              [](const auto& a, const auto& b) { return fs::last_write_time(a) < fs::last_write_time(b); });
    return found;
  }
  static Bytes read(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    return Bytes((std::istreambuf_iterator<char>(in)), {});
  }

  fs::path folder_;
  Bytes sent_;
};

TEST_F(IsoRecorderTest, TheVeryBytesAreKeptAndTheIndexSaysWhenTheyCame) {
  {
    const auto recorder = open();
    for (int i = 0; i < 30; ++i)
      recorder->take("cam1", chunk(i, i < 20 ? 1 : 2));
  }
  ASSERT_EQ(files(".ts").size(), 1u);
  EXPECT_TRUE(read(files(".ts")[0]) == sent_);
  std::istringstream lines(*read_file(files(".index")[0]));
  std::string line;
  std::getline(lines, line);
  EXPECT_EQ(line, "pult-iso 1");
  int count = 0;
  bool second_connection = false;
  for (; std::getline(lines, line); ++count) {
    std::istringstream words(line);
    std::string kind;
    std::int64_t wall = 0, offset = 0, connection = 0;
    ASSERT_TRUE(words >> kind >> wall >> offset >> connection) << line;
    const auto number = (Nanoseconds(wall) - kEpochWall) / 100ms;
    EXPECT_EQ(offset, number * 7 * 188);
    second_connection = second_connection || (connection == 2 && number == 20);
  }
  EXPECT_GE(count, 6);
  EXPECT_TRUE(second_connection);
}

TEST_F(IsoRecorderTest, NothingIsKeptWhileItIsHeld) {
  const auto recorder = open();
  recorder->take("cam1", chunk(1));
  recorder->hold(true);
  const auto before = sent_;
  recorder->take("cam1", chunk(2));
  recorder->hold(false);
  sent_ = {};
  recorder->take("cam1", chunk(3));
  const auto until = std::chrono::steady_clock::now() + 10s;
  while (recorder->status().bytes < 2 * 7 * 188 && std::chrono::steady_clock::now() < until)
    std::this_thread::sleep_for(2ms);
  ASSERT_EQ(files(".ts").size(), 2u) << "a new file begins";
  Bytes all;
  for (const auto& file : files(".ts")) {
    const auto bytes = read(file);
    all.insert(all.end(), bytes.begin(), bytes.end());
  }
  EXPECT_EQ(std::count(all.begin(), all.end(), 2), 0);
  EXPECT_EQ(all.size(), 2u * 7 * 188);
}

TEST_F(IsoRecorderTest, WhatDoesNotFitIsCountedAndNeverWaitedFor) {
  const auto recorder = open(2000);
  const auto begun = std::chrono::steady_clock::now();
  for (int i = 0; i < 2000; ++i)
    recorder->take("cam1", chunk(i % 200));
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 5s);
  EXPECT_GT(recorder->status().dropped, 0u);
}

} // namespace
} // namespace pult::ingest
