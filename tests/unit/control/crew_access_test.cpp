// Who may come in over TCP: hosts, origins, cookies, links, guesses.
#include "control/crew_access.hpp"
#include "control/guess_watch.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

namespace pult::control {
namespace {

using std::chrono::seconds;

TEST(Host, IsAnAddressOrOneOfOurNames) {
  const std::vector<std::string> own{"saal1", "desk.example.org"};
  for (const auto* fine : {"127.0.0.1:8081", "10.0.0.5", "[::1]:8081", "[2001:db8::5]", "localhost:8081", "LOCALHOST",
                           "saal1", "Saal1:8081", "desk.example.org:443"})
    EXPECT_TRUE(names_us(fine, own)) << fine;
  for (const auto* foreign :
       {"evil.example", "evil.example:8081", "localhost.evil.example", "127.0.0.1.evil.example", "", "[", "saal1.evil"})
    EXPECT_FALSE(names_us(foreign, own)) << foreign;
}

TEST(Origin, IsThePageOfTheSameHost) {
  EXPECT_TRUE(is_own_origin("http://10.0.0.5:8081", "10.0.0.5:8081"));
  EXPECT_TRUE(is_own_origin("https://desk.example.org", "Desk.example.org"));
  for (const auto* foreign : {"http://evil.example", "http://10.0.0.5", "null", "", "10.0.0.5:8081"})
    EXPECT_FALSE(is_own_origin(foreign, "10.0.0.5:8081")) << foreign;
}

class DeskRequest : public testing::Test {
 protected:
  DeskRequest() : session_(std::move(add_desk_session({}, Role::kOperate, Nanoseconds(1)).value())) {
    request_.method = http::Verb::post;
    request_.headers.set("Host", "10.0.0.5:8081");
    request_.headers.set("Cookie", fmt::format("other=1; pult_desk={}", session_.secret));
  }
  Result<Asker> asker() { return asker_of(request_, session_.tokens, Nanoseconds(2)); }
  NewToken session_;
  http::Request request_;
};

TEST_F(DeskRequest, OfOurPageIsAnsweredForItsHolder) {
  request_.headers.set("Origin", "http://10.0.0.5:8081");
  const auto who = asker();
  ASSERT_TRUE(who);
  EXPECT_EQ(who->role, Role::kOperate);
  EXPECT_EQ(who->name, session_.tokens.front().name);
}

TEST_F(DeskRequest, OfAnotherSitesPageIsRefused) {
  for (const auto* origin : {"http://evil.example", "null", "http://10.0.0.5:8082"}) {
    request_.headers.set("Origin", origin);
    const auto who = asker();
    ASSERT_FALSE(who) << origin;
    EXPECT_EQ(who.error().code, Errc::kUnavailable);
  }
}

TEST_F(DeskRequest, WithoutAnOriginMayOnlyRead) {
  EXPECT_FALSE(asker()); // a POST
  request_.method = http::Verb::get;
  EXPECT_TRUE(asker());
  request_.headers.set("Sec-Fetch-Site", "cross-site");
  EXPECT_FALSE(asker());
  request_.headers.set("Sec-Fetch-Site", "same-origin");
  EXPECT_TRUE(asker());
  request_.headers.set("Upgrade", "websocket");
  EXPECT_FALSE(asker());
}

TEST_F(DeskRequest, WithAWrongCookieIsNobodys) {
  request_.headers.set("Origin", "http://10.0.0.5:8081");
  request_.headers.set("Cookie", "pult_desk=guess");
  ASSERT_FALSE(asker());
  EXPECT_EQ(asker().error().code, Errc::kRefused);
  request_.headers.set("Cookie", "pult_desk_too=" + session_.secret);
  EXPECT_FALSE(asker());
}

TEST(DeskCookie, IsReadByNoScriptAndSentFromNoOtherSite) {
  EXPECT_EQ(desk_cookie("s", false), "pult_desk=s; Path=/; Max-Age=43200; HttpOnly; SameSite=Strict");
  EXPECT_EQ(desk_cookie("s", true), "pult_desk=s; Path=/; Max-Age=43200; HttpOnly; SameSite=Strict; Secure");
}

TEST(DeskLinks, AreGoodOnceAndForAWhile) {
  DeskLinks links;
  const auto secret = links.add(Role::kGraphics, seconds(0));
  ASSERT_TRUE(secret);
  EXPECT_EQ(secret->size(), 64u);
  EXPECT_FALSE(links.take("guess", seconds(1)));
  EXPECT_EQ(links.take(*secret, seconds(1)), Role::kGraphics);
  EXPECT_FALSE(links.take(*secret, seconds(1)));
  const auto late = links.add(Role::kView, seconds(2));
  ASSERT_TRUE(late);
  EXPECT_FALSE(links.take(*late, seconds(2) + kLinkLife));
}

TEST(DeskLinks, AreTwentyAtMost) {
  DeskLinks links;
  const auto first = links.add(Role::kView, seconds(0));
  for (int i = 0; i < 20; ++i)
    ASSERT_TRUE(links.add(Role::kView, seconds(0)));
  EXPECT_FALSE(links.take(*first, seconds(1)));
}

TEST(GuessWatch, AllowsTenThenOneEveryFiveSeconds) {
  GuessWatch watch;
  for (int i = 0; i < 10; ++i)
    EXPECT_EQ(watch.wrong("10.0.0.7", seconds(100)), GuessWatch::Answer::kWithin) << i;
  EXPECT_EQ(watch.wrong("10.0.0.7", seconds(100)), GuessWatch::Answer::kOverAndTell);
  EXPECT_EQ(watch.wrong("10.0.0.7", seconds(101)), GuessWatch::Answer::kOver); // the crew knows
  EXPECT_EQ(watch.wrong("10.0.0.8", seconds(101)), GuessWatch::Answer::kWithin);
  EXPECT_EQ(watch.wrong("10.0.0.7", seconds(106)), GuessWatch::Answer::kWithin);
  EXPECT_EQ(watch.total(), 14u);
}

TEST(GuessWatch, CountsIpv6ByItsNet) {
  GuessWatch watch;
  for (int i = 0; i < 10; ++i)
    EXPECT_EQ(watch.wrong(fmt::format("2001:db8::{}", i + 1), seconds(100)), GuessWatch::Answer::kWithin);
  EXPECT_EQ(watch.wrong("2001:db8::ffff", seconds(100)), GuessWatch::Answer::kOverAndTell);
  EXPECT_EQ(watch.wrong("2001:db8:0:1::1", seconds(100)), GuessWatch::Answer::kWithin);
}

} // namespace
} // namespace pult::control
