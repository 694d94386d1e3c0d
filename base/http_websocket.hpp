// A WebSocket of the small HTTP server: text messages both ways, each with a bound.
//
// A handler answers a request with Response::websocket; that coroutine gets one of these and reads until it is closed.
// send() never waits: what a slow reader does not take is queued up to a bound, then the connection is closed (it comes
// again and gets the whole anew). Pings keep it alive. For the io_context's thread.
#pragma once

#include "base/asio.hpp"

#include <memory>
#include <optional>
#include <string>

namespace pult::http {

inline constexpr std::size_t kMaxMessageBytes = 256u << 10; // incoming; a larger one closes the connection
inline constexpr std::size_t kMaxQueuedBytes = 4u << 20;    // outgoing

class WebSocket {
 public:
  virtual ~WebSocket() = default;
  // The next message; nothing when the connection is over. One reader at a time.
  virtual Task<std::optional<std::string>> read() = 0;
  // The text is shared, so that many sockets can send the same. False: closed, or closed now because the bound of the
  // queue was reached.
  virtual bool send(std::shared_ptr<const std::string> text) = 0;
  bool send(std::string text) { return send(std::make_shared<const std::string>(std::move(text))); }
  virtual void close() = 0;
};

} // namespace pult::http
