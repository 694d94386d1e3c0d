// Pictures that tests paint and read.
#pragma once

#include "transcode/house_picture.hpp"

#include <functional>

namespace pult::transcode::testing {

// A picture's samples, for as long as this lives. Planes: 0 luma, 1 Cb, 2 Cr.
class Pixels {
 public:
  explicit Pixels(const HousePicture& picture) : map_(picture, GST_MAP_READ) {}
  [[nodiscard]] int at(int plane, int x, int y) {
    return map_.plane(plane)[static_cast<std::ptrdiff_t>(y) * map_.stride(plane) + x];
  }
  [[nodiscard]] int at(int plane, int x, int y) const { return const_cast<Pixels*>(this)->at(plane, x, y); }

 private:
  PictureMap map_;
};

inline void paint(const HousePicture& picture, const std::function<int(int plane, int x, int y)>& sample) {
  PictureMap map(picture, GST_MAP_WRITE);
  for (int plane = 0; plane < 3; ++plane)
    for (int y = 0; y < map.height(plane); ++y)
      for (int x = 0; x < map.width(plane); ++x)
        map.plane(plane)[static_cast<std::ptrdiff_t>(y) * map.stride(plane) + x] =
            static_cast<guint8>(sample(plane, x, y));
}

inline HousePicture grey(PictureSize size, int luma) {
  PicturePool pool(size);
  auto picture = pool.take();
  paint(picture, [luma](int plane, int, int) { return plane == 0 ? luma : 128; });
  return picture;
}

} // namespace pult::transcode::testing
