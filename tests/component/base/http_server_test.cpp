#include "base/http_server.hpp"

#include "base/http_websocket.hpp"
#include "tests/support/http_client.hpp"
#include "tests/support/slowness.hpp"

#include <atomic>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket.hpp>
#include <fcntl.h>
#include <filesystem>
#include <future>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <thread>

namespace pult::http {
namespace {

using test::Answer;
using test::Client;
using testing::HasSubstr;
using namespace std::chrono_literals;

Task<Response> echo(const Request& request) {
  co_return Response::text(Status::ok, "text/plain", request.path + "|" + request.query + "|" + request.body);
}

// A server on loopback with an io thread of its own.
class Running {
 public:
  explicit Running(Handler handler, Limits limits = {}, UniqueFd listening = {}) {
    if (!listening) listening = std::move(listen_tcp({"127.0.0.1", 0}).value());
    auto server = Server::serve(io_, std::move(listening), std::move(handler), limits);
    if (!server) throw std::runtime_error(server.error().message);
    server_ = std::move(*server);
    port_ = server_->port();
    thread_ = std::thread([this] { io_.run(); });
  }
  ~Running() {
    on_io([this] { server_->stop(5s); });
    thread_.join();
  }
  template <typename F>
  void on_io(F f) {
    asio::post(io_, std::move(f));
  }
  Server& server() { return *server_; }
  Client client() const { return Client::tcp(port_); }
  [[nodiscard]] int port() const { return port_; }
  std::size_t connections() {
    std::promise<std::size_t> count;
    on_io([&] { count.set_value(server_->connections()); });
    return count.get_future().get();
  }

