#include "transcode/blend.hpp"

#include <cstddef>
#include <cstdint>

namespace pult::transcode {
namespace {

// 16-bit sums: 255 × 256 + 128 fits, so eight or sixteen samples go in one instruction.
void blend_row(const std::uint8_t* __restrict from, const std::uint8_t* __restrict to, std::uint8_t* __restrict out,
               std::size_t count, std::uint16_t weight) {
  const auto rest = static_cast<std::uint16_t>(256 - weight);
  for (std::size_t i = 0; i < count; ++i)
    out[i] = static_cast<std::uint8_t>(static_cast<std::uint16_t>(from[i] * rest + to[i] * weight + 128) >> 8);
}

} // namespace

void blend(const HousePicture& from, const HousePicture& to, int weight, const HousePicture& out) {
  PictureMap a(from, GST_MAP_READ);
  PictureMap b(to, GST_MAP_READ);
  PictureMap c(out, GST_MAP_WRITE);
  if (!a.ok() || !b.ok() || !c.ok()) return;
  for (int plane = 0; plane < 3; ++plane)
    for (std::ptrdiff_t row = 0; row < c.height(plane); ++row)
      blend_row(a.plane(plane) + row * a.stride(plane), b.plane(plane) + row * b.stride(plane),
                c.plane(plane) + row * c.stride(plane), static_cast<std::size_t>(c.width(plane)),
                static_cast<std::uint16_t>(weight));
}

} // namespace pult::transcode
