// The supervisor over real processes: shell scripts that live, die, hang or stay behind.
#include "control/run/supervisor.hpp"

#include "base/clock.hpp"
#include "base/file.hpp"

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <functional>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

namespace pult::control {
namespace {

using namespace std::chrono_literals;

// A process that ended as a child of an earlier supervisor object stays a zombie until it is reaped; tests reap here.
struct SupervisorTest : testing::Test {
  SupervisorTest() {
    char pattern[] = "/tmp/pult-supervisor-XXXXXX";
    folder = ::mkdtemp(pattern);
    run_dir.emplace(std::move(*RunDir::open(folder / "run")));
    log = std::move(*RoomLog::open(io, *run_dir));
  }
  ~SupervisorTest() override {
    if (supervisor) stop_all();
    std::filesystem::remove_all(folder);
  }

  void script(const std::string& name, const std::string& body) {
    ASSERT_TRUE(write_file(folder / name, "#!/bin/sh\n" + body + "\n", 0700).ok());
  }

  ProgramSpec spec(const std::string& name) {
    ProgramSpec made;
    made.name = name;
    made.arguments = {name};
    made.silence_limit = 60s;
    return made;
  }

  void start(std::vector<ProgramSpec> specs) {
    supervisor = std::make_unique<Supervisor>(io, *run_dir, folder, *log);
    ASSERT_TRUE(supervisor->start(std::move(specs), UniqueFd()).ok());
  }

  bool wait_until(const std::function<bool()>& reached, std::chrono::seconds limit = 30s) {
    const auto deadline = monotonic_now() + limit;
    while (monotonic_now() < deadline) {
      if (reached()) return true;
      io.run_for(5ms);
    }
    return false;
  }

  void stop_all() {
    supervisor->stop();
    io.restart();
    io.run_for(15s);
    supervisor.reset();
  }

  pid_t pid(const std::string& name) {
    const auto record = read_record(*run_dir, name);
    return record ? record->pid : 0;
  }

  std::filesystem::path folder;
  asio::io_context io;
  std::optional<RunDir> run_dir;
  std::unique_ptr<RoomLog> log;
  std::unique_ptr<Supervisor> supervisor;
};

TEST_F(SupervisorTest, RestartsAProgramThatIsKilled) {
  script("steady", "exec sleep 1000");
  start({spec("steady")});
  const auto first = pid("steady");
  ASSERT_GT(first, 0);
  ::kill(first, SIGKILL);
  ASSERT_TRUE(wait_until([&] { return pid("steady") != first && pid("steady") > 0; }));
  EXPECT_EQ(read_record(*run_dir, "steady")->restarts, 1u);
}

TEST_F(SupervisorTest, AdoptsWhatAnEarlierSupervisorLeft) {
  script("steady", "exec sleep 1000");
  start({spec("steady")});
  const auto first = pid("steady");
  supervisor.reset(); // as if killed: its programs go on
  start({spec("steady")});
  EXPECT_EQ(pid("steady"), first);
  EXPECT_EQ(::kill(first, 0), 0);
}

TEST_F(SupervisorTest, KillsAProgramWhosePulseStops) {
  script("hung", "exec sleep 1000");
  auto made = spec("hung");
  made.silence_limit = 300ms;
  start({made});
  const auto first = pid("hung");
  auto pulse = Heartbeat::open(*run_dir, "hung");
  ASSERT_TRUE(pulse.ok());
  pulse->beat(); // once, and never again
  EXPECT_TRUE(wait_until([&] { return pid("hung") != first && pid("hung") > 0; }));
}

TEST_F(SupervisorTest, HandsTheListeningSocketOn) {
  script("listener", "echo \"$LISTEN_FDS $LISTEN_PID $$\" > " + (folder / "said").string() +
                         "; readlink /proc/self/fd/3 >> " + (folder / "said").string() + "; exec sleep 1000");
  auto made = spec("listener");
  made.gets_public_socket = true;
  supervisor = std::make_unique<Supervisor>(io, *run_dir, folder, *log);
  ASSERT_TRUE(supervisor->start({made}, UniqueFd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0))).ok());
  std::string said;
  ASSERT_TRUE(wait_until([&] {
    auto text = read_file(folder / "said");
    said = text ? *text : "";
    return said.find("socket:") != std::string::npos;
  }));
  const auto me = std::to_string(pid("listener"));
  EXPECT_EQ(said.substr(0, said.find('\n')), "1 " + me + " " + me);
}

// 5 may be had by anybody; what the room's programs get is below 0.
TEST_F(SupervisorTest, GivesAProgramItsPriorityAlsoAmongSessions) {
  script("calm", "exec sleep 1000");
  auto made = spec("calm");
  made.nice = 5;
  start({made});
  const auto me = static_cast<id_t>(pid("calm"));
  ASSERT_TRUE(wait_until([&] { return ::getpriority(PRIO_PROCESS, me) == 5; }));
  const auto group = "/proc/" + std::to_string(me) + "/autogroup";
  if (!std::filesystem::exists(group)) return; // a kernel without
  EXPECT_TRUE(wait_until([&] {
    const auto text = read_file(group);
    return text && text->ends_with("nice 5\n");
  }));
}

TEST_F(SupervisorTest, EndsAllAtOnceOnStop) {
  script("a", "exec sleep 1000");
  script("b", "exec sleep 1000");
  start({spec("a"), spec("b")});
  const pid_t pids[] = {pid("a"), pid("b")};
  const auto before = monotonic_now();
  stop_all();
  EXPECT_LT(monotonic_now() - before, 5s);
  for (const auto gone : pids)
    EXPECT_FALSE(start_time_of(gone));
  EXPECT_FALSE(read_record(*run_dir, "a"));
}

} // namespace
} // namespace pult::control
