#include "transcode/scene.hpp"

#include <gmock/gmock.h>

namespace pult::transcode {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

RoomConfig room() {
  RoomConfig config;
  for (const auto* name : {"cam1", "cam2", "slides"}) {
    FeedConfig feed;
    feed.name = name;
    config.feeds.push_back(feed);
  }
  config.scenes = {{"stage", "full", {"cam1"}, {"cam2", "slides"}, "follow"},
                   {"talk", "lecture", {"slides", "cam1"}, {"cam2"}, "cam1"}};
  return config;
}

TEST(Scene, NamesBecomeNumbers) {
  const auto scenes = scenes_of(room());
  ASSERT_THAT(scenes, SizeIs(2));
  EXPECT_THAT(scenes[1].feeds, ElementsAre(2U, 0U));
  EXPECT_THAT(scenes[1].slots, SizeIs(2));
  EXPECT_EQ(scenes[1].sound, std::optional<FeedNumber>(0));
  EXPECT_EQ(scenes[0].sound, std::nullopt);
}

TEST(Scene, ARoomWithoutScenesShowsItsFirstFeed) {
  auto config = room();
  config.scenes.clear();
  EXPECT_THAT(scenes_of(config).at(0).feeds, ElementsAre(0U));
}

TEST(Scene, ASlotShowsItsFeedAndSoundFollows) {
  const auto sources = sources_of(scenes_of(room())[0], {true, true, true});
  EXPECT_THAT(sources.slots, ElementsAre(std::optional<FeedNumber>(0)));
  EXPECT_EQ(sources.sound, std::optional<FeedNumber>(0));
}

TEST(Scene, TheFirstFallbackThatIsShownStandsIn) {
  const auto sources = sources_of(scenes_of(room())[0], {false, false, true});
  EXPECT_THAT(sources.slots, ElementsAre(std::optional<FeedNumber>(2)));
  EXPECT_EQ(sources.sound, std::optional<FeedNumber>(2));
}

TEST(Scene, WithoutAnyFeedThereIsTheCardAndSilence) {
  const auto sources = sources_of(scenes_of(room())[0], {false, false, false});
  EXPECT_THAT(sources.slots, ElementsAre(std::nullopt));
  EXPECT_EQ(sources.sound, std::nullopt);
}

TEST(Scene, AFallbackStandsInForOneSlotOnly) {
  const auto sources = sources_of(scenes_of(room())[1], {false, true, false});
  EXPECT_THAT(sources.slots, ElementsAre(std::optional<FeedNumber>(1), std::nullopt));
  EXPECT_EQ(sources.sound, std::optional<FeedNumber>(0)); // fixed: silent while it is away
}

} // namespace
} // namespace pult::transcode
