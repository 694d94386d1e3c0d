// Reads packets as a player would (libavcodec), so that tests judge what viewers see and hear.
#pragma once

#include "base/bytes.hpp"

#include <cstdint>
#include <vector>

namespace pult::transcode::testing {

struct DecodedPicture {
  int width = 0;
  int height = 0;
  std::vector<std::uint8_t> luma; // row by row
  double mean_luma = 0;
  bool damaged = false;
};
// One entry per sample. `extradata` is an avcC.
std::vector<DecodedPicture> decode_pictures(const Bytes& extradata, const std::vector<Bytes>& samples);

// The left channel of all packets in a row. `extradata` is an AudioSpecificConfig.
std::vector<float> decode_sound(const Bytes& extradata, const std::vector<Bytes>& packets);

} // namespace pult::transcode::testing
