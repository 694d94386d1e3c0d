#include "transcode/graphic.hpp"

#include <algorithm>
#include <cmath>

namespace pult::transcode {
namespace {

// A sample of the drawing on the scale of its alpha: everything 0 to 255.
struct Sample4 {
  float alpha = 0;
  float luma = 0;
  float blue = 0;
  float red = 0;
  Sample4& add(const Sample4& other, float weight) {
    alpha += weight * other.alpha;
    luma += weight * other.luma;
    blue += weight * other.blue;
    red += weight * other.red;
    return *this;
  }
};

// BT.709, limited range (ITU-R BT.709-6, clause 3); linear, so premultiplied colours stay premultiplied when the
// offsets of 16 and 128 are multiplied as well.
Sample4 to_house(std::uint32_t argb) {
  const auto a = static_cast<float>(argb >> 24);
  const auto r = static_cast<float>(argb >> 16 & 255);
  const auto g = static_cast<float>(argb >> 8 & 255);
  const auto b = static_cast<float>(argb & 255);
  const float y = 0.2126F * r + 0.7152F * g + 0.0722F * b;
  constexpr float kLuma = 219.0F / 255.0F;
  constexpr float kChroma = 224.0F / 255.0F;
  return {a, kLuma * y + a * 16.0F / 255.0F, kChroma * (b - y) / 1.8556F + a * 128.0F / 255.0F,
          kChroma * (r - y) / 1.5748F + a * 128.0F / 255.0F};
}

std::uint8_t rounded(float value) {
  return static_cast<std::uint8_t>(std::clamp(std::lround(value), 0L, 255L));
}

class Drawing {
 public:
  Drawing(std::span<const std::uint32_t> argb, PictureSize size) : argb_(argb), size_(size) {}
  // Beyond its edge the drawing goes on as it ends there.
  [[nodiscard]] Sample4 at(int x, int y) const {
    return to_house(pixel(std::clamp(x, 0, size_.width - 1), std::clamp(y, 0, size_.height - 1)));
  }
  [[nodiscard]] Rect painted() const;

 private:
  [[nodiscard]] std::uint32_t pixel(int x, int y) const {
    return argb_[static_cast<std::size_t>(y) * static_cast<std::size_t>(size_.width) + static_cast<std::size_t>(x)];
  }
  std::span<const std::uint32_t> argb_;
  PictureSize size_;
};

// Everything that is not transparent, and what the chroma filter reaches beyond it.
Rect Drawing::painted() const {
  int left = size_.width, top = size_.height, right = -1, bottom = -1;
  for (int y = 0; y < size_.height; ++y)
    for (int x = 0; x < size_.width; ++x)
      if (pixel(x, y) >> 24 != 0) {
        left = std::min(left, x);
        right = std::max(right, x);
        top = std::min(top, y);
        bottom = y;
      }
  if (right < 0) return {};
  left = left / 2 * 2;
  top = top / 2 * 2;
  right = std::min((right + 1) / 2 * 2 + 2, size_.width);
  bottom = bottom / 2 * 2 + 2;
  return {left, top, right - left, bottom - top};
}

GraphicPlane plane_of(const Rect& where, int divided) {
  GraphicPlane plane{where.width / divided, where.height / divided, {}, {}};
  const auto count = static_cast<std::size_t>(plane.width) * static_cast<std::size_t>(plane.height);
  plane.alpha.reserve(count);
  plane.samples.reserve(count);
  return plane;
}

void fill_luma(const Drawing& drawing, Graphic& graphic) {
  const auto& where = graphic.where;
  for (int y = where.y; y < where.y + where.height; ++y)
    for (int x = where.x; x < where.x + where.width; ++x) {
      const auto sample = drawing.at(x, y);
      graphic.luma.alpha.push_back(rounded(sample.alpha));
      graphic.luma.samples.push_back(rounded(sample.luma));
    }
}

// Sited left (H.273, chroma sample type 0): on the left luma column, between two rows.
Sample4 chroma_at(const Drawing& drawing, int x, int y) {
  Sample4 sum;
  for (int row = y; row < y + 2; ++row)
    sum.add(drawing.at(x - 1, row), 0.125F).add(drawing.at(x, row), 0.25F).add(drawing.at(x + 1, row), 0.125F);
  return sum;
}

void fill_chroma(const Drawing& drawing, Graphic& graphic) {
  const auto& where = graphic.where;
  for (int y = where.y; y < where.y + where.height; y += 2)
    for (int x = where.x; x < where.x + where.width; x += 2) {
      const auto sample = chroma_at(drawing, x, y);
      graphic.blue.alpha.push_back(rounded(sample.alpha));
      graphic.blue.samples.push_back(rounded(sample.blue));
      graphic.red.samples.push_back(rounded(sample.red));
    }
  graphic.red.alpha = graphic.blue.alpha;
}

} // namespace

Graphic make_graphic(std::span<const std::uint32_t> argb, PictureSize size) {
  const Drawing drawing(argb, size);
  Graphic graphic;
  graphic.where = drawing.painted();
  graphic.luma = plane_of(graphic.where, 1);
  graphic.blue = plane_of(graphic.where, 2);
  graphic.red = plane_of(graphic.where, 2);
  fill_luma(drawing, graphic);
  fill_chroma(drawing, graphic);
  return graphic;
}

} // namespace pult::transcode
