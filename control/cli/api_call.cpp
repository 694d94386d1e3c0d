#include "control/cli/api_call.hpp"

#include "base/asio.hpp"
#include "base/run_dir.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/json.hpp>
#include <fmt/format.h>

namespace pult::cli {
namespace {

namespace http = boost::beast::http;
namespace json = boost::json;
using LocalSocket = asio::basic_stream_socket<asio::local::stream_protocol, IoExecutor>;
using TcpSocket = asio::basic_stream_socket<asio::ip::tcp, IoExecutor>;
using Exchange = Result<http::response<http::string_body>>;

constexpr std::chrono::milliseconds kRetryFor{1500};       // pultd is back within two seconds of a kill
constexpr std::chrono::milliseconds kRetryMissingFor{300}; // a starting pultd replaces the socket
constexpr std::chrono::milliseconds kRetryPause{20};
constexpr std::size_t kMaxAnswer = 16u << 20;

http::request<http::string_body> request_of(const ApiPlace& place, const ApiCall& call) {
  http::request<http::string_body> request(http::string_to_verb(call.method), call.target, 11);
  request.set(http::field::host, place.host.empty() ? "pult" : place.host);
  request.set(http::field::connection, "close");
  if (!place.token.empty()) request.set(http::field::authorization, "Bearer " + place.token);
  if (call.body) {
    request.set(http::field::content_type, "application/json");
    request.body() = json::serialize(*call.body);
  }
  request.prepare_payload();
  return request;
}

template <typename Socket>
Task<Exchange> exchange(Socket& socket, const ApiPlace& place, const ApiCall& call) {
  auto request = request_of(place, call);
  ErrorCode failed;
  co_await http::async_write(socket, request, asio::redirect_error(use_task, failed));
  if (failed) co_return Error{Errc::kUnavailable, "the connection broke: " + failed.message()};
  boost::beast::flat_buffer buffer;
  http::response_parser<http::string_body> parser;
  parser.body_limit(kMaxAnswer);
  co_await http::async_read(socket, buffer, parser, asio::redirect_error(use_task, failed));
  if (failed) co_return Error{Errc::kUnavailable, "the connection broke before the answer: " + failed.message()};
  co_return parser.release();
}

bool worth_another_try(const ErrorCode& failed, std::chrono::steady_clock::duration since) {
  if (failed == asio::error::connection_refused) return since < kRetryFor;
  return failed == boost::system::errc::no_such_file_or_directory && since < kRetryMissingFor;
}

Task<Exchange> over_unix(asio::io_context& io, const RunDir& run_dir, const ApiPlace& place, const ApiCall& call) {
  const asio::local::stream_protocol::endpoint endpoint(run_dir.socket_path(socket_name::kControl));
  const auto start = std::chrono::steady_clock::now();
  LocalSocket socket(io.get_executor());
  ErrorCode failed;
  while (true) {
    co_await socket.async_connect(endpoint, asio::redirect_error(use_task, failed));
    if (!worth_another_try(failed, std::chrono::steady_clock::now() - start)) break;
    socket.close();
    SteadyTimer pause(io.get_executor(), kRetryPause);
    co_await pause.async_wait(use_task);
  }
  if (failed) co_return Error{Errc::kUnavailable, failed.message()};
  co_return co_await exchange(socket, place, call);
}

Task<Exchange> over_tcp(asio::io_context& io, const ApiPlace& place, const ApiCall& call) {
  asio::ip::basic_resolver<asio::ip::tcp, IoExecutor> resolver(io.get_executor());
  ErrorCode failed;
  const auto found = co_await resolver.async_resolve(place.host, place.port, asio::redirect_error(use_task, failed));
  if (failed) co_return Error{Errc::kUnavailable, place.host + ": " + failed.message()};
  TcpSocket socket(io.get_executor());
  co_await asio::async_connect(socket, found, asio::redirect_error(use_task, failed));
  if (failed) co_return Error{Errc::kUnavailable, fmt::format("{}:{}: {}", place.host, place.port, failed.message())};
  co_return co_await exchange(socket, place, call);
}

Task<> keep(Task<Exchange> task, std::optional<Exchange>& result) {
  result = co_await std::move(task);
}

Result<ApiAnswer> parse(const http::response<http::string_body>& response) {
  json::error_code failed;
  // An answer is read once and goes as a whole: one block for all of it.
  auto value = json::parse(response.body(), failed, json::make_shared_resource<json::monotonic_resource>());
  if (failed || !value.is_object())
    return Error{Errc::kCorrupt, fmt::format("an answer that is no JSON (HTTP {})", response.result_int())};
  return ApiAnswer{static_cast<int>(response.result_int()), std::move(value.get_object())};
}

} // namespace

Result<ApiPlace> parse_url(const std::string& url) {
  constexpr std::string_view kScheme = "http://";
  const Error wrong{Errc::kInvalidArgument, fmt::format("--url looks like http://10.0.0.5:8081, not \"{}\"", url)};
  if (!url.starts_with(kScheme)) return wrong;
  auto address = url.substr(kScheme.size());
  while (address.ends_with('/'))
    address.pop_back();
  const auto colon = address.rfind(':');
  if (colon == std::string::npos || colon == 0 || address.find('/') != std::string::npos) return wrong;
  auto host = address.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  return ApiPlace{{}, host, address.substr(colon + 1), {}};
}

Result<ApiAnswer> call_api(const ApiPlace& place, const ApiCall& call) {
  asio::io_context io;
  std::optional<RunDir> run_dir;
  if (place.host.empty()) {
    auto there = RunDir::open_existing(place.run_dir);
    if (!there) return Error{Errc::kUnavailable, there.error().message};
    run_dir = std::move(*there);
  }
  std::optional<Exchange> result;
  auto task = run_dir ? over_unix(io, *run_dir, place, call) : over_tcp(io, place, call);
  asio::co_spawn(io, keep(std::move(task), result), asio::detached);
  io.run_for(call.deadline);
  if (!result)
    return Error{Errc::kTimeout,
                 fmt::format("no answer within {:.1f} s", std::chrono::duration<double>(call.deadline).count())};
  if (!*result) return result->error();
  return parse(**result);
}

} // namespace pult::cli
