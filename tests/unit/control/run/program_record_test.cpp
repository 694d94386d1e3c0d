#include "control/run/program_record.hpp"

#include "base/file.hpp"

#include <cstdlib>
#include <filesystem>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

namespace pult::control {
namespace {

struct ProgramRecordTest : testing::Test {
  ProgramRecordTest() {
    char pattern[] = "/tmp/pult-record-XXXXXX";
    folder = ::mkdtemp(pattern);
  }
  ~ProgramRecordTest() override { std::filesystem::remove_all(folder); }
  std::filesystem::path folder;
};

TEST_F(ProgramRecordTest, ReadsBackWhatWasWritten) {
  auto run_dir = RunDir::open(folder);
  ASSERT_TRUE(run_dir.ok());
  ASSERT_TRUE(write_record(*run_dir, {"pult-decode@cam1", 4711, 123456, 3, "running"}).ok());
  const auto record = read_record(*run_dir, "pult-decode@cam1");
  ASSERT_TRUE(record);
  EXPECT_EQ(record->pid, 4711);
  EXPECT_EQ(record->start, 123456u);
  EXPECT_EQ(record->restarts, 3u);
  EXPECT_EQ(record->state, "running");
}

TEST_F(ProgramRecordTest, HalfARecordIsNone) {
  auto run_dir = RunDir::open(folder);
  ASSERT_TRUE(run_dir.ok());
  for (const char* text :
       {"", "{", "[]", R"({"name":"x"})", R"({"name":1,"pid":"x","start":0,"restarts":0,"state":""})"}) {
    ASSERT_TRUE(write_file(folder / "programs" / "x.json", text).ok());
    EXPECT_FALSE(read_record(*run_dir, "x")) << text;
  }
}

TEST(StartTime, TellsLivingFromGone) {
  EXPECT_TRUE(start_time_of(::getpid()));
  const pid_t child = ::fork();
  if (child == 0) ::_exit(0);
  siginfo_t info{};
  ASSERT_EQ(::waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOWAIT), 0);
  EXPECT_FALSE(start_time_of(child)) << "a zombie does not run";
  ASSERT_EQ(::waitpid(child, nullptr, 0), child);
  EXPECT_FALSE(start_time_of(child));
}

} // namespace
} // namespace pult::control
