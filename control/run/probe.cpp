#include "control/run/probe.hpp"

#include <boost/asio/ip/udp.hpp>
#include <boost/json.hpp>
#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace pult::control {
namespace {

namespace json = boost::json;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kLongest{10};
constexpr std::size_t kMostText = 64u << 10;

struct Child {
  pid_t pid = -1;
  UniqueFd output;
};

Result<Child> spawn(const std::filesystem::path& program, const std::filesystem::path& config) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return errno_error("pipe for pult-probe", errno);
  Child child{-1, UniqueFd(ends[0])};
  const UniqueFd theirs(ends[1]);
  posix_spawn_file_actions_t files;
  ::posix_spawn_file_actions_init(&files);
  ::posix_spawn_file_actions_adddup2(&files, theirs.get(), STDOUT_FILENO);
  std::string name = program.string(), option = "--config", file = config.string();
  char* arguments[] = {name.data(), option.data(), file.data(), nullptr};
  const int failed = ::posix_spawn(&child.pid, name.c_str(), &files, nullptr, arguments, environ);
  ::posix_spawn_file_actions_destroy(&files);
  if (failed != 0) return errno_error("start " + name, failed);
  return child;
}

// What it says until it ends, or until the deadline.
std::string read_all(int fd, Clock::time_point deadline) {
  std::string text;
  char chunk[4096];
  while (text.size() < kMostText) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
    pollfd waiting{fd, POLLIN, 0};
    if (left <= 0 || ::poll(&waiting, 1, static_cast<int>(left)) <= 0) break;
    const auto n = ::read(fd, chunk, sizeof chunk);
    if (n <= 0) break;
    text.append(chunk, static_cast<std::size_t>(n));
  }
  return text;
}

} // namespace

Result<Probe> run_probe(const std::filesystem::path& program, const std::filesystem::path& config) {
  auto child = spawn(program, config);
  if (!child) return child.error();
  const auto deadline = Clock::now() + kLongest;
  const auto text = read_all(child->output.get(), deadline);
  const bool late = Clock::now() >= deadline;
  if (late) ::kill(child->pid, SIGKILL);
  int state = 0;
  ::waitpid(child->pid, &state, 0);
  if (late)
    return Error{Errc::kTimeout, fmt::format("pult-probe did not end within {} s: this machine is far too slow or busy",
                                             kLongest.count())};
  if (!WIFEXITED(state) || WEXITSTATUS(state) != 0)
    return Error{Errc::kLibrary, "pult-probe could not measure this machine's encoders; what it said stands above"};
  return probe_from_json(text);
}

Result<Probe> probe_from_json(std::string_view text) {
  json::error_code failed;
  const auto parsed = json::parse(text, failed);
  Probe probe;
  try {
    for (const auto& one : parsed.at("missing").as_array())
      probe.missing.emplace_back(one.at("element").as_string().c_str(), one.at("package").as_string().c_str());
    if (const auto* rungs = parsed.as_object().if_contains("rungs"))
      for (const auto& one : rungs->as_array())
        probe.rungs.push_back(
            {one.at("name").as_string().c_str(), one.at("ms").to_number<double>(), one.at("threads").to_number<int>()});
  } catch (const std::exception& wrong) {
    return Error{Errc::kCorrupt, fmt::format("pult-probe said what cannot be read: {}", wrong.what())};
  }
  return probe;
}

Result<UniqueFd> bind_udp(const ListenAddress& address) {
  boost::system::error_code failed;
  const auto host = boost::asio::ip::make_address(address.host, failed);
  if (failed) return Error{Errc::kInvalidArgument, address.host + ": no address"};
  const boost::asio::ip::udp::endpoint endpoint(host, static_cast<std::uint16_t>(address.port));
  UniqueFd fd(::socket(endpoint.protocol().family(), SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!fd || ::bind(fd.get(), endpoint.data(), static_cast<socklen_t>(endpoint.size())) != 0)
    return errno_error("bind udp " + address.text(), errno);
  return fd;
}

} // namespace pult::control
