#include "base/http_websocket.hpp"

#include "base/http_session.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/websocket.hpp>
#include <deque>

namespace pult::http {
namespace {

namespace ws = beast::websocket;

constexpr std::chrono::seconds kHandshakeTime{10};
constexpr std::chrono::seconds kIdleTime{60}; // pinged at half of it

class BeastWebSocket : public WebSocket, public std::enable_shared_from_this<BeastWebSocket> {
 public:
  BeastWebSocket(Socket& socket, std::shared_ptr<void> owner) : owner_(std::move(owner)), stream_(socket) {
    stream_.set_option(ws::stream_base::timeout{kHandshakeTime, kIdleTime, true});
    stream_.read_message_max(kMaxMessageBytes);
    stream_.text(true);
  }

  Task<bool> accept(const Request& request) {
    beast::http::request<beast::http::empty_body> handshake;
    static_cast<beast::http::fields&>(handshake) = request.headers;
    handshake.method(Verb::get);
    handshake.target(request.target);
    handshake.version(11);
    ErrorCode failed;
    co_await stream_.async_accept(handshake, asio::redirect_error(use_task, failed));
    open_ = !failed;
    co_return open_;
  }

  Task<std::optional<std::string>> read() override {
    if (!open_) co_return std::nullopt;
    std::string text;
    auto buffer = asio::dynamic_buffer(text, kMaxMessageBytes);
    ErrorCode failed;
    co_await stream_.async_read(buffer, asio::redirect_error(use_task, failed));
    if (failed) {
      close();
      co_return std::nullopt;
    }
    co_return text;
  }

  bool send(std::shared_ptr<const std::string> text) override {
    if (!open_) return false;
    if (queued_bytes_ + text->size() > kMaxQueuedBytes) {
      close();
      return false;
    }
    queued_bytes_ += text->size();
    queue_.push_back(std::move(text));
    if (!writing_) write_next();
    return true;
  }

  void close() override {
    open_ = false;
    ErrorCode ignored;
    stream_.next_layer().close(ignored);
  }

 private:
  void write_next() {
    writing_ = true;
    stream_.async_write(asio::buffer(*queue_.front()), [self = shared_from_this()](ErrorCode failed, std::size_t) {
      self->writing_ = false;
      self->queued_bytes_ -= self->queue_.front()->size();
      self->queue_.pop_front();
      if (failed) return self->close();
      if (!self->queue_.empty() && self->open_) self->write_next();
    });
  }

  std::shared_ptr<void> owner_; // of the socket
  ws::stream<Socket&> stream_;
  std::deque<std::shared_ptr<const std::string>> queue_;
  std::size_t queued_bytes_ = 0;
  bool writing_ = false;
  bool open_ = false;
};

} // namespace

bool asks_for_websocket(const Request& request) {
  beast::http::request<beast::http::empty_body> handshake;
  static_cast<beast::http::fields&>(handshake) = request.headers;
  handshake.method(request.method);
  handshake.version(11);
  return ws::is_upgrade(handshake);
}

Task<> run_websocket(Socket& socket, std::shared_ptr<void> owner, const Request& request,
                     const std::function<Task<>(std::shared_ptr<WebSocket>)>& take) {
  const auto stream = std::make_shared<BeastWebSocket>(socket, std::move(owner));
  const bool accepted = co_await stream->accept(request);
  if (!accepted) co_return;
  co_await take(stream);
  stream->close();
}

} // namespace pult::http
