// Pictures that cost an encoder about what a hall's cameras cost it: fine texture that moves, a little grain. One
// thread.
#pragma once

#include "transcode/house_picture.hpp"

#include <cstdint>
#include <vector>

namespace pult::transcode {

class TestCard {
 public:
  explicit TestCard(PictureSize size);
  HousePicture next(int k); // the k-th picture

 private:
  PictureSize size_;
  PicturePool pool_;
  std::vector<std::uint8_t> texture_; // twice the picture's width, so that it can move
  std::vector<std::uint8_t> grain_;
};

} // namespace pult::transcode
