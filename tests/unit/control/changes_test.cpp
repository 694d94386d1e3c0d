#include "control/changes.hpp"
#include "control/room_time.hpp"

#include <gmock/gmock.h>

namespace pult::control {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;

const SceneNames kScenes{"stage", "slides", "hall"};

WantedState on_air(const std::string& scene, const std::string& in_preview = "") {
  WantedState state;
  state.epoch = 3;
  state.number = 7;
  state.on_air.name = scene;
  state.preview = in_preview;
  return state;
}

TEST(Take, PutsTheSceneOnAirUnderTheNextNumber) {
  const auto state = take(on_air("stage", "hall"), kScenes, {"slides", milliseconds(400)});
  ASSERT_TRUE(state);
  EXPECT_EQ(state->on_air.name, "slides");
  EXPECT_EQ(state->on_air.fade, milliseconds(400));
  EXPECT_EQ(state->on_air.before, "stage");
  EXPECT_EQ(state->on_air.taken, 8);
  EXPECT_EQ(state->number, 8);
  EXPECT_EQ(state->epoch, 3);
  EXPECT_EQ(state->preview, "hall");
}

TEST(Take, WithoutASceneSwapsPreviewAndOnAir) {
  const auto state = take(on_air("stage", "hall"), kScenes, {});
  ASSERT_TRUE(state);
  EXPECT_EQ(state->on_air.name, "hall");
  EXPECT_EQ(state->preview, "stage");
}

TEST(Take, OfWhatIsOnAirChangesNothing) {
  const auto state = take(on_air("stage"), kScenes, {"stage"});
  ASSERT_TRUE(state);
  EXPECT_EQ(state->number, 7);
}

TEST(Take, RefusesAnUnknownSceneWithTheNearest) {
  const auto state = take(on_air("stage"), kScenes, {"slids"});
  ASSERT_FALSE(state);
  EXPECT_EQ(state.error().code, Errc::kNotFound);
  EXPECT_THAT(state.error().message, HasSubstr("did you mean \"slides\"?"));
}

TEST(Take, RefusesAnEmptyPreviewAndNamesTheScenes) {
  const auto state = take(on_air("stage"), kScenes, {});
  ASSERT_FALSE(state);
  EXPECT_EQ(state.error().code, Errc::kRefused);
  EXPECT_THAT(state.error().message, HasSubstr("stage, slides, hall"));
}

TEST(Take, RefusesFadesThatNobodyMeans) {
  for (const auto fade : {milliseconds(-1), kLongestFade + milliseconds(1)}) {
    const auto state = take(on_air("stage"), kScenes, {"hall", fade});
    ASSERT_FALSE(state);
    EXPECT_EQ(state.error().code, Errc::kInvalidArgument);
  }
}

TEST(Undo, GoesBackAndAgainForward) {
  const auto taken = take(on_air("stage"), kScenes, {"hall"});
  ASSERT_TRUE(taken);
  const auto back = undo(*taken, kScenes, {});
  ASSERT_TRUE(back);
  EXPECT_EQ(back->on_air.name, "stage");
  EXPECT_EQ(back->number, 9);
  const auto forward = undo(*back, kScenes, {});
  ASSERT_TRUE(forward);
  EXPECT_EQ(forward->on_air.name, "hall");
}

TEST(Undo, IsRefusedBeforeTheFirstTake) {
  const auto state = undo(on_air("stage"), kScenes, {});
  ASSERT_FALSE(state);
  EXPECT_EQ(state.error().code, Errc::kRefused);
}

TEST(Preview, IsSetAndCleared) {
  const auto set = preview(on_air("stage"), kScenes, "hall");
  ASSERT_TRUE(set);
  EXPECT_EQ(set->preview, "hall");
  const auto cleared = preview(*set, kScenes, "");
  ASSERT_TRUE(cleared);
  EXPECT_EQ(cleared->preview, "");
  EXPECT_EQ(cleared->number, 9);
  EXPECT_FALSE(preview(*set, kScenes, "hal9000"));
}

TEST(Slate, IsShownUntilATimeAndTakenOff) {
  const auto shown = slate(on_air("stage"), "pause", "14:30");
  ASSERT_TRUE(shown);
  EXPECT_EQ(shown->slate.kind, "pause");
  EXPECT_EQ(shown->slate.until, "14:30");
  const auto off = slate(*shown, "off", "");
  ASSERT_TRUE(off);
  EXPECT_EQ(off->slate.kind, "");
  EXPECT_EQ(off->slate.until, "");
}

TEST(Slate, RefusesUnknownKindsAndTimes) {
  const auto kind = slate(on_air("stage"), "pauze", "");
  ASSERT_FALSE(kind);
  EXPECT_THAT(kind.error().message, HasSubstr("did you mean \"pause\"?"));
  for (const auto* until : {"24:00", "12:60", "1:30", "12h30", "12:3x", "soon"})
    EXPECT_FALSE(slate(on_air("stage"), "pause", until)) << until;
  EXPECT_FALSE(slate(on_air("stage"), "off", "12:30"));
}

TEST(Slate, IsOverWhenItsTimeComes) {
  use_timezone("Europe/Berlin");
  using std::chrono::hours;
  const Nanoseconds midnight = std::chrono::seconds(1772319600); // 2026-03-01 00:00 in Berlin
  const auto since = midnight + hours(14);
  EXPECT_FALSE(slate_is_over({"pause", "14:30"}, since, since + milliseconds(1'799'999)));
  EXPECT_TRUE(slate_is_over({"pause", "14:30"}, since, since + milliseconds(1'800'000)));
  EXPECT_FALSE(slate_is_over({"pause", ""}, since, since + hours(100)));
  EXPECT_FALSE(slate_is_over({"", "14:30"}, since, since + hours(100)));
  EXPECT_FALSE(slate_is_over({"pause", "13:00"}, since, since + hours(22))); // of the next day
}

TEST(Show, StartsOnceAndEndsOnce) {
  const auto live = show_start(on_air("stage"), "20261123-0915-k3f9");
  ASSERT_TRUE(live);
  EXPECT_EQ(live->show.state, WantedState::ShowState::kLive);
  EXPECT_EQ(live->show.id, "20261123-0915-k3f9");
  EXPECT_FALSE(show_start(*live, "another"));
  const auto over = show_end(*live);
  ASSERT_TRUE(over);
  EXPECT_EQ(over->show.state, WantedState::ShowState::kOver);
  EXPECT_EQ(over->show.id, "20261123-0915-k3f9");
  EXPECT_FALSE(show_end(*over));
}

} // namespace
} // namespace pult::control
