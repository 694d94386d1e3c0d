#include "cam/wall_code.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

namespace pult::cam::wall_code {
namespace {

struct Luma {
  int width;
  int height;
  std::vector<uint8_t> pixels;

  Luma(int w, int h, uint8_t level) : width(w), height(h), pixels(static_cast<size_t>(w) * h, level) {}

  [[nodiscard]] LumaView view() const { return {pixels.data(), width, width, height}; }

  void fill(const Area& area, uint8_t level) {
    const int x0 = static_cast<int>(std::ceil(area.left * width));
    const int x1 = static_cast<int>(std::ceil((area.left + area.width) * width));
    for (int y = static_cast<int>(std::ceil(area.top * height)); y < (area.top + area.height) * height; ++y)
      std::fill(&pixels[static_cast<size_t>(y) * width + x0], &pixels[static_cast<size_t>(y) * width] + x1, level);
  }
};

struct Levels {
  uint8_t black = 16;
  uint8_t white = 235;
};

Luma picture_of(uint16_t number, int width, int height, Levels levels = {}) {
  Luma luma(width, height, 60);
  const auto cells = cells_of(number);
  for (int cell = 0; cell < kCells; ++cell)
    luma.fill(cell_area(cell), cells[cell] ? levels.white : levels.black);
  luma.fill(kFlash, levels.black);
  return luma;
}

// Each pixel the mean of those that it covers.
Luma scaled(const Luma& from, int width, int height) {
  Luma to(width, height, 0);
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x) {
      const int x0 = x * from.width / width, x1 = std::max(x0 + 1, (x + 1) * from.width / width);
      const int y0 = y * from.height / height, y1 = std::max(y0 + 1, (y + 1) * from.height / height);
      int sum = 0;
      for (int v = y0; v < y1; ++v)
        for (int u = x0; u < x1; ++u)
          sum += from.pixels[static_cast<size_t>(v) * from.width + u];
      to.pixels[static_cast<size_t>(y) * width + x] = static_cast<uint8_t>(sum / ((x1 - x0) * (y1 - y0)));
    }
  return to;
}

constexpr uint16_t kNumbers[] = {0, 1499, 0x5555, 0xAAAA, 0xFFFF};

TEST(WallCode, ComesBackForEachNumber) {
  for (int number = 0; number <= 0xFFFF; number += 11)
    ASSERT_EQ(read_number(picture_of(static_cast<uint16_t>(number), 80, 24).view()), number);
}

TEST(WallCode, ComesBackAtEverySizeThatAStreamMayHave) {
  for (const uint16_t number : kNumbers)
    for (const auto& [width, height] : {std::pair{1280, 720}, {854, 480}, {640, 360}, {320, 180}})
      EXPECT_EQ(read_number(picture_of(number, width, height).view()), number) << width;
}

TEST(WallCode, SurvivesScalingDown) {
  for (const uint16_t number : kNumbers)
    for (const auto& [width, height] : {std::pair{320, 180}, {160, 90}})
      EXPECT_EQ(read_number(scaled(picture_of(number, 960, 540), width, height).view()), number) << width;
}

TEST(WallCode, SurvivesNoiseAndALowContrast) {
  auto luma = picture_of(1234, 320, 180, {50, 190});
  uint32_t seed = 1;
  for (auto& pixel : luma.pixels) {
    seed = seed * 1664525 + 1013904223;
    pixel = static_cast<uint8_t>(pixel + static_cast<int>(seed >> 26) - 32);
  }
  EXPECT_EQ(read_number(luma.view()), 1234);
}

TEST(WallCode, IsReadFromACornerOfALargerPicture) {
  const auto small = picture_of(77, 320, 180);
  Luma large(1280, 720, 128);
  for (int y = 0; y < 180; ++y)
    std::copy_n(&small.pixels[static_cast<size_t>(y) * 320], 320,
                &large.pixels[static_cast<size_t>(y + 500) * 1280 + 900]);
  EXPECT_EQ(read_number({&large.pixels[500 * 1280 + 900], 1280, 320, 180}), 77);
}

TEST(WallCode, ReadsNothingWhereThereIsNone) {
  for (const int level : {0, 16, 128, 235, 255})
    EXPECT_EQ(read_number(Luma(320, 180, static_cast<uint8_t>(level)).view()), std::nullopt) << level;
  EXPECT_EQ(read_number(picture_of(5, 320, 180, {100, 170}).view()), std::nullopt) << "faded";
  EXPECT_EQ(read_number(picture_of(5, 60, 20).view()), std::nullopt) << "too small";
}

TEST(WallCode, ReadsNothingWhenACellIsWrong) {
  for (int cell = 0; cell < kCells; ++cell) {
    auto luma = picture_of(0x1234, 320, 180);
    luma.fill(cell_area(cell), cells_of(0x1234)[cell] ? 16 : 235);
    EXPECT_EQ(read_number(luma.view()), std::nullopt) << cell;
  }
}

TEST(WallCode, ReadsNothingInTheMiddleOfAFadeBetweenTwoNumbers) {
  auto luma = picture_of(0x00FF, 320, 180);
  const auto other = picture_of(0xFF00, 320, 180);
  for (size_t i = 0; i < luma.pixels.size(); ++i)
    luma.pixels[i] = static_cast<uint8_t>((luma.pixels[i] + other.pixels[i]) / 2);
  EXPECT_EQ(read_number(luma.view()), std::nullopt);
}

TEST(WallCode, TellsTheFlash) {
  auto luma = picture_of(50, 320, 180);
  EXPECT_EQ(read_flash(luma.view()), false);
  luma.fill(kFlash, 235);
  EXPECT_EQ(read_flash(luma.view()), true);
  EXPECT_EQ(read_flash(Luma(320, 180, 235).view()), std::nullopt);
}

} // namespace
} // namespace pult::cam::wall_code
