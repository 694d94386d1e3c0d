// A made loop in memory: encoded pictures of one loop in decode order, and the 375 sound frames of 8 s.
// Times are counted, not measured: a picture's pts and dts in pictures from the loop's start, a sound frame's place is
// its place in the list (AAC priming already taken off). Read-only once made; a packet's bytes are shared by reference.
#pragma once

#include "cam/av_raii.hpp"
#include "cam/loop_format.hpp"

#include <vector>

namespace pult::cam {

struct MediaLoop {
  LoopFormat format;
  ParametersPtr picture_parameters;
  ParametersPtr sound_parameters;
  std::vector<PacketPtr> pictures;
  std::vector<PacketPtr> sounds;

  // How many pictures earlier than its showing a picture is decoded, at most (0 without B-frames).
  [[nodiscard]] int64_t reorder() const;
  // Sets each picture's pts and dts, in pictures, from its place in the list and the order of its pts: the first pts is
  // 0, and dts run evenly and never behind a pts.
  void count_decode_times();
  // Whole, and what the format promises: the right counts, a key frame at each full second.
  [[nodiscard]] Result<void> check() const;
};

} // namespace pult::cam
