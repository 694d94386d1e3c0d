// Reads what a camera sent: libavformat as demuxer, libavcodec as decoder, so that the judge is not our own code.
#pragma once

#include "cam/wall_code.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace pult::cam::test {

struct ReadPacket {
  int64_t pts, dts; // 90 kHz
  bool key;
};

struct ReadPicture {
  int64_t pts;
  int width, height;
  std::vector<uint8_t> luma;

  [[nodiscard]] wall_code::LumaView view() const { return {luma.data(), width, width, height}; }
  [[nodiscard]] ReadPicture scaled(int to_width, int to_height) const;
};

struct Reading {
  std::vector<ReadPacket> pictures, sounds;
  std::vector<ReadPicture> decoded;
  std::vector<float> left; // all sound in one piece, from left_pts on
  int64_t left_pts = 0;
  int sample_rate = 0;

  // Times (90 kHz) at which sound begins after at least 100 ms of silence.
  [[nodiscard]] std::vector<double> beep_starts() const;
};

[[nodiscard]] Reading read_transport_stream(std::span<const uint8_t> bytes);

} // namespace pult::cam::test
