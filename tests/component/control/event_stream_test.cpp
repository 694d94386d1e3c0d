// /api/v1/events as a WebSocket, of a real pultd: snapshot, then numbered changes.
#include "base/exit_codes.hpp"
#include "tests/component/control/room_fixture.hpp"
#include "tests/support/websocket_client.hpp"

#include <boost/json.hpp>
#include <csignal>
#include <gmock/gmock.h>

namespace pult::control {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;
using test::Headers;
using test::LocalWebSocket;
using test::TcpWebSocket;

constexpr const char* kPath = "/api/v1/events";

// Applies messages as a desk does, until `reached`; false when the connection ended or a number was missing.
template <typename Client>
bool follow(Client& client, json::object& status, std::int64_t& seq, const std::function<bool()>& reached) {
  while (!reached()) {
    const auto message = client.read();
    if (!message) return false;
    const auto type = text_at(*message, {"type"});
    if (type != "snapshot" && message->at("seq").as_int64() != seq + 1) return false;
    seq = message->at("seq").as_int64();
    if (type == "event") continue;
    for (const auto& [key, value] : message->at("status").as_object())
      status[key] = value;
  }
  return true;
}

TEST_F(RoomTest, TheUnixSocketStreamsASnapshotAndThenChanges) {
  StandIn transcode(*run_dir_, "pult-transcode");
  start_pultd();
  ASSERT_TRUE(wait_until([&] { return pult({"status"}).code == exit_code::kDone; }, 5s));
  LocalWebSocket client;
  ASSERT_EQ(client.open(run_dir_->socket_path("control.sock"), "pult", kPath), 101u);
  json::object told;
  std::int64_t seq = 0;
  ASSERT_TRUE(follow(client, told, seq, [&] { return told.contains("on_air"); }));
  EXPECT_EQ(text_at(told, {"on_air", "scene"}), "stage");
  ASSERT_EQ(pult({"take", "hall"}).code, exit_code::kDone);
  ASSERT_TRUE(follow(client, told, seq, [&] {
    return text_at(told, {"on_air", "shown"}) == "true" && text_at(told, {"on_air", "scene"}) == "hall";
  }));
  ASSERT_EQ(pult({"lt", "show", "Ada"}).code, exit_code::kDone);
  EXPECT_TRUE(follow(client, told, seq, [&] { return text_at(told, {"lower_third", "shown"}) == "true"; }));
  auto now = status();
  for (auto* one : {&now, &told})
    for (const auto* clock : {"time", "picture"})
      one->erase(clock);
  EXPECT_EQ(json::serialize(told), json::serialize(now)); // what was told adds up to what is
}

TEST_F(RoomTest, EventsComeWithTheStream) {
  StandIn ingest(*run_dir_, "pult-ingest");
  start_pultd();
  ASSERT_TRUE(wait_until([&] { return ingest.wanted().number > 0; }, 5s));
  LocalWebSocket client;
  ASSERT_EQ(client.open(run_dir_->socket_path("control.sock"), "pult", kPath), 101u);
  ASSERT_TRUE(client.read());
  ingest.event("warning", "a stranger was refused");
  for (;;) {
    const auto message = client.read();
    ASSERT_TRUE(message);
    if (text_at(*message, {"event", "text"}) == "a stranger was refused") break;
  }
}

TEST_F(CrewPort, AStreamNeedsATokenAndEndsWithIt) {
  TcpWebSocket nobody;
  EXPECT_EQ(nobody.open(test::loopback(port_), "127.0.0.1", kPath), 401u);
  const auto wall = add_token("wall", "view");
  TcpWebSocket client;
  ASSERT_EQ(client.open(test::loopback(port_), "127.0.0.1", kPath, {{"Authorization", "Bearer " + wall}}), 101u);
  EXPECT_TRUE(client.read());
  ASSERT_EQ(pult({"token", "revoke", "wall"}).code, exit_code::kDone);
  while (client.read()) {
  }
  SUCCEED(); // it was closed: a read that waits in vain ends after the client's patience with a failed test
}

TEST_F(CrewPort, AReaderThatTakesNothingIsClosedAndOthersGoOn) {
  const auto wall = add_token("wall", "view");
  auto slow = test::Client::tcp(port_, 4096);
  ASSERT_TRUE(
      slow.send("GET /api/v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                "Authorization: Bearer " +
                wall + "\r\n\r\n"));
  TcpWebSocket client;
  ASSERT_EQ(client.open(test::loopback(port_), "127.0.0.1", kPath, {{"Authorization", "Bearer " + wall}}), 101u);
  ASSERT_TRUE(client.read());
  for (int i = 0; i < 20; ++i)
    ASSERT_EQ(pult({"preview", i % 2 == 0 ? "hall" : "stage"}).code, exit_code::kDone);
  EXPECT_TRUE(client.read());
  EXPECT_EQ(ask("GET /api/v1/status", wall).status, 200);
}

TEST_F(CrewPort, AnOversizeFrameClosesTheStreamOnly) {
  const auto wall = add_token("wall", "view");
  TcpWebSocket client;
  ASSERT_EQ(client.open(test::loopback(port_), "127.0.0.1", kPath, {{"Authorization", "Bearer " + wall}}), 101u);
  ErrorCode failed;
  client.stream().write(asio::buffer(std::string(400u << 10, 'x')), failed);
  while (client.read()) {
  }
  EXPECT_EQ(ask("GET /api/v1/status", wall).status, 200);
}

} // namespace
} // namespace pult::control
