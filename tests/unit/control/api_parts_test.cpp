// The pure parts around the API: bodies, queries, tokens, harmless texts, kept state.
#include "base/clock.hpp"
#include "control/api_request.hpp"
#include "control/journal.hpp"
#include "control/kept.hpp"
#include "control/room_time.hpp"
#include "control/tokens.hpp"

#include <boost/json.hpp>
#include <gmock/gmock.h>

namespace pult::control {
namespace {

using testing::HasSubstr;

TEST(Body, GivesMembersAndFallbacks) {
  auto body = Body::parse(R"({"scene": "hall", "fade_ms": null})");
  ASSERT_TRUE(body);
  EXPECT_EQ(body->text("scene"), "hall");
  EXPECT_EQ(body->integer("fade_ms", 7), 7);
  EXPECT_TRUE(body->finish());
}

TEST(Body, RefusesWhatItDoesNotKnow) {
  EXPECT_FALSE(Body::parse("[1]"));
  EXPECT_FALSE(Body::parse("{"));
  EXPECT_TRUE(Body::parse(""));
  auto typo = Body::parse(R"({"fad_ms": 3})");
  ASSERT_TRUE(typo);
  EXPECT_EQ(typo->integer("fade_ms", 0), 0);
  const auto fine = typo->finish();
  ASSERT_FALSE(fine);
  EXPECT_THAT(fine.error().message, HasSubstr("did you mean \"fade_ms\"?"));
  auto type = Body::parse(R"({"fade_ms": "3"})");
  ASSERT_TRUE(type);
  (void)type->integer("fade_ms", 0);
  EXPECT_FALSE(type->finish());
}

TEST(Query, HoldsWholeNumbers) {
  const auto query = parse_query("after=12&limit=5", {"after", "limit"});
  ASSERT_TRUE(query);
  EXPECT_EQ(query->at("after"), 12);
  EXPECT_EQ(query->at("limit"), 5);
  for (const auto* wrong : {"after=1x", "after", "aftr=1", "after=99999999999999999999"})
    EXPECT_FALSE(parse_query(wrong, {"after", "limit"})) << wrong;
}

TEST(Tokens, AreFoundByTheirSecretOnly) {
  const auto added = add_token({}, "desk", "operate", Nanoseconds(1));
  ASSERT_TRUE(added);
  EXPECT_THAT(added->tokens.front().hash, testing::Not(HasSubstr(added->secret)));
  const auto holder = holder_of("Bearer " + added->secret, added->tokens);
  ASSERT_TRUE(holder);
  EXPECT_EQ(holder->name, "desk");
  EXPECT_FALSE(holder_of(added->secret, added->tokens));
  EXPECT_FALSE(holder_of("Bearer " + added->tokens.front().hash, added->tokens));
  EXPECT_FALSE(holder_of("Bearer ", added->tokens));
  EXPECT_FALSE(holder_of("", added->tokens));
}

TEST(Tokens, HaveNamesAndRolesThatAreRight) {
  const auto added = add_token({}, "desk", "operate", Nanoseconds(1));
  ASSERT_TRUE(added);
  EXPECT_FALSE(add_token(added->tokens, "desk", "view", Nanoseconds(2)));
  EXPECT_FALSE(add_token({}, "", "view", Nanoseconds(2)));
  EXPECT_FALSE(add_token({}, "<script>", "view", Nanoseconds(2)));
  const auto role = add_token({}, "desk", "opertae", Nanoseconds(2));
  ASSERT_FALSE(role);
  EXPECT_THAT(role.error().message, HasSubstr("did you mean \"operate\"?"));
  EXPECT_FALSE(revoke_token(added->tokens, "dsk"));
  const auto left = revoke_token(added->tokens, "desk");
  ASSERT_TRUE(left);
  EXPECT_TRUE(left->empty());
}

TEST(Harmless, LeavesWordsAndTakesTricks) {
  EXPECT_EQ(harmless("Bühne – 日本 🎥", 100), "Bühne – 日本 🎥");
  EXPECT_EQ(harmless("a\x1b[31m\nb\x7f", 100), "a [31m b ");
  EXPECT_EQ(harmless("a\u202e"
                     "b",
                     100),
            "a b");
  EXPECT_EQ(harmless("a\xff\xc3(\xed\xa0\x80", 100), "a?"
                                                     "?(???");
  EXPECT_EQ(harmless(std::string(300, 'x'), 10), "xxxxxxxxxx…");
  EXPECT_EQ(harmless("äää", 3), "ä…"); // never half a letter
}

TEST(KeptState, IsTheSameAfterItsJson) {
  KeptState state;
  state.wanted.epoch = 2;
  state.wanted.number = 9;
  state.wanted.on_air = {"hall", std::chrono::milliseconds(300), 8, "stage"};
  state.wanted.show = {WantedState::ShowState::kLive, "x"};
  state.marks = {8, Nanoseconds(5), Nanoseconds(6), Nanoseconds(7)};
  const auto text = boost::json::serialize(to_json(state));
  const auto again = kept_state_from_json(text);
  ASSERT_TRUE(again);
  EXPECT_EQ(boost::json::serialize(to_json(*again)), text);
  EXPECT_EQ(again->marks.on_air_since, Nanoseconds(5));
  EXPECT_FALSE(kept_state_from_json("{"));
}

TEST(RoomTime, IsInTheRoomsTimeZone) {
  use_timezone("Europe/Berlin");
  const Nanoseconds wall = std::chrono::milliseconds(1795426335480);
  EXPECT_EQ(iso_time(wall), "2026-11-23T10:32:15.480+01:00");
  EXPECT_EQ(clock_time(wall), "10:32:15");
  EXPECT_EQ(compact_time(wall), "20261123-1032");
}

} // namespace
} // namespace pult::control
