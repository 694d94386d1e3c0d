// The crew's API: one table of calls, each with the role that it needs; described in docs/cli.md.
//
// Over the room's Unix socket everybody may everything (who may open it is the system's matter). Over TCP every call
// needs a token, loopback too; /healthz and, on loopback, /metrics excepted. A refusal is
// {"error":{"code","message"}}. Handlers run in the io thread and never block.
#pragma once

#include "base/http_server.hpp"
#include "control/room.hpp"
#include "control/room_status.hpp"
#include "control/tokens.hpp"

#include <boost/json/object.hpp>
#include <string>
#include <vector>

namespace pult::control {

class Api {
 public:
  explicit Api(Room& room);
  // May be called for many requests at once.
  Task<http::Response> answer(const http::Request& request);
  // Where TCP is served ("" when it is not), and what is wrong with it ("" when nothing is): both for status.
  void set_port(std::string address, std::string trouble) {
    port_address_ = std::move(address);
    port_trouble_ = std::move(trouble);
  }

 private:
  struct Call {
    http::Verb method;
    std::string path;
    Role role;
    Task<http::Response> (Api::*handler)(const http::Request&, const std::string& by);
  };
  static const std::vector<Call>& calls();
  Result<std::string> who(const http::Request& request, Role needed) const;
  [[nodiscard]] StatusInput status_input() const;
  Task<http::Response> command(Room::Command command, std::string what, std::string name);

  Task<http::Response> healthz(const http::Request&, const std::string&);
  Task<http::Response> metrics(const http::Request&, const std::string&);
  Task<http::Response> status(const http::Request&, const std::string&);
  Task<http::Response> scenes(const http::Request&, const std::string&);
  Task<http::Response> events(const http::Request&, const std::string&);
  Task<http::Response> take(const http::Request&, const std::string&);
  Task<http::Response> preview(const http::Request&, const std::string&);
  Task<http::Response> undo(const http::Request&, const std::string&);
  Task<http::Response> slate(const http::Request&, const std::string&);
  Task<http::Response> show_start(const http::Request&, const std::string&);
  Task<http::Response> show_end(const http::Request&, const std::string&);
  Task<http::Response> tokens(const http::Request&, const std::string&);
  Task<http::Response> token_add(const http::Request&, const std::string&);
  Task<http::Response> token_revoke(const http::Request&, const std::string&);

  Room& room_;
  std::string port_address_, port_trouble_;
  Nanoseconds started_;
};

} // namespace pult::control
