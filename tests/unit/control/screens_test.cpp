#include "control/cli/screens.hpp"

#include <boost/json.hpp>
#include <gmock/gmock.h>

namespace pult::cli {
namespace {

namespace json = boost::json;
using testing::HasSubstr;

constexpr const char* kStatus = R"({
  "room": "Bühne", "event": "Ortenau Digital", "time": "2026-11-23T10:32:15.480+01:00",
  "show": {"state": "live", "id": "20261123-0915-k3f9", "since": "2026-11-23T09:15:03.000+01:00"},
  "on_air": {"scene": "stage", "since": "2026-11-23T10:31:02.120+01:00", "shown": true},
  "preview": "slides", "slate": null,
  "feeds": [
    {"name": "cam1", "label": "Rednerpult", "state": "live", "kbps": 4512.4, "rtt_ms": 12, "dropped": 0, "verdict": "good"},
    {"name": "cam2", "label": "cam2", "state": "lost", "verdict": "the sender is gone for 12 s"}],
  "ladder": [{"name": "720p", "video_kbps": 2500}, {"name": "360p", "video_kbps": 700}],
  "programs": [{"name": "pultd", "state": "running", "restarts": 0}, {"name": "pult-ingest", "state": "running", "restarts": 2}],
  "alarms": [{"level": "warning", "text": "cam2: the sender is gone for 12 s"}]
})";

json::object object(const char* text) {
  return json::parse(text).get_object();
}

TEST(StatusScreen, IsOneCalmScreen) {
  const auto* expected = R"(Bühne · Ortenau Digital                             10:32:15

Show       ON AIR since 09:15:03  (20261123-0915-k3f9)
On air     stage since 10:31:02
Preview    slides
Slate      off

Feeds      cam1  Rednerpult  live  4512 kbit/s  12 ms
           cam2              lost  the sender is gone for 12 s

Ladder     720p 2500 · 360p 700 kbit/s
Programs   pult-ingest  running  restarted 2 times

Alarms     ! cam2: the sender is gone for 12 s
)";
  EXPECT_EQ(status_screen(object(kStatus), {false, 60}), expected);
}

TEST(StatusScreen, SaysInPlainWordsWhatIsNotAsWanted) {
  auto status = object(kStatus);
  status["show"] = {{"state", "rehearsal"}, {"id", nullptr}};
  status["on_air"].get_object()["shown"] = false;
  status["slate"] = {{"kind", "pause"}, {"until", "14:30"}, {"since", nullptr}};
  const auto screen = status_screen(status, {});
  EXPECT_THAT(screen, HasSubstr("rehearsal: viewers see nothing yet"));
  EXPECT_THAT(screen, HasSubstr("stage  (wanted, not shown yet)"));
  EXPECT_THAT(screen, HasSubstr("pause until 14:30: viewers see the slate"));
}

TEST(StatusScreen, ColoursOnATerminalOnly) {
  EXPECT_THAT(status_screen(object(kStatus), {true, 80}), HasSubstr("\x1b[1;31mlost"));
  EXPECT_THAT(status_screen(object(kStatus), {false, 80}), testing::Not(HasSubstr("\x1b")));
}

TEST(StatusScreen, TakesAnyObjectWithoutFalling) {
  EXPECT_THAT(status_screen({}, {}), HasSubstr("Alarms     none"));
  EXPECT_NO_THROW(status_screen(object(R"({"feeds": [1, {"kbps": "x"}], "show": 3, "alarms": {}})"), {}));
}

TEST(EventLines, ShowTimeProgramAndText) {
  EXPECT_EQ(event_lines(object(R"({"events": [{"at": "2026-11-23T10:32:15.480+01:00", "program": "pultd",
                                  "level": "info", "text": "take hall, by crew"}]})"),
                        {}),
            "10:32:15  pultd             take hall, by crew\n");
}

TEST(OutcomeLine, TellsWhenItShowed) {
  EXPECT_EQ(outcome_line("take", object(R"({"scene": "hall", "shown_at": "2026-11-23T10:32:15.480+01:00"})")),
            "hall on air at 10:32:15.4\n");
  EXPECT_EQ(outcome_line("preview", object(R"({"preview": ""})")), "– in preview\n");
  EXPECT_EQ(outcome_line("slate", object(R"({"slate": "off"})")), "slate off\n");
}

TEST(ScenesScreen, MarksWhatIsOnAirAndInPreview) {
  EXPECT_EQ(scenes_screen(object(R"({"scenes": [
    {"name": "stage", "layout": "full", "feeds": ["cam1"], "on_air": true, "preview": false},
    {"name": "talk", "layout": "lecture", "feeds": ["slides", "cam1"], "on_air": false, "preview": true}]})"),
                          {}),
            "stage  full     cam1          ON AIR\n"
            "talk   lecture  slides, cam1  preview\n");
}

} // namespace
} // namespace pult::cli
