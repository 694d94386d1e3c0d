#include "transcode/scene_switch.hpp"

#include <gtest/gtest.h>

namespace pult::transcode {
namespace {

TEST(SceneSwitch, ACutHasNoFade) {
  SceneSwitch on_air(0);
  on_air.take(2, 100, 0);
  EXPECT_EQ(on_air.scene(), 2U);
  EXPECT_FALSE(on_air.fade_at(100));
}

TEST(SceneSwitch, AFadesFirstPictureIsChangedAndItsLastNearlyNew) {
  SceneSwitch on_air(0);
  on_air.take(1, 100, 4);
  EXPECT_FALSE(on_air.fade_at(99));
  for (int i = 0; i < 4; ++i) {
    const auto fade = on_air.fade_at(100 + i);
    ASSERT_TRUE(fade);
    EXPECT_EQ(fade->from, std::optional<std::size_t>(0));
    EXPECT_EQ(fade->weight, (i + 1) * 256 / 5);
  }
  EXPECT_FALSE(on_air.fade_at(104));
}

TEST(SceneSwitch, ATakeDuringAFadeBeginsFromThePictureThatStands) {
  SceneSwitch on_air(0);
  on_air.take(1, 100, 10);
  on_air.take(2, 105, 10);
  ASSERT_TRUE(on_air.fade_at(105));
  EXPECT_EQ(on_air.fade_at(105)->from, std::nullopt);
  on_air.take(0, 107, 0);
  EXPECT_FALSE(on_air.fade_at(107));
}

TEST(SceneSwitch, VeryLongFadesStillMove) {
  SceneSwitch on_air(0);
  on_air.take(1, 0, 1000);
  EXPECT_EQ(on_air.fade_at(0)->weight, 1);
  EXPECT_EQ(on_air.fade_at(999)->weight, 255);
}

} // namespace
} // namespace pult::transcode
