// The real pult-cam as a child process, its stderr read while it runs. Ended by SIGKILL if a test forgets. One thread.
#pragma once

#include "base/unique_fd.hpp"

#include <sys/types.h>

#include <string>
#include <vector>

namespace pult::cam::test {

class Program {
 public:
  // `environment` entries ("NAME=value") on top of the test's own.
  explicit Program(const std::vector<std::string>& arguments, const std::vector<std::string>& environment = {});
  ~Program();
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  // All of stderr so far.
  const std::string& said();
  bool waits_to_say(const std::string& text);
  void signal(int number) const;
  // Its exit code, or minus the signal that killed it; -1000 when it did not end in time.
  int wait();
  [[nodiscard]] std::string command_line() const;

 private:
  pid_t pid_ = -1;
  UniqueFd stderr_;
  std::string said_;
};

} // namespace pult::cam::test
