// Lower thirds, sound and delays: from the real `pult` through pultd to the worker that shows them.
#include "base/exit_codes.hpp"
#include "tests/component/control/room_fixture.hpp"

#include <boost/json.hpp>
#include <gmock/gmock.h>

namespace pult::control {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;
using testing::HasSubstr;

TEST_F(RoomTest, ALowerThirdAnswersWhenItShowed) {
  StandIn transcode(*run_dir_, "pult-transcode");
  transcode.picture = 4200;
  start_pultd();
  const auto shown = pult({"lt", "show", "Dr. Ada Müller & <Söhne>", "Hochschule", "--for", "8", "--json"});
  ASSERT_EQ(shown.code, exit_code::kDone) << shown.err;
  const auto answer = parsed(shown.out);
  EXPECT_EQ(text_at(answer, {"picture"}), "4200");
  EXPECT_EQ(transcode.wanted().lower_third.name, "Dr. Ada Müller & <Söhne>");
  EXPECT_EQ(transcode.wanted().lower_third.function, "Hochschule");
  const auto now = status();
  const auto picture = std::stoll(text_at(now, {"picture"}));
  EXPECT_LE(transcode.wanted().lower_third.until, picture + 200);
  EXPECT_GT(transcode.wanted().lower_third.until, picture);
  EXPECT_EQ(text_at(now, {"lower_third", "name"}), "Dr. Ada Müller & <Söhne>");
  EXPECT_EQ(text_at(now, {"lower_third", "since"}), text_at(answer, {"shown_at"}));
  EXPECT_EQ(text_at(now, {"lower_third", "shown"}), "true");
  EXPECT_THAT(pult({"status"}).out, HasSubstr("Dr. Ada Müller & <Söhne> · Hochschule since "));
  ASSERT_EQ(pult({"lower", "hide"}).code, exit_code::kDone);
  EXPECT_EQ(text_at(status(), {"lower_third"}), "null");
  EXPECT_EQ(transcode.wanted().lower_third.name, "");
}

TEST_F(RoomTest, ALowerThirdEndsByItself) {
  StandIn transcode(*run_dir_, "pult-transcode");
  start_pultd();
  ASSERT_EQ(pult({"lt", "show", "Ada", "--for", "1"}).code, exit_code::kDone);
  EXPECT_TRUE(wait_until([&] { return text_at(status(), {"lower_third"}) == "null"; }));
}

TEST_F(RoomTest, AKilledPultdKeepsTheLowerThird) {
  StandIn transcode(*run_dir_, "pult-transcode");
  start_pultd();
  ASSERT_EQ(pult({"lt", "show", "Ada"}).code, exit_code::kDone);
  const auto before = text_at(status(), {"lower_third"});
  kill_pultd(SIGKILL);
  start_pultd();
  EXPECT_TRUE(wait_until([&] { return text_at(status(), {"lower_third"}) == before; }));
}

TEST_F(RoomTest, ALowerThirdIsRefusedWithItsReason) {
  start_pultd();
  ASSERT_TRUE(wait_until([&] { return pult({"status"}).code == exit_code::kDone; }));
  const auto refused = [&](std::vector<std::string> words) {
    words.insert(words.begin(), {"lt", "show"});
    const auto ran = pult(words);
    EXPECT_EQ(ran.code, exit_code::kRefused);
    return ran.err;
  };
  EXPECT_THAT(refused({"Ada\x1b"}), HasSubstr("control character at place 4"));
  EXPECT_THAT(refused({"\xff"}), HasSubstr("not valid UTF-8"));
  EXPECT_THAT(refused({std::string(301, 'x')}), HasSubstr("300 at most"));
  EXPECT_THAT(refused({"Ada", "--for", "0"}), HasSubstr("1 to 3600 seconds"));
  EXPECT_THAT(refused({"Ada", "--template", "nosuch"}), HasSubstr("no lower third template \"nosuch\""));
  EXPECT_THAT(refused({"--speaker", "1"}), HasSubstr("no talk is running"));
  EXPECT_EQ(pult({"lt", "show"}).code, exit_code::kUsage);
  EXPECT_EQ(pult({"lt", "hide", "Ada"}).code, exit_code::kUsage);
  EXPECT_EQ(pult({"lt", "show", "Ada", "--for", "soon"}).code, exit_code::kUsage);
  const auto unquoted = pult({"lt", "show", "Ada", "Hochschule", "Offenburg"});
  EXPECT_EQ(unquoted.code, exit_code::kUsage);
  EXPECT_THAT(unquoted.err, HasSubstr("go in quotes. Example: pult lt show \"Dr. Ada Muster\""));
}

TEST_F(RoomTest, HelpIsAWordToo) {
  EXPECT_EQ(pult({"help"}).code, exit_code::kDone);
  EXPECT_THAT(pult({"help", "take"}).out, HasSubstr("Example: pult take stage --fade 400"));
}

TEST_F(RoomTest, SoundIsSetAtAFeed) {
  StandIn transcode(*run_dir_, "pult-transcode");
  start_pultd();
  const auto gain = pult({"audio", "gain", "cam1", "-6"});
  ASSERT_EQ(gain.code, exit_code::kDone) << gain.err;
  EXPECT_THAT(gain.out, HasSubstr("cam1 at -6.0 dB at "));
  EXPECT_EQ(pult({"audio", "mute", "cam1"}).code, exit_code::kDone);
  EXPECT_EQ(transcode.wanted().feeds.at("cam1"), (WantedState::FeedSetting{-6, true, {}}));
  EXPECT_THAT(pult({"audio"}).out, HasSubstr("muted, gain -6.0 dB"));
  EXPECT_EQ(pult({"audio", "unmute", "cam1"}).code, exit_code::kDone);
  EXPECT_EQ(pult({"audio", "gain", "cam1", "+3.5"}).code, exit_code::kDone);
  EXPECT_EQ(transcode.wanted().feeds.at("cam1"), (WantedState::FeedSetting{3.5, false, {}}));
  const auto unknown = pult({"audio", "gain", "cam11", "0"});
  EXPECT_EQ(unknown.code, exit_code::kRefused);
  EXPECT_THAT(unknown.err, HasSubstr("did you mean \"cam1\"?"));
  EXPECT_EQ(pult({"audio", "gain", "cam1", "21"}).code, exit_code::kRefused);
  EXPECT_EQ(pult({"audio", "gain", "cam1", "loud"}).code, exit_code::kUsage);
  EXPECT_EQ(pult({"audio", "gain"}).code, exit_code::kUsage);
  EXPECT_EQ(pult({"audio", "gian", "cam1", "0"}).code, exit_code::kUsage);
}

TEST_F(RoomTest, AFeedIsShownDelayedAndRestarted) {
  StandIn transcode(*run_dir_, "pult-transcode");
  StandIn ingest(*run_dir_, "pult-ingest");
  StandIn decode(*run_dir_, "pult-decode@cam1");
  start_pultd();
  ASSERT_EQ(pult({"feed", "cam1", "delay", "80"}).code, exit_code::kDone);
  EXPECT_EQ(transcode.wanted().feeds.at("cam1").delay, 80ms);
  EXPECT_THAT(pult({"feed", "cam1"}).out, HasSubstr("Delay      80 ms"));
  ASSERT_TRUE(wait_until([&] { return ingest.wanted().number > 0 && decode.wanted().number > 0; }));
  ASSERT_EQ(pult({"feed", "cam1", "rest"}).code, exit_code::kDone);
  const auto told = [](const StandIn& worker) {
    const auto commands = worker.commands();
    return commands.size() == 1 && json::serialize(commands[0]) == R"({"command":"restart-feed","feed":"cam1"})";
  };
  EXPECT_TRUE(wait_until([&] { return told(ingest) && told(decode); }));
  EXPECT_THAT(pult({"feed", "cam3"}).err, HasSubstr("did you mean"));
  EXPECT_EQ(pult({"feed", "cam3"}).code, exit_code::kRefused);
  EXPECT_EQ(pult({"feed", "cam3", "restart"}).code, exit_code::kRefused);
  EXPECT_EQ(pult({"feed", "cam1", "delay"}).code, exit_code::kUsage);
  const auto swapped = pult({"feed", "restart", "cam1"});
  EXPECT_EQ(swapped.code, exit_code::kUsage);
  EXPECT_THAT(swapped.err, HasSubstr("pult feed cam1 restart"));
}

TEST_F(CrewPort, GraphicsMayLowerThirdsAndNoMore) {
  StandIn transcode(*run_dir_, "pult-transcode");
  const auto graphics = add_token("titles", "graphics");
  const auto view = add_token("wall", "view");
  const std::string body = R"({"name":"Ada"})";
  EXPECT_EQ(ask("POST /api/v1/lower-third", graphics, body).status, 200);
  EXPECT_EQ(ask("POST /api/v1/lower-third/hide", graphics).status, 200);
  EXPECT_EQ(ask("POST /api/v1/lower-third", view, body).status, 403);
  const auto take = ask("POST /api/v1/take", graphics, R"({"scene":"hall"})");
  EXPECT_EQ(take.status, 403);
  EXPECT_THAT(take.body, HasSubstr("has role graphics; this needs operate"));
  EXPECT_EQ(ask("POST /api/v1/audio", graphics, R"({"feed":"cam1","muted":true})").status, 403);
}

TEST_F(CrewPort, DescribesItself) {
  const auto view = add_token("wall", "view");
  const auto answer = ask("GET /api/v1/openapi.json", view);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(text_at(parsed(answer.body), {"openapi"}), "3.1.0");
}

} // namespace
} // namespace pult::control
