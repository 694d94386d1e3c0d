// Any channel layout into the two of the house.
//
// ITU-R BS.775: centre and surrounds at −3 dB into their side, the low-frequency channel left out. Not scaled down to
// rule out clipping, as audioconvert does it: speech from a centre channel would be 11 dB too quiet, and the mixer has
// a limiter. One channel goes to both sides; channels whose places are not said are taken in pairs. Pure; any thread.
#pragma once

#include <gst/audio/audio.h>

#include <array>
#include <span>
#include <vector>

namespace pult::transcode::decode {

class StereoMap {
 public:
  StereoMap() = default; // two channels as they are
  explicit StereoMap(const GstAudioInfo& info);

  [[nodiscard]] std::size_t channels() const { return gains_.size(); }
  // Interleaved samples of all channels → interleaved stereo. A view into the input or into `room`.
  [[nodiscard]] std::span<const float> apply(std::span<const float> interleaved, std::vector<float>& room) const;

 private:
  using Gains = std::array<float, 2>; // into left and right
  std::vector<Gains> gains_{{1, 0}, {0, 1}};
  bool plain_ = true;
};

} // namespace pult::transcode::decode
