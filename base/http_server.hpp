// A small HTTP/1.1 server for both of our addresses and the crew's Unix socket: one coroutine per connection, pure
// handlers.
//
// Limits stand here, each with its reason; what breaks them gets a 4xx and is closed. A handler gets a whole request
// and gives a whole response; it may co_await (a blocked playlist) and must not block. Bodies are shared and never
// copied. An answer is sent only when it is complete, head and body in one gather write, so a killed server hardly ever
// leaves half of one behind. Pipelined requests are answered one by one, in order. Out of descriptors, or at the bound
// of connections, the longest idle connection makes room for the next. Deadlines are kept by one sweep over all
// connections, not by a timer each. Everything runs in the io_context's one thread.
#pragma once

#include "base/asio.hpp"
#include "base/bytes.hpp"
#include "base/config.hpp"
#include "base/result.hpp"
#include "base/unique_fd.hpp"

#include <boost/beast/http/fields.hpp>
#include <boost/beast/http/status.hpp>
#include <boost/beast/http/verb.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace pult::http {

namespace beast = boost::beast;
using Status = beast::http::status;
using Verb = beast::http::verb;

struct Request {
  Verb method = Verb::get;
  std::string target; // as sent: path and query
  std::string path;   // percent-decoded; no "..", no NUL, no backslash: else refused with 400 before a handler
  std::string query;  // as sent, without "?"
  beast::http::fields headers;
  std::string body;
  std::string peer;          // address without port, for budgets; "unix" for a Unix socket; never logged by the origin
  bool local_socket = false; // came over the room's Unix socket
};

// A span of an immutable buffer; a body may be several (a segment is its parts concatenated).
struct Slice {
  SharedBytes bytes;
  std::size_t offset = 0;
  std::size_t length = 0;
};

class WebSocket; // base/http_websocket.hpp

// A body that is too large for memory, read piece by piece while it is sent (base/http_files.hpp).
class BodySource {
 public:
  virtual ~BodySource() = default;
  [[nodiscard]] virtual std::uint64_t size() const = 0;
  // Null when it cannot be read: the connection is closed.
  virtual Task<SharedBytes> read(std::uint64_t offset, std::size_t length) = 0;
};

struct Response {
  Status status = Status::ok;
  std::vector<std::pair<std::string, std::string>> headers; // Content-Type and so on; Content-Length is the server's
  // What many answers have alike, as lines (http_text.hpp, header_lines); no ETag. Null: nothing.
  std::shared_ptr<const std::string> common_headers;
  std::vector<Slice> body;
  std::shared_ptr<BodySource> source; // instead of `body`: this much of it
  std::uint64_t source_offset = 0;
  std::uint64_t source_length = 0;
  // The server answers HEAD without a body, and Range (one range) with 206 or 416 when this is true; If-Range by the
  // ETag among the headers.
  bool ranges = false;
  bool close = false; // the connection ends with this answer
  // Set: the answer is the WebSocket handshake (426 to a request that does not ask for one), then this runs with the
  // connection until it returns. The other members are not used. See base/http_websocket.hpp.
  std::function<Task<>(std::shared_ptr<WebSocket>)> websocket;

  static Response text(Status status, std::string content_type, std::string_view text);
};

using Handler = std::function<Task<Response>(const Request&)>;

struct Limits {
  std::size_t header_bytes = 16u << 10; // browsers stay below 8 KiB
  std::size_t body_bytes = 1u << 20;
  std::chrono::milliseconds header_time{10'000}; // slowloris: a request's head must be whole by then
  std::chrono::milliseconds body_time{30'000};   // and its body by then: 1 MiB at 280 kbit/s
  std::chrono::milliseconds idle_time{75'000};   // keep-alive without a request
  std::chrono::milliseconds write_time{30'000};  // a reader that takes nothing for that long is cut off
  std::size_t connections = 20000;               // about 5 kB each when idle; the longest idle one makes room
};

class Server {
 public:
  // Takes over a listening TCP or Unix socket (a held socket, LISTEN_FDS). What the handler refers to must live until
  // the io_context has run out after stop(): requests may be parked in it.
  static Result<std::unique_ptr<Server>> serve(asio::io_context& io, UniqueFd listening, Handler handler,
                                               Limits limits = {});
  ~Server();

  // Accepts no more (the listening socket stays as it is: another process may hold it), closes idle connections, lets
  // answers in the making finish until the deadline, then closes all.
  void stop(std::chrono::milliseconds grace);
  [[nodiscard]] std::size_t connections() const;
  [[nodiscard]] int listening_fd() const; // to hand on
  [[nodiscard]] int port() const;         // 0 for a Unix socket

 private:
  struct Impl;
  explicit Server(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;
};

// A bound, listening, non-blocking, close-on-exec TCP socket; v6 any-address takes v4 too.
Result<UniqueFd> listen_tcp(const ListenAddress& address);
// The same for a Unix socket path; a stale file is replaced.
Result<UniqueFd> listen_unix(const std::string& path);
// The sockets that a supervisor passed (LISTEN_PID, LISTEN_FDS), close-on-exec; empty when there are none.
std::vector<UniqueFd> take_listen_fds();

} // namespace pult::http
