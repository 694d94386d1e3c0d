#include "base/http_session.hpp"

#include "base/http_text.hpp"

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/beast/http/error.hpp>
#include <cassert>
#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <sys/sendfile.h>
#include <sys/socket.h>

namespace pult::http {
namespace {

using beast::http::field;

constexpr std::size_t kReadBytes = 2048;          // a browser's GET fits; an idle viewer costs no more than that
constexpr std::size_t kBodyReadBytes = 32u << 10; // while a body comes
constexpr std::size_t kPieceBytes = 256u << 10;   // of a body that is read while it is sent
constexpr std::size_t kMaxSpans = 64;             // of one sendmsg
constexpr std::size_t kLingerBytes = 1u << 20;    // read and dropped after a refusal, so that the answer arrives
constexpr std::chrono::milliseconds kLingerTime{1000};

bool has_no_body(Status status) {
  return status == Status::no_content || status == Status::not_modified || static_cast<unsigned>(status) < 200;
}

Status status_of(const ErrorCode& parse_error) {
  using beast::http::error;
  if (parse_error == error::header_limit || parse_error == error::buffer_overflow)
    return Status::request_header_fields_too_large;
  if (parse_error == error::body_limit) return Status::payload_too_large;
  return Status::bad_request;
}

// The part of `body` that the range names.
std::vector<Slice> cut(const std::vector<Slice>& body, ByteRange range) {
  std::vector<Slice> chosen;
  for (const auto& slice : body) {
    const auto skipped = std::min(range.first, slice.length);
    const auto taken = std::min(range.length, slice.length - skipped);
    if (taken > 0) chosen.push_back({slice.bytes, slice.offset + skipped, taken});
    range.first -= skipped;
    range.length -= taken;
  }
  return chosen;
}

std::size_t length_of(const std::vector<Slice>& body) {
  std::size_t length = 0;
  for (const auto& slice : body)
    length += slice.length;
  return length;
}

std::size_t length_of(const Response& response) {
  return response.source ? static_cast<std::size_t>(response.source_length) : length_of(response.body);
}

} // namespace

Session::Session(std::shared_ptr<SessionContext> context, Socket socket, std::string peer, bool local_socket)
    : context_(std::move(context)), socket_(std::move(socket)), peer_(std::move(peer)), local_socket_(local_socket),
      idle_since_(std::chrono::steady_clock::now()), deadline_(idle_since_ + context_->limits.header_time) {}

void Session::close() {
  ErrorCode ignored;
  socket_.close(ignored);
}

void Session::enter(State state, std::chrono::milliseconds limit) {
  state_ = state;
  deadline_ = std::chrono::steady_clock::now() + limit;
}

Task<> Session::run() {
  while (!context_->stopping) {
    const bool received = co_await receive();
    if (!received) break;
    auto request = take_request();
    if (!request) {
      co_await refuse(Status::bad_request);
      break;
    }
    const bool go_on = co_await answer(std::move(*request));
    if (!go_on) break;
  }
  close();
}

Task<bool> Session::receive() {
  parser_.emplace();
  parser_->eager(true);
  parser_->header_limit(static_cast<std::uint32_t>(context_->limits.header_bytes));
  parser_->body_limit(context_->limits.body_bytes);
  continued_ = false;
  // A connection that never asked has no longer than a head may take.
  enter(State::kIdle, ever_asked_ ? context_->limits.idle_time : context_->limits.header_time);
  idle_since_ = deadline_ - (ever_asked_ ? context_->limits.idle_time : context_->limits.header_time);
  for (;;) {
    if (buffer_.size() > 0) {
      if (state_ == State::kIdle) enter(State::kReceiving, context_->limits.header_time);
      const auto wrong = parse_buffered();
      if (wrong) {
        co_await refuse(*wrong);
        co_return false;
      }
      if (parser_->is_done()) co_return true;
    }
    if (parser_->is_header_done() && !continued_) {
      continued_ = true;
      deadline_ = std::chrono::steady_clock::now() + context_->limits.body_time;
      if (names_token(parser_->get()[field::expect], "100-continue")) {
        head_ = "HTTP/1.1 100 Continue\r\n\r\n";
        outgoing_.assign(1, {.span = {head_.data(), head_.size()}});
        outgoing_begin_ = 0;
        if (send_some() != Sent::kAll) co_return false; // 25 bytes that do not fit: no honest client
      }
    }
    const auto room = buffer_.prepare(parser_->is_header_done() ? kBodyReadBytes : kReadBytes);
    const auto [failed, n] = co_await socket_.async_read_some(room, asio::as_tuple(use_task));
    if (failed) co_return false;
    buffer_.commit(n);
  }
}

std::optional<Status> Session::parse_buffered() {
  // The parser stops between head and body, and where a chunk ends: put again until it wants more.
  while (buffer_.size() > 0 && !parser_->is_done()) {
    ErrorCode failed;
    const auto taken = parser_->put(buffer_.data(), failed);
    buffer_.consume(taken);
    if (failed == beast::http::error::need_more) break;
    if (failed) return status_of(failed);
  }
  return parser_->is_header_done() ? check_head() : std::nullopt;
}

// What Beast lets pass and a proxy in front of us might read differently (RFC 9112 6.3: request smuggling).
std::optional<Status> Session::check_head() const {
  const auto& message = parser_->get();
  const auto lengths = message.count(field::content_length);
  const auto codings = message.count(field::transfer_encoding);
  if (lengths + codings > 1) return Status::bad_request;
  if (codings == 1 && !parser_->chunked()) return Status::not_implemented;
  if (message.version() != 10 && message.version() != 11) return Status::http_version_not_supported;
  if (message.version() == 11 && message.count(field::host) != 1) return Status::bad_request;
  return std::nullopt;
}

std::optional<Request> Session::take_request() {
  auto& message = parser_->get();
  auto target = parse_target({message.target().data(), message.target().size()});
  if (!target) return std::nullopt;
  Request request;
  request.method = message.method();
  request.target.assign(message.target().data(), message.target().size());
  request.path = std::move(target->path);
  request.query = std::move(target->query);
  request.body = std::move(message.body());
  request.peer = peer_;
  request.local_socket = local_socket_;
  request.headers = std::move(static_cast<beast::http::fields&>(message));
  return request;
}

Task<bool> Session::answer(Request request) {
  ever_asked_ = true;
  state_ = State::kAnswering;
  deadline_ = SteadyTime::max(); // the handler's own business
  const bool keep_asked = parser_->keep_alive() && parser_->get().version() == 11;
  parser_.reset(); // a parked request keeps nothing that it does not need
  auto response = co_await call_handler(request);
  if (response.websocket) {
    const bool go_on = co_await upgrade(request, response);
    co_return go_on;
  }
  if (response.ranges) choose_range(request, response);
  const bool keep = keep_asked && !context_->stopping && !response.close;
  const bool sent = co_await send(response, request.method == Verb::head, keep);
  co_return sent&& keep;
}

Task<Response> Session::call_handler(const Request& request) {
  try {
    Response response = co_await context_->handler(request);
    co_return response;
  } catch (const std::exception& broken) { // one bad request never ends the server
    spdlog::error("http: a handler failed: {}", broken.what());
  }
  co_return Response::text(Status::internal_server_error, "text/plain; charset=utf-8", "internal error\n");
}

Task<bool> Session::upgrade(const Request& request, const Response& response) {
  if (!asks_for_websocket(request) || buffer_.size() > 0) {
    auto wrong =
        Response::text(Status::upgrade_required, "text/plain; charset=utf-8", "a WebSocket is expected here\n");
    wrong.headers.emplace_back("Upgrade", "websocket");
    const bool sent = co_await send(wrong, request.method == Verb::head, true);
    co_return sent && !context_->stopping;
  }
  co_await run_websocket(socket_, shared_from_this(), request, response.websocket);
  co_return false;
}

void Session::choose_range(const Request& request, Response& response) const {
  response.headers.emplace_back("Accept-Ranges", "bytes");
  const auto header = request.headers.find(field::range);
  if (response.status != Status::ok || header == request.headers.end()) return;
  // Of another version, or one that we do not tell: the whole (RFC 9110 13.1.5).
  if (const auto known = request.headers.find(field::if_range); known != request.headers.end()) {
    const auto etag = std::find_if(response.headers.begin(), response.headers.end(),
                                   [](const auto& one) { return one.first == "ETag"; });
    const std::string_view asked(known->value().data(), known->value().size());
    if (etag == response.headers.end() || etag->second != asked) return;
  }
  const auto size = length_of(response);
  ByteRange range;
  const auto chosen = parse_range({header->value().data(), header->value().size()}, size, range);
  if (chosen == RangeAnswer::kPartial) {
    response.status = Status::partial_content;
    response.headers.emplace_back("Content-Range",
                                  fmt::format("bytes {}-{}/{}", range.first, range.first + range.length - 1, size));
    if (response.source) {
      response.source_offset += range.first;
      response.source_length = range.length;
    } else {
      response.body = cut(response.body, range);
    }
  } else if (chosen == RangeAnswer::kUnsatisfiable) {
    response.status = Status::range_not_satisfiable;
    response.headers.emplace_back("Content-Range", fmt::format("bytes */{}", size));
    response.body.clear();
    response.source.reset();
    // What the handler said of caching was said of the body.
    std::erase_if(response.headers, [](const auto& one) { return one.first == "Cache-Control"; });
    if (response.common_headers != nullptr)
      response.common_headers = std::make_shared<std::string>(without_field(*response.common_headers, "Cache-Control"));
    response.headers.emplace_back("Cache-Control", "no-store");
  }
}

const std::string& Session::date() {
  const auto now = std::time(nullptr);
  if (now != context_->date_second) {
    context_->date_second = now;
    context_->date = http_date(now);
  }
  return context_->date;
}

void Session::write_head(const Response& response, std::size_t length, bool keep) {
  const auto append = [this](std::initializer_list<std::string_view> texts) {
    for (const auto text : texts)
      head_ += text;
  };
  head_.clear();
  const auto reason = beast::http::obsolete_reason(response.status);
  append({"HTTP/1.1 ", std::to_string(static_cast<unsigned>(response.status)), " ",
          std::string_view(reason.data(), reason.size()), "\r\nDate: ", date(), "\r\n"});
  for (const auto& [name, value] : response.headers) {
    assert(name.find_first_of("\r\n: ") == std::string::npos && value.find_first_of("\r\n") == std::string::npos);
    append({name, ": ", value, "\r\n"});
  }
  if (response.common_headers != nullptr) append({*response.common_headers});
  if (!has_no_body(response.status)) append({"Content-Length: ", std::to_string(length), "\r\n"});
  if (!keep) append({"Connection: close\r\n"});
  append({"\r\n"});
}

Task<bool> Session::send(const Response& response, bool head_only, bool keep) {
  write_head(response, length_of(response), keep);
  outgoing_.assign(1, {.span = {head_.data(), head_.size()}});
  outgoing_begin_ = 0;
  if (!head_only && !has_no_body(response.status)) {
    for (const auto& slice : response.body)
      queue(slice);
  }
  if (response.source && !head_only && !has_no_body(response.status)) {
    const bool sent = co_await send_source(response);
    co_return sent;
  }
  const bool sent = co_await send_queued();
  co_return sent;
}

// The head goes with the first piece, and each piece when the one before is gone: a connection holds one at most.
Task<bool> Session::send_source(const Response& response) {
  for (std::uint64_t done = 0; done < response.source_length;) {
    const auto length = static_cast<std::size_t>(std::min<std::uint64_t>(kPieceBytes, response.source_length - done));
    deadline_ = SteadyTime::max(); // the source's own business
    auto reading = response.source->read(response.source_offset + done, length);
    const auto piece = co_await std::move(reading);
    if (piece == nullptr) co_return false;
    outgoing_.push_back({.span = {const_cast<std::uint8_t*>(piece->data()), piece->size()}});
    const bool sent = co_await send_queued();
    if (!sent || context_->stopping) co_return false;
    outgoing_begin_ = 0;
    done += length;
  }
  const bool sent = co_await send_queued(); // an empty file has a head, too
  co_return sent;
}

Task<bool> Session::send_queued() {
  enter(State::kSending, context_->limits.write_time);
  for (;;) {
    const auto sent = send_some();
    if (sent != Sent::kBlocked) co_return sent == Sent::kAll;
    ErrorCode failed;
    co_await socket_.async_wait(Socket::wait_write, asio::redirect_error(use_task, failed));
    if (failed) co_return false;
    enter(State::kSending, context_->limits.write_time); // it takes something again
  }
}

void Session::queue(const Slice& slice) {
  if (slice.length == 0) return;
  Outgoing piece{.span = {const_cast<std::uint8_t*>(slice.bytes->data()) + slice.offset, slice.length},
                 .pages = nullptr,
                 .offset = static_cast<off_t>(slice.offset)};
  if (slice.length >= SendPages::kLeastBytes) piece.pages = context_->pages.of(slice.bytes);
  outgoing_.push_back(std::move(piece));
}

Session::Sent Session::send_some() {
  while (outgoing_begin_ < outgoing_.size()) {
    const auto n = outgoing_[outgoing_begin_].pages != nullptr ? send_from_pages() : send_from_memory();
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errno == EAGAIN || errno == EWOULDBLOCK ? Sent::kBlocked : Sent::kFailed;
    took(static_cast<std::size_t>(n));
  }
  outgoing_.clear(); // lets the pages go
  return Sent::kAll;
}

ssize_t Session::send_from_memory() {
  std::array<iovec, kMaxSpans> spans; // NOLINT(cppcoreguidelines-pro-type-member-init): as far as it is used
  std::size_t count = 0;
  auto next = outgoing_.begin() + static_cast<std::ptrdiff_t>(outgoing_begin_);
  for (; next != outgoing_.end() && next->pages == nullptr && count < spans.size(); ++next)
    spans[count++] = next->span;
  msghdr message{};
  message.msg_iov = spans.data();
  message.msg_iovlen = count;
  const int more = next != outgoing_.end() ? MSG_MORE : 0; // head and body in one packet
  return ::sendmsg(socket_.native_handle(), &message, MSG_NOSIGNAL | more);
}

ssize_t Session::send_from_pages() {
  const auto& piece = outgoing_[outgoing_begin_];
  off_t offset = piece.offset;
  const auto n = ::sendfile(socket_.native_handle(), piece.pages->get(), &offset, piece.span.iov_len);
  if (n != 0) return n;
  errno = EIO; // the pages are shorter than their buffer: cannot be
  return -1;
}

void Session::took(std::size_t bytes) {
  while (bytes > 0) {
    auto& piece = outgoing_[outgoing_begin_];
    const auto part = std::min(bytes, piece.span.iov_len);
    piece.span.iov_base = static_cast<char*>(piece.span.iov_base) + part;
    piece.span.iov_len -= part;
    piece.offset += static_cast<off_t>(part);
    bytes -= part;
    if (piece.span.iov_len == 0) ++outgoing_begin_;
  }
}

Task<> Session::refuse(Status status) {
  const auto reason = beast::http::obsolete_reason(status);
  const auto response = Response::text(status, "text/plain; charset=utf-8", std::string(reason) + "\n");
  const bool sent = co_await send(response, false, false);
  if (sent) co_await linger();
}

// Closing with unread bytes would reset the connection and take the answer with it (RFC 9112 9.6).
Task<> Session::linger() {
  ErrorCode failed;
  socket_.shutdown(Socket::shutdown_send, failed);
  enter(State::kSending, kLingerTime);
  for (std::size_t dropped = 0; !failed && dropped < kLingerBytes;) {
    buffer_.clear();
    const auto room = buffer_.prepare(kBodyReadBytes);
    dropped += co_await socket_.async_read_some(room, asio::redirect_error(use_task, failed));
  }
}

} // namespace pult::http
