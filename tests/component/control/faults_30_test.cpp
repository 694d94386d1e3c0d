// Row 30 of the fault table, at the crew's port: malformed and oversize requests, deep JSON, WebSocket frames, both
// lengths at once. A 4xx, the connection closed, memory flat, and the crew goes on.
#include "base/exit_codes.hpp"
#include "base/file.hpp"
#include "tests/component/control/room_fixture.hpp"
#include "tests/support/slowness.hpp"
#include "tests/support/websocket_client.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sstream>
#include <unistd.h>

namespace pult::control {
namespace {

using namespace std::chrono_literals;

class Row30 : public CrewPort {
 protected:
  void SetUp() override {
    CrewPort::SetUp();
    token_ = add_token("panel", "operate");
  }
  std::string head(const std::string& first, const std::string& more = "") const {
    return fmt::format("{}\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {}\r\n{}\r\n", first, token_, more);
  }
  // The status of the answer to these bytes, and whether the connection was closed behind it.
  std::pair<int, bool> say(const std::string& bytes) {
    auto client = test::Client::tcp(port_);
    client.send(bytes);
    const auto status = client.receive().status;
    return {status, client.closed_by_peer()};
  }
  std::size_t resident_bytes() const {
    const auto text = read_file(fmt::format("/proc/{}/statm", pultd_pid()));
    std::size_t all = 0, resident = 0;
    if (text) std::istringstream(*text) >> all >> resident;
    return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  }
  std::string token_;
};

TEST_F(Row30, WhatIsMalformedIsAnsweredAndClosed) {
  const std::vector<std::pair<std::string, std::string>> wrong{
      {"both lengths",
       head("POST /api/v1/take HTTP/1.1", "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n") + "{}"},
      {"two lengths", head("POST /api/v1/take HTTP/1.1", "Content-Length: 2\r\nContent-Length: 3\r\n") + "{}"},
      {"a negative length", head("POST /api/v1/take HTTP/1.1", "Content-Length: -1\r\n")},
      {"a length that is no number", head("POST /api/v1/take HTTP/1.1", "Content-Length: two\r\n")},
      {"a huge length", head("POST /api/v1/take HTTP/1.1", "Content-Length: 99999999999\r\n")},
      {"a bad chunk", head("POST /api/v1/take HTTP/1.1", "Transfer-Encoding: chunked\r\n") + "zz\r\n"},
      {"no host", "GET /api/v1/status HTTP/1.1\r\n\r\n"},
      {"two hosts", head("GET /api/v1/status HTTP/1.1", "Host: evil.example\r\n")},
      {"a header too long", head("GET /api/v1/status HTTP/1.1", "X: " + std::string(64u << 10, 'x') + "\r\n")},
      {"no HTTP", "NONSENSE\r\n\r\n"},
      {"a space before the colon", head("GET /api/v1/status HTTP/1.1", "X : y\r\n")},
      {"a parent folder", head("GET /desk/../../etc/passwd HTTP/1.1")},
      {"a NUL in the path", head("GET /api/v1/%00 HTTP/1.1")},
  };
  for (const auto& [what, bytes] : wrong) {
    const auto [status, closed] = say(bytes);
    EXPECT_GE(status, 400) << what;
    EXPECT_LT(status, 500) << what;
    EXPECT_TRUE(closed) << what;
  }
  EXPECT_EQ(ask("GET /api/v1/status", token_).status, 200);
}

TEST_F(Row30, OversizeAndDeepBodiesAreRefused) {
  EXPECT_EQ(ask("POST /api/v1/take", token_, std::string(200'000, '[')).status, 400);
  std::string nested;
  for (int i = 0; i < 20'000; ++i)
    nested += R"({"a":)";
  EXPECT_EQ(ask("POST /api/v1/take", token_, nested).status, 400);
  EXPECT_EQ(ask("POST /api/v1/take", token_, R"({"scene":")" + std::string(200'000, 'x') + "\"}").status, 400);
  EXPECT_EQ(ask("POST /api/v1/take", token_, R"({"fade_ms":1e999})").status, 400);
  EXPECT_EQ(ask("POST /api/v1/lower-third", token_, "{\"name\":\"\\u0000\"}").status, 400);
  const auto [status, closed] =
      say(head("POST /api/v1/take HTTP/1.1", "Content-Length: 1048576\r\n") + std::string(1u << 20, 'x'));
  EXPECT_EQ(status, 413);
  EXPECT_TRUE(closed);
}

TEST_F(Row30, BrokenWebSocketFramesCloseTheirConnection) {
  const std::string handshake =
      head("GET /api/v1/events HTTP/1.1", "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                                          "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n");
  const std::vector<std::pair<std::string, std::string>> frames{
      {"not masked", "\x81\x02hi"},
      {"a reserved bit", "\xf1\x80\x01\x02\x03\x04"},
      {"an unknown kind", std::string("\x83\x80\x01\x02\x03\x04", 6)},
      {"a ping too long", std::string("\x89\xfe\x01\x00", 4) + std::string(260, 'x')},
      {"2^62 bytes", std::string("\x81\xff\x40\x00\x00\x00\x00\x00\x00\x00\x01\x02\x03\x04", 14)},
      {"a continuation of nothing", std::string("\x80\x80\x01\x02\x03\x04", 6)},
  };
  for (const auto& [what, bytes] : frames) {
    auto client = test::Client::tcp(port_);
    ASSERT_TRUE(client.send(handshake));
    ASSERT_EQ(client.receive().status, 101) << what;
    client.send(bytes);
    EXPECT_TRUE(client.closed_by_peer()) << what;
  }
  EXPECT_EQ(ask("GET /api/v1/status", token_).status, 200);
}

TEST_F(Row30, MemoryStaysFlat) {
  if (test::kAddressSanitizer) GTEST_SKIP() << "AddressSanitizer keeps what is freed in quarantine";
  const auto round = [&] {
    for (int i = 0; i < 30; ++i) {
      ask("POST /api/v1/take", token_, std::string(200'000, '['));
      ask("POST /api/v1/take", token_, R"({"scene":")" + std::string(200'000, 'x') + "\"}");
      ask("GET /api/v1/status", fmt::format("guess{}", i));
      say(head("POST /api/v1/take HTTP/1.1", "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n") + "{}");
      say(head("GET /api/v1/status HTTP/1.1", "X: " + std::string(64u << 10, 'x') + "\r\n"));
    }
  };
  round(); // what is allocated once
  const auto before = resident_bytes();
  for (int i = 0; i < 4; ++i)
    round();
  EXPECT_LT(resident_bytes(), before + (8u << 20));
  const auto status = pult({"status"});
  EXPECT_EQ(status.code, exit_code::kDone);
}

} // namespace
} // namespace pult::control
