#include "control/run/room_log.hpp"

#include <array>
#include <cstdio>
#include <ctime>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <unistd.h>

namespace pult::control {
namespace {

constexpr std::size_t kMaxDatagram = 64u << 10;
constexpr int kProgramWidth = 16;

int colour_of(std::string_view program) {
  static constexpr std::array kColours = {36, 32, 35, 34, 33, 96, 92, 95};
  std::size_t sum = 0;
  for (const unsigned char c : program)
    sum = sum * 31 + c;
  return kColours[sum % kColours.size()];
}

std::string_view mark_of(char level) {
  if (level == 'W') return "warning: ";
  if (level == 'E' || level == 'C') return "ERROR: ";
  return "";
}

// Control characters would let a stranger's text move the cursor of the crew's terminal.
std::string printable(std::string_view text) {
  std::string out;
  for (const char c : text)
    out += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c;
  return out;
}

std::string short_name(std::string_view program) {
  return std::string(program.starts_with("pult-") ? program.substr(5) : program);
}

} // namespace

LogLine parse_log_line(std::string_view datagram) {
  const auto space = datagram.find(' ', 2);
  if (datagram.size() < 4 || datagram[1] != ' ' || space == std::string_view::npos) return {'I', "?", datagram};
  return {datagram[0], datagram.substr(2, space - 2), datagram.substr(space + 1)};
}

RoomLog::RoomLog(asio::io_context& io)
    : socket_(io.get_executor()), buffer_(kMaxDatagram, '\0'), colour_(::isatty(STDERR_FILENO) == 1) {}

Result<std::unique_ptr<RoomLog>> RoomLog::open(asio::io_context& io, const RunDir& run_dir) {
  std::unique_ptr<RoomLog> log(new RoomLog(io));
  const auto path = run_dir.socket_path(socket_name::kLog);
  ::unlink(path.c_str());
  ErrorCode failed;
  log->socket_.open(asio::local::datagram_protocol{}, failed);
  if (!failed) log->socket_.bind(asio::local::datagram_protocol::endpoint(path), failed);
  if (failed) return Error{Errc::kIo, "bind the log socket in " + run_dir.path().string() + ": " + failed.message()};
  log->receive();
  return log;
}

void RoomLog::receive() {
  socket_.async_receive(asio::buffer(buffer_), [this](ErrorCode failed, std::size_t count) {
    if (failed) return;
    const auto line = parse_log_line(std::string_view(buffer_).substr(0, count));
    print(line.program, line.text, line.level);
    receive();
  });
}

void RoomLog::say(std::string_view text, char level) {
  print("pult-run", text, level);
}

void RoomLog::print(std::string_view program, std::string_view text, char level) {
  const auto now = std::time(nullptr);
  const auto name = short_name(program);
  const auto prefix = colour_ ? fmt::format("\033[{}m{:<{}}\033[0m", colour_of(program), name, kProgramWidth)
                              : fmt::format("{:<{}}", name, kProgramWidth);
  fmt::print(stderr, "{:%H:%M:%S} {} {}{}\n", fmt::localtime(now), prefix, mark_of(level), printable(text));
}

} // namespace pult::control
