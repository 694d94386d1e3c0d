#include "packager/jobs/outside_tool.hpp"

#include "base/unique_fd.hpp"

#include <csignal>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace pult::packager::jobs {
namespace {

constexpr int kLookMs = 500;
constexpr std::size_t kLastWords = 600;

class Pipe {
 public:
  Pipe() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) == 0) read_ = UniqueFd(ends[0]), write_ = UniqueFd(ends[1]);
  }
  UniqueFd read_, write_;
};

Result<pid_t> start(const std::vector<std::string>& argv, const std::string& package, int output) {
  std::vector<char*> words;
  for (const auto& word : argv)
    words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, output, 1);
  posix_spawn_file_actions_adddup2(&actions, output, 2);
  pid_t pid = -1;
  const int failed = ::posix_spawnp(&pid, words[0], &actions, nullptr, words.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failed == ENOENT) return Error{Errc::kNotFound, argv[0] + " is not there: apt install " + package};
  if (failed != 0) return errno_error("start " + argv[0], failed);
  return pid;
}

// What it says, until it ends or nobody wants it any more. The last of it.
std::string listen(int output, pid_t pid, const Report& report) {
  std::string words;
  bool told = false;
  for (;;) {
    pollfd waiting{output, POLLIN, 0};
    const int ready = ::poll(&waiting, 1, kLookMs);
    if (!told && !report("export", 0.5)) {
      told = true;
      ::kill(pid, SIGTERM);
    }
    if (ready <= 0) continue;
    char buffer[4096];
    const auto got = ::read(output, buffer, sizeof buffer);
    if (got <= 0) return words;
    words.append(buffer, static_cast<std::size_t>(got));
    if (words.size() > kLastWords) words.erase(0, words.size() - kLastWords);
  }
}

} // namespace

Result<void> run_tool(const std::vector<std::string>& argv, const std::string& package, const Report& report) {
  Pipe pipe;
  if (!pipe.read_) return errno_error("pipe", errno);
  const auto pid = start(argv, package, pipe.write_.get());
  if (!pid) return pid.error();
  pipe.write_ = UniqueFd();
  auto words = listen(pipe.read_.get(), *pid, report);
  int status = 0;
  while (::waitpid(*pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
  while (!words.empty() && (words.back() == '\n' || words.back() == ' '))
    words.pop_back();
  return Error{Errc::kIo, argv[0] + " failed: " + (words.empty() ? "it said nothing" : words)};
}

} // namespace pult::packager::jobs
