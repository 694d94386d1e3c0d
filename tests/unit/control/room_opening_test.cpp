#include "control/room_opening.hpp"

#include <gmock/gmock.h>

namespace pult::control {
namespace {

using Show = WantedState::ShowState;

const SceneNames kScenes{"stage", "hall"};

WantedState state_of(std::int64_t epoch, std::int64_t number, const std::string& scene, Show show = Show::kRehearsal) {
  WantedState state;
  state.epoch = epoch;
  state.number = number;
  state.on_air.name = scene;
  state.show = {show, show == Show::kRehearsal ? "" : "one"};
  return state;
}

TEST(RoomOpening, ANewRoomRehearsesItsFirstScene) {
  const auto state = opening_state({}, kScenes);
  EXPECT_EQ(state.on_air.name, "stage");
  EXPECT_EQ(state.show.state, Show::kRehearsal);
  EXPECT_GE(state.epoch, 1);
  EXPECT_GE(state.number, 1);
}

TEST(RoomOpening, AutostartOpensAShowAtACleanStartOnly) {
  Opening known;
  known.autostart = true;
  known.new_show_id = "new";
  EXPECT_EQ(opening_state(known, kScenes).show.state, Show::kRehearsal);
  known.clean_start = true;
  EXPECT_EQ(opening_state(known, kScenes).show.id, "new");
  known.stored = state_of(1, 5, "stage", Show::kLive);
  EXPECT_EQ(opening_state(known, kScenes).show.id, "one");
  known.stored = state_of(1, 5, "stage", Show::kOver);
  EXPECT_EQ(opening_state(known, kScenes).show.id, "new");
}

TEST(RoomOpening, WhatIsStoredIsKeptAsItIs) {
  Opening known;
  known.stored = state_of(2, 9, "hall", Show::kLive);
  const auto state = opening_state(known, kScenes);
  EXPECT_EQ(to_json(state), to_json(*known.stored));
}

TEST(RoomOpening, AWorkerThatAppliedMoreThanTheDiskHasWins) {
  Opening known;
  known.stored = state_of(2, 9, "stage");
  known.applied = {state_of(2, 8, "stage"), state_of(2, 10, "hall")};
  const auto state = opening_state(known, kScenes);
  EXPECT_EQ(state.on_air.name, "hall");
  EXPECT_EQ(std::pair(state.epoch, state.number), std::pair(std::int64_t{2}, std::int64_t{10}));
}

TEST(RoomOpening, ALostDatabaseKeepsWhatIsOnAirInANewEpoch) {
  Opening known;
  known.applied = {state_of(2, 10, "hall", Show::kLive)};
  const auto state = opening_state(known, kScenes);
  EXPECT_EQ(state.on_air.name, "hall");
  EXPECT_EQ(state.show.id, "one");
  EXPECT_TRUE(state.newer_than(known.applied.front()));
  EXPECT_EQ(state.epoch, 3);
}

TEST(RoomOpening, TheShowThatViewersKnowGoesOn) {
  Opening known;
  known.promised = PromisedShow{"one", false};
  EXPECT_EQ(opening_state(known, kScenes).show.state, Show::kLive);
  EXPECT_EQ(opening_state(known, kScenes).show.id, "one");
}

TEST(RoomOpening, AShowThatWasEndedIsNotOpenedAgain) {
  Opening known;
  known.stored = state_of(1, 5, "stage", Show::kLive);
  known.promised = PromisedShow{"one", true};
  EXPECT_EQ(opening_state(known, kScenes).show.state, Show::kOver);
  known.stored = state_of(1, 6, "stage", Show::kOver);
  known.promised = PromisedShow{"one", false}; // the packager was away when the show ended
  EXPECT_EQ(opening_state(known, kScenes).show.state, Show::kOver);
}

TEST(RoomOpening, ScenesThatTheConfigLostAreReplaced) {
  Opening known;
  known.stored = state_of(1, 5, "gone");
  known.stored->preview = "gone, too";
  const auto state = opening_state(known, kScenes);
  EXPECT_EQ(state.on_air.name, "stage");
  EXPECT_EQ(state.preview, "");
  EXPECT_EQ(state.number, 6);
  EXPECT_EQ(state.on_air.taken, 6);
}

TEST(PromisedShow, IsReadFromShowJson) {
  const auto show = promised_show_from_json(R"({"show":"x","ended":true})");
  ASSERT_TRUE(show);
  EXPECT_EQ(show->id, "x");
  EXPECT_TRUE(show->ended);
  EXPECT_FALSE(promised_show_from_json("{}"));
  EXPECT_FALSE(promised_show_from_json("torn {"));
}

TEST(ShowId, EndsInFourLettersOfChance) {
  EXPECT_THAT(show_id("20261123-0915", 0), testing::MatchesRegex("20261123-0915-[a-z0-9]{4}"));
  EXPECT_NE(show_id("20261123-0915", 1), show_id("20261123-0915", 2));
}

} // namespace
} // namespace pult::control
