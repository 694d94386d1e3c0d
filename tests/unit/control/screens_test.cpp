#include "control/cli/feed_screens.hpp"
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

Show         ON AIR since 09:15:03  (20261123-0915-k3f9)
On air       stage since 10:31:02
Preview      slides
Lower third  hidden
Slate        off

Feeds        cam1  Rednerpult  live  4512 kbit/s  12 ms
             cam2              lost  the sender is gone for 12 s

Ladder       720p 2500 · 360p 700 kbit/s
Programs     pult-ingest  running  restarted 2 times

Alarms       ! cam2: the sender is gone for 12 s
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
  EXPECT_THAT(status_screen({}, {}), HasSubstr("Alarms       none"));
  EXPECT_NO_THROW(status_screen(object(R"({"feeds": [1, {"kbps": "x"}], "show": 3, "alarms": {}})"), {}));
}

TEST(LowerThirdScreen, TellsWhoIsShownAndUntilWhen) {
  const auto* shown = R"({"lower_third": {"name": "Dr. Ada Muster", "function": "Hochschule", "shown": true,
    "since": "2026-11-23T10:32:15.480+01:00", "until": "2026-11-23T10:32:23.480+01:00"}})";
  EXPECT_EQ(lower_third_screen(object(shown), {}),
            "Lower third  Dr. Ada Muster · Hochschule since 10:32:15 until 10:32:23\n");
  EXPECT_EQ(lower_third_screen(object(R"({"lower_third": null})"), {}), "Lower third  hidden\n");
}

TEST(AudioScreen, TellsLevelsAndWhatIsSet) {
  const auto* status = R"({"sound": {"peak_db": -6.2, "short_term_lufs": -23.1, "integrated_lufs": -22.8}, "feeds": [
    {"name": "cam1", "label": "Rednerpult", "gain_db": -6.0, "muted": false,
     "mixer": {"peak_db": -14.0, "short_term_lufs": -24.6}},
    {"name": "cam2", "label": "cam2", "gain_db": 0.0, "muted": true, "mixer": {"peak_db": -96}},
    {"name": "cam3", "label": "cam3", "gain_db": 0.0, "muted": false}]})";
  EXPECT_EQ(audio_screen(object(status), {}),
            "programme              peak -6 dB   -23.1 LUFS  -22.8 LUFS over the show\n"
            "cam1       Rednerpult  peak -14 dB  -24.6 LUFS  gain -6.0 dB\n"
            "cam2                   silent                   muted\n"
            "cam3                   –\n");
}

TEST(FeedScreen, TellsOneFeedInDetail) {
  const auto* feed = R"({"name": "cam1", "label": "Rednerpult", "state": "live", "verdict": "good", "kbps": 4512,
    "peer": "10.0.0.7:5000", "rtt_ms": 12, "lost": 3, "dropped": 0, "delay_ms": 80, "gain_db": 0.0, "muted": false,
    "decode": {"picture_codec": "H.264", "size": "1920x1080", "fps": 25, "sound_codec": "AAC"}})";
  EXPECT_EQ(feed_screen(object(feed), {}), "Feed       cam1 · Rednerpult\n"
                                           "State      live\n"
                                           "Health     good\n"
                                           "From       10.0.0.7:5000\n"
                                           "Line       4512 kbit/s, round trip 12 ms, 3 packets lost, 0 gone for good\n"
                                           "Stream     H.264 1920x1080 at 25 a second; AAC\n"
                                           "Delay      80 ms\n");
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
  EXPECT_EQ(outcome_line("slate", object(R"({"slate": "pause", "shown_at": "2026-11-23T10:32:15.480+01:00",
                                             "ends_at": "2026-11-24T10:30:00.000+01:00"})")),
            "slate pause over the stream at 10:32:15.4, until 10:30 tomorrow\n");
  EXPECT_EQ(outcome_line("lower-third", object(R"({"lower_third": "Ada", "for_s": 8.0,
                                                   "shown_at": "2026-11-23T10:32:15.480+01:00"})")),
            "lower third \"Ada\" shows at 10:32:15.4, for 8 s\n");
  EXPECT_EQ(outcome_line("lower-third", object(R"({"lower_third": null})")), "lower third hidden\n");
  EXPECT_EQ(outcome_line("audio", object(R"({"feed": "cam1", "gain_db": -6})")), "cam1 at -6.0 dB\n");
  EXPECT_EQ(outcome_line("audio", object(R"({"feed": "cam1", "muted": true})")), "cam1 muted\n");
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
