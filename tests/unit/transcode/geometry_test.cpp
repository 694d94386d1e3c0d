#include "transcode/geometry.hpp"

#include <gmock/gmock.h>

namespace pult::transcode {
namespace {

using ::testing::ElementsAre;

constexpr PictureSize kFullHd{1920, 1080};

TEST(Geometry, FullIsTheWholeProgramme) {
  EXPECT_THAT(slots_of("full", kFullHd), ElementsAre(Rect{0, 0, 1920, 1080}));
}

TEST(Geometry, SideBySideIsTwoHalvesOfTheProgrammesAspect) {
  EXPECT_THAT(slots_of("side-by-side", kFullHd), ElementsAre(Rect{0, 270, 960, 540}, Rect{960, 270, 960, 540}));
}

TEST(Geometry, EverySlotIsEvenAndInsideTheProgramme) {
  for (const auto size : {PictureSize{1920, 1080}, PictureSize{640, 360}, PictureSize{854, 480}, PictureSize{426, 240}})
    for (const auto* layout : {"full", "side-by-side", "picture-in-picture", "lecture", "trio"})
      for (const auto& slot : slots_of(layout, size)) {
        EXPECT_EQ((slot.x | slot.y | slot.width | slot.height) & 1, 0) << layout << " " << size.width;
        EXPECT_TRUE(slot.x >= 0 && slot.y >= 0 && slot.x + slot.width <= size.width &&
                    slot.y + slot.height <= size.height)
            << layout << " " << size.width;
      }
}

TEST(Geometry, SlotsOfLectureAndTrioDoNotOverlap) {
  for (const auto* layout : {"lecture", "trio", "side-by-side"}) {
    const auto slots = slots_of(layout, kFullHd);
    for (std::size_t a = 0; a < slots.size(); ++a)
      for (std::size_t b = a + 1; b < slots.size(); ++b)
        EXPECT_TRUE(slots[a].x + slots[a].width <= slots[b].x || slots[b].x + slots[b].width <= slots[a].x ||
                    slots[a].y + slots[a].height <= slots[b].y || slots[b].y + slots[b].height <= slots[a].y)
            << layout;
  }
}

TEST(Geometry, FitKeepsTheAspectAndCentres) {
  EXPECT_EQ(fit({0, 0, 1920, 1080}, {1440, 1080}), (Rect{240, 0, 1440, 1080}));
  EXPECT_EQ(fit({0, 0, 1920, 1080}, {1920, 800}), (Rect{0, 140, 1920, 800}));
  EXPECT_EQ(fit({960, 270, 960, 540}, {640, 360}), (Rect{960, 270, 960, 540}));
  EXPECT_EQ(fit({0, 0, 1920, 1080}, {1080, 1920}), (Rect{656, 0, 606, 1080}));
}

TEST(Geometry, FitOfNearlyTheSlotsAspectFillsTheSlot) {
  EXPECT_EQ(fit({0, 0, 854, 480}, {1920, 1080}), (Rect{0, 0, 854, 480}));
}

TEST(Geometry, FitOfAThreadlikePictureIsStillAPicture) {
  EXPECT_EQ(fit({0, 0, 1920, 1080}, {8192, 2}).height, 2);
}

} // namespace
} // namespace pult::transcode
