#include "cam/wall_code.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace pult::cam::wall_code {
namespace {

constexpr double kLeastContrast = 80;
constexpr double kUnsureBand = 1.0 / 6; // of the contrast, to each side of the middle
constexpr int kLeastWidth = 80;
constexpr int kLeastHeight = 24;

double inner_mean(const LumaView& picture, const Area& area) {
  const auto first = [](double start, double span, int size) {
    return std::clamp(static_cast<int>(std::floor((start + span / 4) * size)), 0, size - 1);
  };
  const auto last = [](double start, double span, int size, int from) {
    return std::clamp(static_cast<int>(std::ceil((start + span * 3 / 4) * size)), from + 1, size);
  };
  const int x0 = first(area.left, area.width, picture.width);
  const int x1 = last(area.left, area.width, picture.width, x0);
  const int y0 = first(area.top, area.height, picture.height);
  const int y1 = last(area.top, area.height, picture.height, y0);
  int64_t sum = 0;
  for (int y = y0; y < y1; ++y)
    for (int x = x0; x < x1; ++x)
      sum += picture.pixels[static_cast<ptrdiff_t>(y) * picture.stride + x];
  return static_cast<double>(sum) / ((x1 - x0) * (y1 - y0));
}

// What white and black look like in this picture.
struct References {
  double middle;
  double contrast;

  [[nodiscard]] std::optional<bool> judge(double luma) const {
    if (std::abs(luma - middle) < contrast * kUnsureBand) return std::nullopt;
    return luma > middle;
  }
};

std::optional<References> read_references(const LumaView& picture) {
  if (picture.width < kLeastWidth || picture.height < kLeastHeight) return std::nullopt;
  const double white = inner_mean(picture, cell_area(0));
  const double black = inner_mean(picture, cell_area(1));
  if (white - black < kLeastContrast) return std::nullopt;
  return References{(white + black) / 2, white - black};
}

std::optional<Cells> read_cells(const LumaView& picture, const References& references) {
  Cells cells{};
  for (int cell = 0; cell < kCells; ++cell) {
    const auto white = references.judge(inner_mean(picture, cell_area(cell)));
    if (!white) return std::nullopt;
    cells[cell] = *white;
  }
  return cells;
}

} // namespace

Area cell_area(int cell) {
  return {static_cast<double>(cell) / kCells, 0, 1.0 / kCells, 1.0 / kHeightDivisor};
}

Cells cells_of(uint16_t number) {
  Cells cells{};
  cells[0] = true;
  for (int bit = 0; bit < kBits; ++bit)
    cells[2 + bit] = (number >> (kBits - 1 - bit)) & 1;
  cells[18] = std::popcount(number) % 2 == 1;
  cells[19] = !cells[18];
  return cells;
}

std::optional<uint16_t> read_number(const LumaView& picture) {
  const auto references = read_references(picture);
  if (!references) return std::nullopt;
  const auto cells = read_cells(picture, *references);
  if (!cells) return std::nullopt;
  uint16_t number = 0;
  for (int bit = 0; bit < kBits; ++bit)
    number = static_cast<uint16_t>(number << 1 | ((*cells)[2 + bit] ? 1 : 0));
  if (*cells != cells_of(number)) return std::nullopt;
  return number;
}

std::optional<bool> read_flash(const LumaView& picture) {
  const auto references = read_references(picture);
  if (!references || !read_number(picture)) return std::nullopt;
  return references->judge(inner_mean(picture, kFlash));
}

} // namespace pult::cam::wall_code
