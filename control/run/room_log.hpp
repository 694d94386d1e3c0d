// One tidy log for the room: takes every program's lines from the datagram socket and prints them with time, program
// (in its colour on a terminal) and level. For the io thread.
#pragma once

#include "base/asio.hpp"
#include "base/result.hpp"
#include "base/run_dir.hpp"

#include <boost/asio/local/datagram_protocol.hpp>
#include <memory>
#include <string>
#include <string_view>

namespace pult::control {

class RoomLog {
 public:
  static Result<std::unique_ptr<RoomLog>> open(asio::io_context& io, const RunDir& run_dir);
  // A line of the supervisor itself.
  void say(std::string_view text, char level = 'I');
  // A line of a program, as it came or as read from its stderr.
  void print(std::string_view program, std::string_view text, char level);

 private:
  using Socket = asio::basic_datagram_socket<asio::local::datagram_protocol, IoExecutor>;
  explicit RoomLog(asio::io_context& io);
  void receive();

  Socket socket_;
  std::string buffer_;
  bool colour_;
};

// "I pult-ingest text" → its three parts; a datagram of another shape is all text of program "?".
struct LogLine {
  char level = 'I';
  std::string_view program, text;
};
LogLine parse_log_line(std::string_view datagram);

} // namespace pult::control
