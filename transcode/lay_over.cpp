// Graphic's loops over pixels, apart because they are compiled with -O3.
#include "transcode/graphic.hpp"

#include <algorithm>
#include <cstddef>

namespace pult::transcode {
namespace {

// x ÷ 255, rounded, exact for all products of two bytes; 16 bits, so that many samples go in one instruction.
constexpr std::uint16_t by_255(std::uint16_t x) {
  const auto y = static_cast<std::uint16_t>(x + 128);
  return static_cast<std::uint16_t>(static_cast<std::uint16_t>(y + (y >> 8)) >> 8);
}

void lay_row(const std::uint8_t* __restrict alpha, const std::uint8_t* __restrict samples,
             std::uint8_t* __restrict onto, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i)
    onto[i] = static_cast<std::uint8_t>(samples[i] + by_255(static_cast<std::uint16_t>(onto[i] * (255 - alpha[i]))));
}

// The same at less than full opacity.
void lay_faint_row(const std::uint8_t* __restrict alpha, const std::uint8_t* __restrict samples,
                   std::uint8_t* __restrict onto, std::size_t count, std::uint16_t weight) {
  for (std::size_t i = 0; i < count; ++i) {
    const auto a = static_cast<std::uint16_t>((alpha[i] * weight + 128) >> 8);
    const auto s = static_cast<std::uint16_t>((samples[i] * weight + 128) >> 8);
    onto[i] = static_cast<std::uint8_t>(s + by_255(static_cast<std::uint16_t>(onto[i] * (255 - a))));
  }
}

struct Target {
  std::uint8_t* first; // of the rectangle's first sample
  std::ptrdiff_t stride;
  int rows; // that lie in the picture
};

void lay_plane(const GraphicPlane& plane, const Target& target, int weight) {
  const auto width = static_cast<std::size_t>(plane.width);
  const int rows = std::min(plane.height, target.rows);
  for (int row = 0; row < rows; ++row) {
    const auto* alpha = plane.alpha.data() + static_cast<std::size_t>(row) * width;
    const auto* samples = plane.samples.data() + static_cast<std::size_t>(row) * width;
    auto* onto = target.first + row * target.stride;
    if (weight >= 256)
      lay_row(alpha, samples, onto, width);
    else
      lay_faint_row(alpha, samples, onto, width, static_cast<std::uint16_t>(weight));
  }
}

} // namespace

void lay_over(const Overlay& overlay, const HousePicture& onto) {
  if (!overlay) return;
  PictureMap map(onto, GST_MAP_READWRITE);
  if (!map.ok()) return;
  const auto& graphic = *overlay.graphic;
  const std::array planes{&graphic.luma, &graphic.blue, &graphic.red};
  for (int i = 0; i < 3; ++i) {
    const int divided = i == 0 ? 1 : 2;
    const int top = (graphic.where.y + overlay.down) / divided;
    const std::ptrdiff_t stride = map.stride(i);
    lay_plane(*planes[static_cast<std::size_t>(i)],
              {map.plane(i) + top * stride + graphic.where.x / divided, stride, map.height(i) - top}, overlay.weight);
  }
}

} // namespace pult::transcode
