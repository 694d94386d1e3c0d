// One process that the supervisor keeps: started by us, or adopted from an earlier `pult run`; watched by its pidfd.
//
// Programs run in sessions of their own and without a death signal, so that they go on when the supervisor dies. Their
// stdout and stderr go to `run_dir/programs/<name>.stderr` (a pipe to a dead supervisor would kill them); what they log
// comes by the log socket. For the io thread.
#pragma once

#include "base/asio.hpp"
#include "base/result.hpp"
#include "base/run_dir.hpp"
#include "base/unique_fd.hpp"

#include <boost/asio/posix/stream_descriptor.hpp>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

namespace pult::control {

struct StartRequest {
  std::filesystem::path executable;
  std::vector<std::string> arguments;
  std::filesystem::path output; // stdout and stderr
  int listening_fd = -1;        // passed on as LISTEN_FDS when not negative
  int nice = 0;                 // setpriority(2); stays as it is where that is not allowed
};

class Process {
 public:
  // `what`: "exit 1", "signal 9 (Killed)", or "ended" for an adopted one.
  using OnEnd = std::function<void(const std::string& what)>;

  static Result<std::unique_ptr<Process>> start(asio::io_context& io, const StartRequest& request, OnEnd on_end);
  // Fails when no process has that pid and start time any more.
  static Result<std::unique_ptr<Process>> adopt(asio::io_context& io, pid_t pid, std::uint64_t start, OnEnd on_end);

  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] std::uint64_t start_time() const { return start_; }
  void signal(int number); // by pidfd: never hits another process

 private:
  using Descriptor = asio::posix::basic_stream_descriptor<IoExecutor>;
  Process(asio::io_context& io, pid_t pid, std::uint64_t start, UniqueFd pidfd, bool child, OnEnd on_end);
  void watch();

  pid_t pid_;
  std::uint64_t start_;
  Descriptor pidfd_;
  bool child_;
  OnEnd on_end_;
};

} // namespace pult::control
