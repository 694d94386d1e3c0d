#include "control/run/process.hpp"

#include "control/run/program_record.hpp"

#include <csignal>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace pult::control {
namespace {

constexpr int kFirstListenFd = 3; // sd_listen_fds(3)
constexpr int kExecFailed = 127;

UniqueFd open_pidfd(pid_t pid) {
  return UniqueFd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
}

std::string describe(const siginfo_t& info) {
  if (info.si_code == CLD_EXITED) return fmt::format("exit {}", info.si_status);
  return fmt::format("signal {} ({})", info.si_status, ::strsignal(info.si_status));
}

void pass_listening_socket(int fd) {
  if (fd == kFirstListenFd)
    ::fcntl(fd, F_SETFD, 0);
  else
    ::dup2(fd, kFirstListenFd);
  ::setenv("LISTEN_FDS", "1", 1);
  ::setenv("LISTEN_PID", std::to_string(::getpid()).c_str(), 1);
}

// Where sched_autogroup_enabled is set, setsid(2) gave the program a group of its own, and its nice value counts only
// within that; the group's own is written into /proc (sched(7)). Without the right to either, nothing changes.
void set_priority(int nice) {
  ::setpriority(PRIO_PROCESS, 0, nice);
  const int group = ::open("/proc/self/autogroup", O_WRONLY | O_CLOEXEC);
  if (group < 0) return;
  ::dprintf(group, "%d", nice);
  ::close(group);
}

// In the child. The supervisor has one thread, so all of libc may be used here.
[[noreturn]] void become(const StartRequest& request, std::vector<char*> argv) {
  ::setsid();
  if (request.nice != 0) set_priority(request.nice);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  for (const int number : {SIGPIPE, SIGHUP, SIGINT, SIGTERM, SIGCHLD})
    ::signal(number, SIG_DFL);
  const int null = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  const int output = ::open(request.output.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
  ::dup2(null, STDIN_FILENO);
  ::dup2(output, STDOUT_FILENO);
  ::dup2(output, STDERR_FILENO);
  if (request.listening_fd >= 0) pass_listening_socket(request.listening_fd);
  ::execv(request.executable.c_str(), argv.data());
  ::dprintf(STDERR_FILENO, "exec %s: %s\n", request.executable.c_str(), ::strerror(errno));
  ::_exit(kExecFailed);
}

} // namespace

Process::Process(asio::io_context& io, pid_t pid, std::uint64_t start, UniqueFd pidfd, bool child, OnEnd on_end)
    : pid_(pid), start_(start), pidfd_(io.get_executor(), pidfd.release()), child_(child), on_end_(std::move(on_end)) {
  watch();
}

Result<std::unique_ptr<Process>> Process::start(asio::io_context& io, const StartRequest& request, OnEnd on_end) {
  std::vector<char*> argv;
  for (const auto& argument : request.arguments)
    argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  const pid_t pid = ::fork();
  if (pid < 0) return errno_error("fork for " + request.executable.string(), errno);
  if (pid == 0) become(request, std::move(argv));
  auto pidfd = open_pidfd(pid);
  if (!pidfd) return errno_error("pidfd of " + request.executable.string(), errno);
  const auto start = start_time_of(pid).value_or(0);
  return std::unique_ptr<Process>(new Process(io, pid, start, std::move(pidfd), true, std::move(on_end)));
}

Result<std::unique_ptr<Process>> Process::adopt(asio::io_context& io, pid_t pid, std::uint64_t start, OnEnd on_end) {
  auto pidfd = open_pidfd(pid);
  // Asked after the pidfd is held: from here on the pid cannot be given away unnoticed.
  if (!pidfd || start_time_of(pid) != start) return Error{Errc::kNotFound, fmt::format("process {} is gone", pid)};
  return std::unique_ptr<Process>(new Process(io, pid, start, std::move(pidfd), false, std::move(on_end)));
}

void Process::signal(int number) {
  ::syscall(SYS_pidfd_send_signal, pidfd_.native_handle(), number, nullptr, 0);
}

void Process::watch() {
  pidfd_.async_wait(Descriptor::wait_read, [this](ErrorCode cancelled) {
    if (cancelled) return;
    std::string what = "ended";
    siginfo_t info{};
    if (child_ && ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED) == 0) what = describe(info);
    // Moved out first: the callback may destroy this process.
    const auto on_end = std::move(on_end_);
    on_end(what);
  });
}

} // namespace pult::control
