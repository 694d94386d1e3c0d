#include "program.hpp"

#include "wait.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <iterator>

namespace pult::cam::test {
namespace {

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> all;
  for (auto& word : words)
    all.push_back(word.data());
  all.push_back(nullptr);
  return all;
}

std::vector<std::string> environment_with(const std::vector<std::string>& more) {
  std::vector<std::string> all = more; // the first of a name wins
  for (char** entry = environ; *entry; ++entry)
    all.emplace_back(*entry);
  return all;
}

} // namespace

Program::Program(const std::vector<std::string>& arguments, const std::vector<std::string>& environment) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return;
  stderr_ = UniqueFd(ends[0]);
  const UniqueFd theirs(ends[1]);
  fcntl(ends[0], F_SETFL, O_NONBLOCK);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO);
  std::vector<std::string> words{PULT_CAM};
  words.insert(words.end(), arguments.begin(), arguments.end());
  auto surroundings = environment_with(environment);
  if (posix_spawn(&pid_, PULT_CAM, &actions, nullptr, pointers(words).data(), pointers(surroundings).data()) != 0)
    pid_ = -1;
  posix_spawn_file_actions_destroy(&actions);
}

Program::~Program() {
  if (pid_ < 0) return;
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
}

const std::string& Program::said() {
  char bytes[4096];
  for (ssize_t got; (got = read(stderr_.get(), bytes, sizeof bytes)) > 0;)
    said_.append(bytes, static_cast<size_t>(got));
  return said_;
}

bool Program::waits_to_say(const std::string& text) {
  return wait_for([&] { return said().find(text) != std::string::npos; });
}

void Program::signal(int number) const {
  kill(pid_, number);
}

int Program::wait() {
  int status = 0;
  if (!wait_for([&] { return waitpid(pid_, &status, WNOHANG) == pid_; })) return -1000;
  pid_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

std::string Program::command_line() const {
  std::ifstream file("/proc/" + std::to_string(pid_) + "/cmdline", std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

} // namespace pult::cam::test
