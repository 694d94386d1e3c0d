#include "base/room_epoch.hpp"

#include "base/file.hpp"

#include <cstdlib>
#include <filesystem>
#include <gtest/gtest.h>
#include <set>
#include <thread>
#include <vector>

namespace pult {
namespace {

struct RoomEpochTest : testing::Test {
  RoomEpochTest() {
    char pattern[] = "/tmp/pult-epoch-XXXXXX";
    folder = ::mkdtemp(pattern);
  }
  ~RoomEpochTest() override { std::filesystem::remove_all(folder); }
  std::filesystem::path folder;
};

TEST_F(RoomEpochTest, TheFirstWritesAndAllAgree) {
  std::vector<std::thread> programs;
  std::vector<Nanoseconds> seen(8);
  for (auto& mine : seen)
    programs.emplace_back([&] {
      auto epoch = RoomEpoch::open(folder);
      ASSERT_TRUE(epoch.ok());
      mine = epoch->monotonic;
    });
  for (auto& program : programs)
    program.join();
  EXPECT_EQ(std::set<Nanoseconds>(seen.begin(), seen.end()).size(), 1u);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder), {}), 1) << "no temporary file is left";
}

TEST_F(RoomEpochTest, AnotherBootsEpochIsReplaced) {
  ASSERT_TRUE(write_file(folder / "epoch", "00000000-dead-beef 5 6\n").ok());
  const auto epoch = RoomEpoch::open(folder);
  ASSERT_TRUE(epoch.ok());
  EXPECT_EQ(epoch->boot_id, *read_boot_id());
  EXPECT_NE(epoch->monotonic.count(), 5);
}

TEST_F(RoomEpochTest, HalfAFileIsReplaced) {
  ASSERT_TRUE(write_file(folder / "epoch", *read_boot_id()).ok());
  EXPECT_TRUE(RoomEpoch::open(folder).ok());
}

} // namespace
} // namespace pult