 private:
  asio::io_context io_{1};
  std::unique_ptr<Server> server_;
  int port_ = 0;
  std::thread thread_;
};

template <typename P>
bool becomes_true(P predicate) {
  const auto deadline = std::chrono::steady_clock::now() + test::kPatience;
  while (!predicate())
    if (std::chrono::steady_clock::now() > deadline)
      return false;
    else
      std::this_thread::yield();
  return true;
}

TEST(HttpServer, AnswersOnOneConnectionAgainAndAgain) {
  Running running(echo);
  auto client = running.client();
  for (int i = 0; i < 3; ++i) {
    const auto answer = client.get("/a%20b?x=" + std::to_string(i));
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, "/a b|x=" + std::to_string(i) + "|");
    EXPECT_EQ(answer.header("content-type"), "text/plain");
    EXPECT_THAT(answer.header("date"), HasSubstr(" GMT"));
  }
}

TEST(HttpServer, AnswersPipelinedRequestsInOrder) {
  Running running(echo);
  auto client = running.client();
  client.send("GET /1 HTTP/1.1\r\nHost: a\r\n\r\nPOST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbodyGET /3 "
              "HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(client.receive().body, "/1||");
  EXPECT_EQ(client.receive().body, "/2||body");
  EXPECT_EQ(client.receive().body, "/3||");
}

TEST(HttpServer, TakesARequestThatComesByteByByte) {
  Running running(echo);
  auto client = running.client();
  const int on = 1;
  ::setsockopt(client.fd(), IPPROTO_TCP, 1 /* TCP_NODELAY */, &on, sizeof on);
  for (const char c :
       std::string("POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"))
    client.send({&c, 1});
  EXPECT_EQ(client.receive().body, "/x||abc");
}

TEST(HttpServer, ContinuesAnExpectingClient) {
  Running running(echo);
  auto client = running.client();
  client.send("POST /x HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  EXPECT_EQ(client.receive().status, 100);
  client.send("ok");
  EXPECT_EQ(client.receive().body, "/x||ok");
}

TEST(HttpServer, AnswersHeadWithoutABody) {
  Running running(echo);
  auto client = running.client();
  client.send("HEAD /abc HTTP/1.1\r\nHost: a\r\n\r\n");
  const auto answer = client.receive(true);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.header("content-length"), "6");
  EXPECT_EQ(client.get("/next").body, "/next||"); // nothing of a body in between
}

TEST(HttpServer, ClosesAfterHttp10AndWhenAsked) {
  Running running(echo);
  auto old = running.client();
  old.send("GET /a HTTP/1.0\r\n\r\n");
  EXPECT_EQ(old.receive().body, "/a||");
  EXPECT_TRUE(old.closed_by_peer());
  auto asking = running.client();
  EXPECT_EQ(asking.get("/a", "Connection: close\r\n").header("connection"), "close");
  EXPECT_TRUE(asking.closed_by_peer());
}

TEST(HttpServer, CutsRangesOutOfManySlices) {
  const auto bytes = share(Bytes{'0', '1', '2', '3', '4', '5', '6', '7', '8', '9'});
  Running running([&](const Request&) -> Task<Response> {
    Response response;
    response.body = {{bytes, 0, 3}, {bytes, 3, 0}, {bytes, 3, 4}, {bytes, 7, 3}};
    response.ranges = true;
    co_return response;
  });
  auto client = running.client();
  EXPECT_EQ(client.get("/").body, "0123456789");
  EXPECT_EQ(client.get("/").header("accept-ranges"), "bytes");
  const auto part = client.get("/", "Range: bytes=2-7\r\n");
  EXPECT_EQ(part.status, 206);
  EXPECT_EQ(part.body, "234567");
  EXPECT_EQ(part.header("content-range"), "bytes 2-7/10");
  EXPECT_EQ(client.get("/", "Range: bytes=-1\r\n").body, "9");
  const auto beyond = client.get("/", "Range: bytes=10-\r\n");
  EXPECT_EQ(beyond.status, 416);
  EXPECT_EQ(beyond.header("content-range"), "bytes */10");
  EXPECT_EQ(client.get("/", "Range: bytes=0-1\r\nIf-Range: \"x\"\r\n").status, 200);
}

struct Malformed {
  const char* what;
  std::string request;
  int status;
};

class Refusal : public testing::TestWithParam<Malformed> {};

TEST_P(Refusal, IsAnsweredAndClosed) {
  Limits limits;
  limits.body_bytes = 1000;
  limits.header_bytes = 4096;
  Running running(echo, limits);
  auto client = running.client();
  client.send(GetParam().request);
  EXPECT_EQ(client.receive().status, GetParam().status);
  EXPECT_TRUE(client.closed_by_peer());
  EXPECT_EQ(running.client().get("/after").body, "/after||"); // the others go on
}

const std::string kGet = "GET / HTTP/1.1\r\nHost: a\r\n";
INSTANTIATE_TEST_SUITE_P(
    HttpServer, Refusal,
    testing::Values(
        Malformed{"both lengths", kGet + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
        Malformed{"both lengths turned", kGet + "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\nabc", 400},
        Malformed{"length and strange coding", kGet + "Transfer-Encoding: xchunked\r\nContent-Length: 3\r\n\r\nabc",
                  400},
        Malformed{"two lengths", kGet + "Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc", 400},
        Malformed{"negative length", kGet + "Content-Length: -3\r\n\r\n", 400},
        Malformed{"strange coding", kGet + "Transfer-Encoding: gzip\r\n\r\n", 501},
        Malformed{"two codings", kGet + "Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
        Malformed{"bad chunk", kGet + "Transfer-Encoding: chunked\r\n\r\nzz\r\n", 400},
        Malformed{"no host", "GET / HTTP/1.1\r\n\r\n", 400}, Malformed{"two hosts", kGet + "Host: b\r\n\r\n", 400},
        Malformed{"space before colon", kGet + "X : y\r\n\r\n", 400},
        Malformed{"not http", "\x16\x03\x01 hello\r\n\r\n", 400},
        Malformed{"version", "GET / HTTP/3.7\r\nHost: a\r\n\r\n", 400},
        Malformed{"large head", kGet + "X: " + std::string(5000, 'x') + "\r\n\r\n", 431},
        Malformed{"endless head", kGet + "X: " + std::string(200000, 'x'), 431},
        Malformed{"large body", kGet + "Content-Length: 1001\r\n\r\n" + std::string(1001, 'x'), 413},
        Malformed{"large chunk", kGet + "Transfer-Encoding: chunked\r\n\r\n500\r\n" + std::string(1280, 'x'), 413},
        Malformed{"parent", "GET /../etc/passwd HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        Malformed{"encoded parent", "GET /%2e%2e%2fetc HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        Malformed{"nul", "GET /a%00 HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        Malformed{"backslash", "GET /a%5c..%5cb HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        Malformed{"bad escape", "GET /%gg HTTP/1.1\r\nHost: a\r\n\r\n", 400}),
    [](const auto& malformed) {
      std::string name = malformed.param.what;
      std::replace(name.begin(), name.end(), ' ', '_');
      return name;
    });

TEST(HttpServer, ClosesWhoSendsAHeadTooSlowly) {
  Limits limits;
  limits.header_time = 100ms;
  Running running(echo, limits);
  auto silent = running.client();
  auto slow = running.client();
  slow.send("GET / HTTP/1.1\r\nHo");
  EXPECT_TRUE(slow.closed_by_peer());
  EXPECT_TRUE(silent.closed_by_peer());
}

TEST(HttpServer, ClosesAnIdleConnection) {
  Limits limits;
  limits.idle_time = 100ms;
  Running running(echo, limits);
  auto client = running.client();
  EXPECT_EQ(client.get("/").status, 200);
  EXPECT_TRUE(client.closed_by_peer());
}

TEST(HttpServer, CutsOffWhoTakesNothing) {
  const auto large = share(Bytes(64u << 20));
  Limits limits;
  limits.write_time = 100ms;
  Running running(
      [&](const Request&) -> Task<Response> {
        Response response;
        response.body = {{large, 0, large->size()}};
        co_return response;
      },
      limits);
  auto lazy = Client::tcp(running.port(), 4096);
  lazy.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_TRUE(becomes_true([&] { return running.connections() == 1; }));
  EXPECT_TRUE(becomes_true([&] { return running.connections() == 0; }));
}

TEST(HttpServer, SendsALargeBodyWhole) {
  Bytes bytes(8u << 20);
  for (std::size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<std::uint8_t>(i * 31 >> 7);
  const auto large = share(std::move(bytes));
  Running running([&](const Request&) -> Task<Response> {
    Response response;
    for (std::size_t at = 0; at < large->size(); at += 4096) // more slices than one call takes
      response.body.push_back({large, at, 4096});
    co_return response;
  });
  const auto answer = running.client().get("/");
  EXPECT_TRUE(std::equal(answer.body.begin(), answer.body.end(), large->begin(), large->end(),
                         [](char a, std::uint8_t b) { return static_cast<std::uint8_t>(a) == b; }));
}

// From the second time on it comes from the kernel's pages; nobody can tell.
TEST(HttpServer, SendsALargeBodyTheSameAgainAndAgain) {
  Bytes bytes(3u << 20);
  for (std::size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<std::uint8_t>(i * 31 >> 7);
  const std::string whole(bytes.begin(), bytes.end());
  const auto large = share(std::move(bytes));
  Running running([&](const Request&) -> Task<Response> {
    Response response;
    response.body = {{large, 0, 10}, {large, 10, 1u << 20}, {large, 10 + (1u << 20), 5}};
    response.body.push_back({large, 15 + (1u << 20), large->size() - 15 - (1u << 20)});
    response.ranges = true;
    co_return response;
  });
  auto client = running.client();
  auto slow = Client::tcp(running.port(), 4096); // takes it in many pieces
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(client.get("/").body == whole) << i;
    EXPECT_TRUE(slow.get("/").body == whole) << i;
    EXPECT_TRUE(client.get("/", "Range: bytes=7-2000000\r\n").body == whole.substr(7, 2000000 - 6)) << i;
  }
}

// Parks a request; looks again now and then, so that nothing of the io_context's outlives it.
Task<> until_open(const std::atomic<bool>& gate) {
  SteadyTimer pause(co_await asio::this_coro::executor);
  while (!gate) {
    pause.expires_after(20ms);
    co_await pause.async_wait(use_task);
  }
}

TEST(HttpServer, GoesOnWhileARequestIsParked) {
  std::atomic<bool> gate = false;
  Running running([&](const Request& request) -> Task<Response> {
    if (request.path == "/parked") co_await until_open(gate);
    co_return Response::text(Status::ok, "text/plain", request.path);
  });
  auto parked = running.client();
  parked.send("GET /parked HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(running.client().get("/other").body, "/other");
  gate = true;
  EXPECT_EQ(parked.receive().body, "/parked");
}

TEST(HttpServer, StopLetsAnAnswerInTheMakingFinish) {
  std::atomic<bool> begun = false;
  Running running([&](const Request& request) -> Task<Response> {
    if (request.path == "/slow") {
      begun = true;
      SteadyTimer pause(co_await asio::this_coro::executor, 200ms);
      co_await pause.async_wait(use_task);
    }
    co_return Response::text(Status::ok, "text/plain", "whole");
  });
  auto idle = running.client();
  EXPECT_EQ(idle.get("/").status, 200);
  auto busy = running.client();
  busy.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
  ASSERT_TRUE(becomes_true([&] { return begun.load(); }));
  running.on_io([&] { running.server().stop(5s); });
  EXPECT_TRUE(idle.closed_by_peer());
  const auto answer = busy.receive();
  EXPECT_EQ(answer.body, "whole");
  EXPECT_EQ(answer.header("connection"), "close");
  EXPECT_FALSE(running.client().open());
}

TEST(HttpServer, AHandlerThatThrowsCostsOneAnswer) {
  Running running([](const Request& request) -> Task<Response> {
    if (request.path == "/throw") throw std::runtime_error("broken");
    co_return Response::text(Status::ok, "text/plain", "fine");
  });
  auto client = running.client();
  EXPECT_EQ(client.get("/throw").status, 500);
  EXPECT_EQ(client.get("/").body, "fine");
}

TEST(HttpServer, ServesAUnixSocketAndSaysSo) {
  const auto path = std::filesystem::temp_directory_path() / ("pult-http-" + std::to_string(::getpid()) + ".sock");
  Running running(
      [](const Request& request) -> Task<Response> {
        co_return Response::text(Status::ok, "text/plain", request.peer + (request.local_socket ? " local" : ""));
      },
      {}, std::move(listen_unix(path).value()));
  EXPECT_EQ(Client::unix(path).get("/").body, "unix local");
  std::filesystem::remove(path);
}

TEST(HttpServer, SaysThePeersAddressWithoutItsPort) {
  Running running(
      [](const Request& request) -> Task<Response> {
        co_return Response::text(Status::ok, "text/plain", request.peer);
      },
      {}, std::move(listen_tcp({"::", 0}).value()));
  EXPECT_EQ(running.client().get("/").body, "127.0.0.1"); // v4 on a v6 socket
}

// Takes all descriptors of the process but `left`.
class FewDescriptors {
 public:
  explicit FewDescriptors(int left) {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    int limit = 0;
    for (; left > 0; ++limit)
      if (::fcntl(limit, F_GETFD) < 0) --left; // a free one
    const rlimit few{static_cast<rlim_t>(limit), before_.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &few);
  }
  ~FewDescriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  rlimit before_{};
};

TEST(HttpServer, OutOfDescriptorsTheLongestIdleMakesRoom) {
  if (test::kAddressSanitizer)
    GTEST_SKIP() << "UBSan's vptr check looks at memory through a pipe: it needs descriptors";
  Running running(echo);
  constexpr std::size_t kIdle = 8;
  const FewDescriptors few(2 * kIdle + 1); // both ends are ours; one is left, for the newcomer's end
  std::vector<Client> idle;
  for (std::size_t i = 1; i <= kIdle; ++i) {
    idle.push_back(running.client());
    ASSERT_TRUE(idle.back().open());
    ASSERT_TRUE(becomes_true([&] { return running.connections() == i; }));
  }
  const auto begun = std::chrono::steady_clock::now();
  EXPECT_EQ(running.client().get("/in").body, "/in||");
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 3s * test::kSlowness);
}

TEST(HttpServer, OutOfDescriptorsItDoesNotSpin) {
  if (test::kAddressSanitizer)
    GTEST_SKIP() << "UBSan's vptr check looks at memory through a pipe: it needs descriptors";
  std::atomic<bool> gate = false;
  Running running([&](const Request&) -> Task<Response> {
    co_await until_open(gate); // a parked request is never dropped
    co_return Response::text(Status::ok, "text/plain", "late");
  });
  std::vector<Client> parked;
  {
    const FewDescriptors few(20);
    for (;;) {
      auto client = running.client();
      if (!client.open()) break;
      client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
      parked.push_back(std::move(client));
    }
    const auto before = std::clock();
    std::this_thread::sleep_for(400ms); // the time that is measured, not a wait
    EXPECT_LT(double(std::clock() - before) / CLOCKS_PER_SEC, 0.1);
  }
  gate = true;
  for (auto& client : parked)
    EXPECT_EQ(client.receive().body, "late"); // also who waited in the backlog
}

TEST(HttpServer, AtTheBoundOfConnectionsTheLongestIdleMakesRoom) {
  Limits limits;
  limits.connections = 3;
  Running running(echo, limits);
  std::vector<Client> clients;
  for (int i = 0; i < 3; ++i) {
    clients.push_back(running.client());
    EXPECT_EQ(clients.back().get("/").status, 200);
  }
  EXPECT_EQ(running.client().get("/in").body, "/in||");
  EXPECT_TRUE(clients.front().closed_by_peer());
  EXPECT_EQ(clients.back().get("/").status, 200);
}

TEST(HttpServer, TakesNoSocketThatDoesNotListen) {
  asio::io_context io;
  auto server = Server::serve(io, UniqueFd(::socket(AF_INET, SOCK_STREAM, 0)), echo);
  ASSERT_FALSE(server);
  EXPECT_THAT(server.error().message, HasSubstr("does not listen"));
}

TEST(HttpServer, SaysWhichPortIsTaken) {
  Running running(echo);
  const auto second = listen_tcp({"127.0.0.1", running.port()});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().message,
            "listen at 127.0.0.1:" + std::to_string(running.port()) + ": Address already in use");
}

Handler websocket_echo() {
  return [](const Request&) -> Task<Response> {
    Response response;
    response.websocket = [](std::shared_ptr<WebSocket> socket) -> Task<> {
      socket->send("hello");
      for (;;) {
        const auto text = co_await socket->read();
        if (!text) break;
        socket->send(*text);
      }
    };
    co_return response;
  };
}

TEST(HttpWebSocket, TalksBothWays) {
  Running running(websocket_echo());
  asio::io_context io;
  beast::websocket::stream<asio::ip::tcp::socket> stream(io);
  stream.next_layer().connect({asio::ip::address_v4::loopback(), static_cast<std::uint16_t>(running.port())});
  stream.handshake("test", "/api/v1/events");
  const auto read = [&] {
    beast::flat_buffer buffer;
    stream.read(buffer);
    return std::string(static_cast<const char*>(buffer.data().data()), buffer.size());
  };
  EXPECT_EQ(read(), "hello");
  for (const std::string& text : {std::string("a"), std::string(100'000, 'b')}) {
    stream.write(asio::buffer(text));
    EXPECT_EQ(read(), text);
  }
  stream.close(beast::websocket::close_code::normal);
  EXPECT_TRUE(becomes_true([&] { return running.connections() == 0; }));
}

TEST(HttpWebSocket, APlainRequestIsToldSo) {
  Running running(websocket_echo());
  auto client = running.client();
  const auto answer = client.get("/");
  EXPECT_EQ(answer.status, 426);
  EXPECT_EQ(answer.header("upgrade"), "websocket");
}

} // namespace
} // namespace pult::http
