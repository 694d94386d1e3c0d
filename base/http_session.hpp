// One HTTP connection: reads a request, has it answered, sends the answer, and again. Private to base/http_server.
//
// A session knows its state and deadline; the server sweeps over all of them and closes those that are late. Everything
// runs in the io_context's thread.
#pragma once

#include "base/http_server.hpp"
#include "base/send_pages.hpp"

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <sys/uio.h>

namespace pult::http {

using Socket = asio::basic_stream_socket<asio::generic::stream_protocol, IoExecutor>;
using SteadyTime = std::chrono::steady_clock::time_point;

// What all sessions of a server have in common.
struct SessionContext {
  Handler handler;
  Limits limits;
  bool stopping = false;
  std::time_t date_second = 0; // of `date`
  std::string date;
  SendPages pages;
};

// What is still to be sent: bytes in memory, or a place in pages.
struct Outgoing {
  iovec span{};                          // with pages only its length counts
  std::shared_ptr<const UniqueFd> pages; // null: from memory
  off_t offset = 0;                      // in the pages
};

class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(std::shared_ptr<SessionContext> context, Socket socket, std::string peer, bool local_socket);

  Task<> run();
  void close();

  [[nodiscard]] bool idle() const { return state_ == State::kIdle; } // between requests, nothing of the next one here
  [[nodiscard]] SteadyTime idle_since() const { return idle_since_; }
  [[nodiscard]] bool ever_asked() const { return ever_asked_; }
  [[nodiscard]] SteadyTime deadline() const { return deadline_; }

 private:
  enum class State { kIdle, kReceiving, kAnswering, kSending };
  using Parser = beast::http::request_parser<beast::http::string_body>;

  Task<bool> receive();                   // false: the connection is over, answered or not
  std::optional<Status> parse_buffered(); // an error's status; the parser says whether it is done
  std::optional<Status> check_head() const;
  std::optional<Request> take_request();
  Task<bool> answer(Request request);
  Task<Response> call_handler(const Request& request);
  Task<bool> upgrade(const Request& request, const Response& response);
  Task<bool> send(const Response& response, bool head_only, bool keep);
  Task<bool> send_source(const Response& response);
  Task<bool> send_queued();
  Task<> refuse(Status status);
  Task<> linger();
  void choose_range(const Request& request, Response& response) const;
  void write_head(const Response& response, std::size_t length, bool keep);
  const std::string& date();

  enum class Sent { kAll, kBlocked, kFailed };
  Sent send_some();
  void queue(const Slice& slice);
  ssize_t send_from_memory(); // what can go with one call: bytes sent, or as of errno
  ssize_t send_from_pages();
  void took(std::size_t bytes);
  void enter(State state, std::chrono::milliseconds limit);

  std::shared_ptr<SessionContext> context_;
  Socket socket_;
  std::string peer_;
  bool local_socket_;
  State state_ = State::kIdle;
  SteadyTime idle_since_;
  SteadyTime deadline_;
  bool ever_asked_ = false;
  bool continued_ = false; // "100 Continue" was sent for this request
  beast::flat_buffer buffer_;
  std::optional<Parser> parser_;
  std::string head_;
  std::vector<Outgoing> outgoing_;
  std::size_t outgoing_begin_ = 0;
};

// The WebSocket handshake, then `take` until it returns. `owner` keeps the socket.
Task<> run_websocket(Socket& socket, std::shared_ptr<void> owner, const Request& request,
                     const std::function<Task<>(std::shared_ptr<WebSocket>)>& take);
[[nodiscard]] bool asks_for_websocket(const Request& request);

} // namespace pult::http
