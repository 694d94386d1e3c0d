// Scenes with real pixels: every layout with feeds of other aspects, fades, a graphic over them.
#include "transcode/composer.hpp"
#include "transcode/geometry.hpp"
#include "transcode/scaler.hpp"

#include "test_pixels.hpp"

#include <gmock/gmock.h>

namespace pult::transcode {
namespace {

using testing::grey;
using testing::Pixels;

constexpr PictureSize kProgramme{640, 360};
constexpr int kBlack = 16;

// A feed with a frame of another level around it, so that a cut edge would be seen.
HousePicture framed(PictureSize size, int luma) {
  PicturePool pool(size);
  auto picture = pool.take();
  testing::paint(picture, [&](int plane, int x, int y) {
    if (plane != 0) return 128;
    return x < 16 || y < 16 || x >= size.width - 16 || y >= size.height - 16 ? 230 : luma;
  });
  return picture;
}

struct Case {
  const char* layout;
  PictureSize feed;
};
void PrintTo(const Case& c, std::ostream* out) {
  *out << c.layout << " " << c.feed.width << "x" << c.feed.height;
}

class Layouts : public ::testing::TestWithParam<Case> {};

// The whole feed is in its slot, frame and all, with its aspect, centred; beside it the slot is black.
TEST_P(Layouts, EveryFeedStandsWholeAndUndistortedInItsSlot) {
  const auto slots = slots_of(GetParam().layout, kProgramme);
  const auto feed = GetParam().feed;
  Composer composer(kProgramme);
  std::vector<Layer> layers;
  for (std::size_t i = 0; i < slots.size(); ++i)
    layers.push_back({framed(feed, 60 + 40 * static_cast<int>(i)), slots[i]});
  const Pixels pixels(composer.compose(layers));
  for (std::size_t i = 0; i < slots.size(); ++i) {
    const auto where = fit(slots[i], feed);
    EXPECT_NEAR(static_cast<double>(where.width) / where.height, static_cast<double>(feed.width) / feed.height, 0.04);
    const bool on_top = i + 1 == slots.size() || slots.size() != 2 || i != 0 || slots[0].width < kProgramme.width;
    if (!on_top) continue;
    EXPECT_NEAR(pixels.at(0, where.x + where.width / 2, where.y + where.height / 2), 60 + 40 * static_cast<int>(i), 2);
    for (const auto& [x, y] : {std::pair{where.x + where.width / 2, where.y + 1},
                               {where.x + where.width / 2, where.y + where.height - 2},
                               {where.x + 1, where.y + where.height / 2},
                               {where.x + where.width - 2, where.y + where.height / 2}})
      EXPECT_NEAR(pixels.at(0, x, y), 230, 25) << i << " at " << x << "," << y;
    if (where.x > slots[i].x + 2) {
      EXPECT_NEAR(where.x - slots[i].x, slots[i].x + slots[i].width - where.x - where.width, 2);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Of, Layouts,
    ::testing::Values(Case{"full", {640, 360}}, Case{"full", {480, 360}}, Case{"full", {202, 360}},
                      Case{"full", {320, 180}}, Case{"side-by-side", {640, 360}}, Case{"side-by-side", {480, 360}},
                      Case{"side-by-side", {202, 360}}, Case{"picture-in-picture", {640, 360}},
                      Case{"picture-in-picture", {480, 360}}, Case{"picture-in-picture", {202, 360}},
                      Case{"lecture", {640, 360}}, Case{"lecture", {480, 360}}, Case{"lecture", {202, 360}},
                      Case{"trio", {640, 360}}, Case{"trio", {480, 360}}, Case{"trio", {202, 360}}));

// Whatever the sizes: not a sample beside the rectangle changes.
TEST(Scaling, WritesNothingBesideItsRectangle) {
  Scaler scaler;
  for (const Rect where :
       {Rect{10, 20, 122, 70}, Rect{2, 2, 214, 120}, Rect{300, 100, 338, 190}, Rect{0, 0, 34, 358}}) {
    const auto onto = grey(kProgramme, 99);
    scaler.draw(grey({480, 270}, 180), onto, where);
    const Pixels pixels(onto);
    for (int y = 0; y < kProgramme.height; ++y)
      for (int x = 0; x < kProgramme.width; ++x) {
        const bool inside = x >= where.x && y >= where.y && x < where.x + where.width && y < where.y + where.height;
        ASSERT_NEAR(pixels.at(0, x, y), inside ? 180 : 99, inside ? 1 : 0) << x << "," << y << " of " << where.width;
      }
  }
}

TEST(Scaling, AnotherPictureInTheSameMemoryIsDrawnAnew) {
  Scaler scaler;
  PicturePool pool({480, 270});
  const auto onto = grey(kProgramme, 99);
  for (const int luma : {50, 120, 200}) {
    const auto from = pool.take(); // given back in between: the same buffer again
    testing::paint(from, [luma](int, int, int) { return luma; });
    for (int again = 0; again < 2; ++again) {
      scaler.draw(from, onto, {10, 20, 122, 70});
      EXPECT_NEAR(luma_at(onto, 60, 50), luma, 1);
    }
  }
}

// A slope stays the same slope: neither shifted nor, in its colour, moved against the luma.
TEST(Scaling, KeepsEverythingInItsPlace) {
  constexpr PictureSize kLarge{960, 540};
  for (const PictureSize to : {PictureSize{640, 360}, PictureSize{428, 240}, PictureSize{1280, 720}}) {
    PicturePool large(kLarge);
    PicturePool small(to);
    const auto from = large.take();
    // Chroma sample i is sited on luma column 2 i.
    testing::paint(from, [](int plane, int x, int) { return 40 + (plane == 0 ? x : 2 * x) * 150 / 960; });
    const auto onto = small.take();
    Scaler scaler;
    scaler.draw(from, onto, {0, 0, to.width, to.height});
    const Pixels pixels(onto);
    const double step = 960.0 / to.width;
    for (int x = 16; x < to.width - 16; ++x)
      EXPECT_NEAR(pixels.at(0, x, to.height / 2), 40 + ((x + 0.5) * step - 0.5) * 150 / 960, 1.2) << x;
    for (int x = 16; x < to.width / 2 - 16; ++x)
      EXPECT_NEAR(pixels.at(1, x, to.height / 4), 40 + ((2 * x + 0.5) * step - 0.5) * 150 / 960, 1.2) << x;
  }
}

TEST(Composing, BesideANarrowFeedThereIsBlack) {
  Composer composer(kProgramme);
  const Pixels pixels(composer.compose({{grey({480, 360}, 200), {0, 0, 640, 360}}}));
  EXPECT_EQ(pixels.at(0, 40, 180), kBlack);
  EXPECT_EQ(pixels.at(1, 20, 90), 128);
  EXPECT_EQ(pixels.at(0, 600, 180), kBlack);
  EXPECT_EQ(pixels.at(0, 320, 180), 200);
}

TEST(Composing, AFeedOfProgrammeSizePassesThroughWithoutACopy) {
  Composer composer(kProgramme);
  const auto feed = grey(kProgramme, 90);
  EXPECT_EQ(composer.compose({{feed, {0, 0, 640, 360}}}), feed);
}

class WithGraphic : public ::testing::Test {
 protected:
  WithGraphic() {
    std::vector<std::uint32_t> drawing(std::size_t{640} * 360);
    for (std::size_t y = 300; y < 340; ++y)
      for (std::size_t x = 40; x < 240; ++x)
        drawing[y * 640 + x] = 0xFFFFFFFF;
    graphic_ = std::make_shared<const Graphic>(make_graphic(drawing, kProgramme));
  }
  std::shared_ptr<const Graphic> graphic_;
  Composer composer_{kProgramme};
};

TEST_F(WithGraphic, TheFeedBeneathItIsNeverWrittenTo) {
  const auto feed = grey(kProgramme, 90);
  const auto out = composer_.compose({{feed, {0, 0, 640, 360}}}, {graphic_, 256, 0});
  EXPECT_EQ(luma_at(feed, 100, 320), 90);
  EXPECT_EQ(luma_at(out, 100, 320), 235);
  EXPECT_EQ(luma_at(out, 100, 200), 90);
}

TEST_F(WithGraphic, AStandingSceneWithAStandingGraphicIsTheSamePictureAgain) {
  const std::vector<Layer> layers{{grey({480, 360}, 90), {0, 0, 640, 360}}};
  const auto first = composer_.compose(layers, {graphic_, 256, 0});
  EXPECT_EQ(composer_.compose(layers, {graphic_, 256, 0}), first);
  EXPECT_FALSE(composer_.compose(layers, {graphic_, 128, 0}) == first);
  const auto without = composer_.compose(layers);
  EXPECT_EQ(luma_at(without, 100, 320), 90);
}

TEST_F(WithGraphic, LiesOverAFadeWithoutFading) {
  const auto faded = composer_.fade(grey(kProgramme, 40), grey(kProgramme, 200), 128);
  const auto out = composer_.cover(faded, {graphic_, 256, 0});
  EXPECT_EQ(luma_at(out, 100, 320), 235);
  EXPECT_EQ(luma_at(out, 100, 200), 120);
  EXPECT_EQ(luma_at(faded, 100, 320), 120);
}

} // namespace
} // namespace pult::transcode
