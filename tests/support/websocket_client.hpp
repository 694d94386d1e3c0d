// A blocking WebSocket client for tests, over TCP or a Unix socket. Every read ends after kPatience.
#pragma once

#include "base/asio.hpp"
#include "tests/support/http_client.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace pult::test {

using Headers = std::vector<std::pair<std::string, std::string>>;

template <typename Protocol>
class WebSocketClient {
 public:
  // Status of the handshake: 101, or what the server said instead; 0 when it hung up.
  unsigned open(const typename Protocol::endpoint& endpoint, const std::string& host, const std::string& target,
                const Headers& headers = {}) {
    namespace ws = boost::beast::websocket;
    stream_.next_layer().connect(endpoint);
    const timeval patience{kPatience.count(), 0};
    ::setsockopt(stream_.next_layer().native_handle(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    stream_.set_option(ws::stream_base::decorator([&headers](ws::request_type& request) {
      for (const auto& [name, value] : headers)
        request.set(name, value);
    }));
    ws::response_type answer;
    ErrorCode failed;
    stream_.handshake(answer, host, target, failed);
    return answer.result_int();
  }
  // The next message; empty when the connection is over.
  std::optional<boost::json::object> read() {
    boost::beast::flat_buffer buffer;
    ErrorCode failed;
    stream_.read(buffer, failed);
    if (failed) return std::nullopt;
    auto value = boost::json::parse({static_cast<const char*>(buffer.data().data()), buffer.size()});
    return value.is_object() ? std::optional(value.get_object()) : std::nullopt;
  }
  auto& stream() { return stream_; }

 private:
  asio::io_context io_;
  boost::beast::websocket::stream<asio::basic_stream_socket<Protocol>> stream_{io_};
};

using TcpWebSocket = WebSocketClient<asio::ip::tcp>;
using LocalWebSocket = WebSocketClient<asio::local::stream_protocol>;

inline asio::ip::tcp::endpoint loopback(int port) {
  return {asio::ip::address_v4::loopback(), static_cast<std::uint16_t>(port)};
}

} // namespace pult::test
