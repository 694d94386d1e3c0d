// What the painter paints with Cairo and Pango, read back as a receiver would.
#include "cam/picture_painter.hpp"
#include "cam/wall_code.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace pult::cam::test {
namespace {

using namespace std::chrono_literals;

constexpr int kWidth = 320, kHeight = 180;

// The green of each pixel.
std::vector<uint8_t> green_of(const PaintedPicture& picture) {
  std::vector<uint8_t> green;
  for (int y = 0; y < kHeight; ++y)
    for (int x = 0; x < kWidth; ++x)
      green.push_back(picture.pixels[static_cast<ptrdiff_t>(y) * picture.stride + 4 * x + 1]);
  return green;
}

LoopFormat format_of(MotifKind motif) {
  return {.name = "Bühne & Söhne", .motif = motif, .width = kWidth, .height = kHeight, .length = 20s};
}

std::vector<uint8_t> painted(MotifKind motif, int64_t number) {
  auto painter = PicturePainter::create(format_of(motif));
  EXPECT_TRUE(painter.ok());
  return green_of(painter->paint(number));
}

int64_t differing(const std::vector<uint8_t>& a, const std::vector<uint8_t>& b, int from_row, int to_row) {
  int64_t count = 0;
  for (int i = from_row * kWidth; i < to_row * kWidth; ++i)
    count += std::abs(a[i] - b[i]) > 8 ? 1 : 0;
  return count;
}

class Picture : public testing::TestWithParam<MotifKind> {};

TEST_P(Picture, CarriesCodeAndFlash) {
  auto painter = PicturePainter::create(format_of(GetParam()));
  ASSERT_TRUE(painter.ok());
  for (const int64_t number : {0, 1, 2, 24, 130, 260, 499}) {
    const auto pixels = green_of(painter->paint(number));
    const wall_code::LumaView view{pixels.data(), kWidth, kWidth, kHeight};
    EXPECT_EQ(wall_code::read_number(view), static_cast<uint16_t>(number));
    EXPECT_EQ(wall_code::read_flash(view), number % 25 < 2) << number;
  }
}

TEST_P(Picture, MovesAndIsAFunctionOfItsNumber) {
  constexpr int kBelowTheSign = 28;
  EXPECT_EQ(painted(GetParam(), 37), painted(GetParam(), 37));
  auto painter = PicturePainter::create(format_of(GetParam()));
  ASSERT_TRUE(painter.ok());
  const auto first = green_of(painter->paint(37));
  EXPECT_GT(differing(first, green_of(painter->paint(260)), kBelowTheSign, kHeight), 100) << "something moved";
  EXPECT_EQ(first, green_of(painter->paint(37))) << "what was painted in between leaves no trace";
}

INSTANTIATE_TEST_SUITE_P(OfEachMotif, Picture,
                         testing::Values(MotifKind::kClock, MotifKind::kSpeaker, MotifKind::kSlides, MotifKind::kHall));

TEST(Pictures, OfTwoMotifsAreTold) {
  const auto speaker = painted(MotifKind::kSpeaker, 37);
  EXPECT_GT(differing(speaker, painted(MotifKind::kSlides, 37), 0, kHeight), kWidth * kHeight / 4);
  EXPECT_GT(differing(speaker, painted(MotifKind::kHall, 37), 0, kHeight), kWidth * kHeight / 4);
}

} // namespace
} // namespace pult::cam::test
