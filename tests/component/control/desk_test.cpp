// `pult desk`: a link good once, a cookie that only our own page may use; and what guesses get.
#include "base/exit_codes.hpp"
#include "tests/component/control/room_fixture.hpp"
#include "tests/support/websocket_client.hpp"

#include <boost/json.hpp>
#include <csignal>
#include <fmt/format.h>
#include <gmock/gmock.h>

namespace pult::control {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

class Desk : public CrewPort {
 protected:
  std::string host() const { return fmt::format("127.0.0.1:{}", port_); }
  std::string own_page() const { return "http://" + host(); }
  std::string link_secret() {
    const auto url = text_at(parsed(pult({"desk", "--json"}).out), {"url"});
    EXPECT_THAT(url, testing::StartsWith(own_page() + "/desk/#"));
    return url.substr(url.find('#') + 1);
  }
  test::Answer send(const std::string& what, const std::string& headers, const std::string& body = "",
                    const std::string& named = "") {
    auto client = test::Client::tcp(port_);
    EXPECT_TRUE(client.send(fmt::format("{} HTTP/1.1\r\nHost: {}\r\nContent-Length: {}\r\n{}\r\n{}", what,
                                        named.empty() ? host() : named, body.size(), headers, body)));
    return client.receive();
  }
  test::Answer exchange(const std::string& secret) {
    return send("POST /api/v1/session", "Origin: " + own_page() + "\r\n", fmt::format(R"({{"link":"{}"}})", secret));
  }
  // "Cookie: pult_desk=…\r\n" of a new session.
  std::string cookie() {
    const auto opened = exchange(link_secret());
    EXPECT_EQ(opened.status, 200) << opened.body;
    const auto set = opened.header("set-cookie");
    EXPECT_THAT(set, HasSubstr("HttpOnly; SameSite=Strict"));
    return "Cookie: " + set.substr(0, set.find(';')) + "\r\n";
  }
  std::string from_our_page() const { return "Origin: " + own_page() + "\r\n"; }
};

TEST_F(Desk, ThePageIsServedAndNamesNoOtherHost) {
  const auto page = send("GET /desk/", "");
  EXPECT_EQ(page.status, 200);
  EXPECT_THAT(page.header("content-security-policy"), HasSubstr("default-src 'none'"));
  for (const auto* file : {"/desk/desk.css", "/desk/desk.js", "/desk/room.js", "/desk/view.js", "/desk/spans.js",
                           "/desk/talk_panel.js", "/desk/texts.js"}) {
    const auto one = send(std::string("GET ") + file, "");
    EXPECT_EQ(one.status, 200) << file;
    EXPECT_THAT(one.body, testing::Not(testing::ContainsRegex("https?://[a-z]"))) << file;
  }
  EXPECT_EQ(send("GET /desk", "").header("location"), "/desk/");
  EXPECT_EQ(send("GET /desk/nothing.js", "").status, 401);
}

TEST_F(Desk, ALinkIsGoodOnce) {
  const auto secret = link_secret();
  EXPECT_EQ(exchange(secret).status, 200);
  EXPECT_EQ(exchange(secret).status, 401);
  EXPECT_THAT(pult({"token"}).out, testing::ContainsRegex("desk:[0-9a-f]+ +operate"));
}

TEST_F(Desk, ItsCookieWorksFromOurPageOnly) {
  const auto session = cookie();
  const std::string hall = R"({"scene":"hall"})";
  EXPECT_EQ(send("GET /api/v1/status", session).status, 200);
  EXPECT_EQ(send("POST /api/v1/preview", session + from_our_page(), hall).status, 200);
  EXPECT_EQ(send("POST /api/v1/preview", session, hall).status, 403);
  EXPECT_EQ(send("POST /api/v1/preview", session + "Origin: http://evil.example\r\n", hall).status, 403);
  EXPECT_EQ(send("POST /api/v1/tokens", session + from_our_page(), R"({"name":"me","role":"admin"})").status, 403);
  const auto name = pult({"token"}).out;
  ASSERT_EQ(pult({"token", "revoke", name.substr(0, name.find(' '))}).code, exit_code::kDone);
  EXPECT_EQ(send("GET /api/v1/status", session).status, 401);
}

TEST_F(Desk, ItsStreamOpensFromOurPageOnly) {
  const auto session = cookie();
  const auto pair = session.substr(8, session.size() - 10);
  test::TcpWebSocket own;
  EXPECT_EQ(own.open(test::loopback(port_), host(), "/api/v1/events", {{"Cookie", pair}, {"Origin", own_page()}}),
            101u);
  EXPECT_TRUE(own.read());
  test::TcpWebSocket foreign;
  EXPECT_EQ(foreign.open(test::loopback(port_), host(), "/api/v1/events",
                         {{"Cookie", pair}, {"Origin", "http://evil.example"}}),
            403u);
}

TEST_F(Desk, ASessionOutlivesAKilledPultd) {
  const auto session = cookie();
  kill_pultd(SIGTERM);
  SetUp(); // the port is another: the system chooses
  EXPECT_EQ(send("GET /api/v1/status", session).status, 200);
}

TEST_F(Desk, ANameThatIsNotOursIsRefused) {
  for (const auto* what : {"GET /desk/", "GET /healthz", "GET /metrics", "GET /api/v1/status"})
    EXPECT_EQ(send(what, "", "", "rebound.example").status, 421) << what;
  EXPECT_EQ(send("GET /healthz", "", "", fmt::format("localhost:{}", port_)).status, 200);
}

TEST_F(Desk, GuessesAreBoundedSeenAndLockNobodyOut) {
  const auto desk = add_token("panel", "operate");
  int refused = 0, bounded = 0;
  for (int i = 0; i < 60; ++i) {
    const auto answer = send("GET /api/v1/status", fmt::format("Authorization: Bearer guess{}\r\n", i));
    refused += answer.status == 401 ? 1 : 0;
    bounded += answer.status == 429 ? 1 : 0;
    if (answer.status == 429) {
      EXPECT_EQ(answer.header("connection"), "close");
    }
  }
  EXPECT_GE(refused, 10);
  EXPECT_GE(bounded, 20); // a slow machine gives one back every five seconds
  EXPECT_EQ(refused + bounded, 60);
  EXPECT_EQ(ask("GET /api/v1/status", desk).status, 200);
  EXPECT_THAT(pult({"events"}).out, HasSubstr("127.0.0.1 guesses tokens"));
  EXPECT_THAT(ask("GET /metrics").body, HasSubstr("pult_wrong_tokens_total{program=\"pultd\"} 60"));
}

} // namespace
} // namespace pult::control
