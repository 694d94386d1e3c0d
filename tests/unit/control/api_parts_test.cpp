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

const std::vector<Member> kTake{{"scene", Member::Kind::kText, "the scene"},
                                {"fade_ms", Member::Kind::kInteger, "0 to 5000"},
                                {"gain_db", Member::Kind::kNumber, "dB"},
                                {"muted", Member::Kind::kFlag, "true or false"}};

TEST(Body, GivesMembersAndFallbacks) {
  const auto body = Body::parse(R"({"scene": "hall", "fade_ms": null, "gain_db": -6, "muted": false})", kTake);
  ASSERT_TRUE(body);
  EXPECT_EQ(body->text("scene"), "hall");
  EXPECT_EQ(body->integer("fade_ms", 7), 7);
  EXPECT_EQ(body->number("gain_db"), -6.0);
  EXPECT_EQ(body->flag("muted"), false);
  EXPECT_FALSE(body->has("fade_ms"));
}

TEST(Body, RefusesWhatItDoesNotKnow) {
  EXPECT_FALSE(Body::parse("[1]", kTake));
  EXPECT_FALSE(Body::parse("{", kTake));
  EXPECT_TRUE(Body::parse("", kTake));
  const auto typo = Body::parse(R"({"fad_ms": 3})", kTake);
  ASSERT_FALSE(typo);
  EXPECT_THAT(typo.error().message, HasSubstr("did you mean \"fade_ms\"?"));
  for (const auto* wrong :
       {R"({"fade_ms": "3"})", R"({"fade_ms": 1.5})", R"({"scene": 3})", R"({"gain_db": "loud"})", R"({"muted": 1})"})
    EXPECT_FALSE(Body::parse(wrong, kTake)) << wrong;
}

TEST(Body, SaysWhatIsMissing) {
  const auto body = Body::parse("{}", {{"name", Member::Kind::kText, "1 to 300 characters", true}});
  ASSERT_FALSE(body);
  EXPECT_EQ(body.error().message, "\"name\" is missing: 1 to 300 characters");
}

TEST(Body, TakesNoDeepNests) {
  EXPECT_FALSE(Body::parse(R"({"scene": )" + std::string(100'000, '[') + std::string(100'000, ']') + "}", kTake));
}

TEST(Query, HoldsWholeNumbers) {
  const std::vector<Member> known{{"after", Member::Kind::kInteger, ""}, {"limit", Member::Kind::kInteger, ""}};
  const auto query = parse_query("after=12&limit=5", known);
  ASSERT_TRUE(query);
  EXPECT_EQ(query->at("after"), 12);
  EXPECT_EQ(query->at("limit"), 5);
  for (const auto* wrong : {"after=1x", "after", "aftr=1", "after=99999999999999999999"})
    EXPECT_FALSE(parse_query(wrong, known)) << wrong;
}

TEST(Tokens, AreFoundByTheirSecretOnly) {
  const auto added = add_token({}, "desk", "operate", Nanoseconds(1));
  ASSERT_TRUE(added);
  const auto found = [&](const std::string& header) { return holder_of(header, added->tokens, Nanoseconds(2)); };
  EXPECT_THAT(added->tokens.front().hash, testing::Not(HasSubstr(added->secret)));
  EXPECT_TRUE(found("Bearer " + added->secret));
  EXPECT_FALSE(found(added->secret));
  EXPECT_FALSE(found("Bearer " + added->tokens.front().hash));
  EXPECT_FALSE(found("Bearer "));
  EXPECT_FALSE(found(""));
}

TEST(Tokens, ADesksEndByThemselves) {
  const auto added = add_desk_session({}, Role::kOperate, Nanoseconds(5));
  ASSERT_TRUE(added);
  EXPECT_THAT(added->tokens.front().name, testing::MatchesRegex("desk:[0-9a-f]{6}"));
  EXPECT_EQ(added->tokens.front().role, "operate");
  EXPECT_TRUE(holder_of_secret(added->secret, added->tokens, Nanoseconds(6)));
  const Nanoseconds later = Nanoseconds(5) + kDeskSession;
  EXPECT_FALSE(holder_of_secret(added->secret, added->tokens, later));
  const auto next = add_desk_session(added->tokens, Role::kView, later);
  ASSERT_TRUE(next);
  EXPECT_EQ(next->tokens.size(), 1u); // the old one is gone
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

TEST(PlainText, IsCheckedForWhatCannotBeShown) {
  for (const auto* fine : {"", "Dr. Ada Muster", "Müller & Söhne <script>", "日本 🎥", "عادل"})
    EXPECT_TRUE(check_plain_text("the name", fine, 300)) << fine;
  const auto why = [](std::string_view text) {
    const auto fine = check_plain_text("the name", text, 300);
    return fine ? "" : fine.error().message;
  };
  EXPECT_EQ(why("a\x1b[31m"), "the name has a control character at place 2");
  EXPECT_EQ(why(std::string_view("a\0b", 3)), "the name has a control character at place 2");
  EXPECT_EQ(why("\xc2\x85"), "the name has a control character at place 1");
  EXPECT_EQ(why("ab\u202e"
                "c"),
            "the name has a character at place 3 that turns the text around");
  EXPECT_EQ(why("\xc3("), "the name is not valid UTF-8");
}

TEST(PlainText, IsCountedInCharacters) {
  std::string umlauts;
  for (int i = 0; i < 300; ++i)
    umlauts += "ä";
  EXPECT_TRUE(check_plain_text("the name", umlauts, 300));
  const auto longer = check_plain_text("the name", umlauts + "ä", 300);
  ASSERT_FALSE(longer);
  EXPECT_EQ(longer.error().message, "the name has 301 characters; 300 at most");
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

TEST(RoomTime, FindsTheNextTimeThatClocksShow) {
  use_timezone("Europe/Berlin");
  const auto utc = [](int day, int hour, int minute) -> Nanoseconds { // of March 2026
    return std::chrono::seconds(1772323200 + ((day - 1) * 24 + hour) * 3600 + minute * 60);
  };
  EXPECT_EQ(next_clock_time("14:30", utc(10, 9, 0)), utc(10, 13, 30));
  EXPECT_EQ(next_clock_time("14:30", utc(10, 13, 30)), utc(10, 13, 30));
  EXPECT_EQ(next_clock_time("14:30", utc(10, 13, 31)), utc(11, 13, 30));
  EXPECT_EQ(next_clock_time("00:10", utc(10, 22, 50)), utc(10, 23, 10)); // over midnight
  EXPECT_EQ(next_clock_time("12:00", utc(28, 20, 0)), utc(29, 10, 0));   // over the change to summer time
}

} // namespace
} // namespace pult::control
