// The fade: two pictures of one size mixed into a third. Compiled with -O3, so that g++ vectorises the row. Any thread.
#pragma once

#include "transcode/house_picture.hpp"

namespace pult::transcode {

// out = from + (to - from) × weight ÷ 256, per sample, rounded. `weight` 0 to 256.
void blend(const HousePicture& from, const HousePicture& to, int weight, const HousePicture& out);

} // namespace pult::transcode
