// Where the API is served: the room's Unix socket, and [control].listen when its port can be had.
//
// The Unix socket is what the crew's commands depend on; without it pultd does not start. A TCP port that is taken is
// an alarm and tried again every few seconds. One thread, the io thread.
#pragma once

#include "base/http_server.hpp"
#include "control/api.hpp"

#include <memory>

namespace pult::control {

class CrewPorts {
 public:
  static Result<std::unique_ptr<CrewPorts>> open(asio::io_context& io, Room& room, Api& api);
  void stop();
  [[nodiscard]] int tcp_port() const { return tcp_ ? tcp_->port() : 0; }

 private:
  CrewPorts(asio::io_context& io, Room& room, Api& api);
  void open_tcp();
  void retry_tcp(const std::string& trouble);

  asio::io_context& io_;
  Room& room_;
  Api& api_;
  SteadyTimer retry_;
  std::string told_;
  std::unique_ptr<http::Server> local_;
  std::unique_ptr<http::Server> tcp_;
};

} // namespace pult::control
