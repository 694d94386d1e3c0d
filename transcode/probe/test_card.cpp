#include "transcode/probe/test_card.hpp"

#include <cmath>
#include <cstring>
#include <random>

namespace pult::transcode {
namespace {

constexpr int kStep = 3;  // pixels a picture: a slow pan
constexpr int kGrain = 3; // luma steps of a camera's noise
constexpr int kGrainSize = 65536 + 4096;

std::uint8_t luma_of(int x, int y) {
  const double wave = 40 * std::sin(x * 0.05) * std::cos(y * 0.07) + 25 * std::sin((x + 2 * y) * 0.31);
  const int edge = (x / 48 + y / 48) % 2 == 0 ? 24 : 0;
  return static_cast<std::uint8_t>(110 + wave + edge);
}

} // namespace

TestCard::TestCard(PictureSize size)
    : size_(size), pool_(size),
      texture_(static_cast<std::size_t>(size.width) * 2 * static_cast<std::size_t>(size.height)), grain_(kGrainSize) {
  auto out = texture_.begin();
  for (int y = 0; y < size.height; ++y)
    for (int x = 0; x < size.width * 2; ++x)
      *out++ = luma_of(x, y);
  std::minstd_rand chance(1);
  for (auto& grain : grain_)
    grain = static_cast<std::uint8_t>(chance() % kGrain);
}

HousePicture TestCard::next(int k) {
  auto picture = pool_.take();
  PictureMap map(picture, GST_MAP_WRITE);
  const int shift = k * kStep % size_.width;
  for (int y = 0; y < size_.height; ++y) {
    const auto* from =
        texture_.data() + static_cast<std::size_t>(y) * 2 * static_cast<std::size_t>(size_.width) + shift;
    const auto* grain = grain_.data() + static_cast<std::size_t>((y * 7919 + k * 104729) % 65536);
    auto* row = map.plane(0) + static_cast<std::ptrdiff_t>(y) * map.stride(0);
    for (int x = 0; x < size_.width; ++x)
      row[x] = static_cast<std::uint8_t>(from[x] + grain[x & 4095]);
  }
  for (const int plane : {1, 2})
    for (int y = 0; y < map.height(plane); ++y)
      std::memset(map.plane(plane) + static_cast<std::ptrdiff_t>(y) * map.stride(plane), plane == 1 ? 120 : 136,
                  static_cast<std::size_t>(map.width(plane)));
  return picture;
}

} // namespace pult::transcode
