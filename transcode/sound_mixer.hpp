// Sums the feeds' sound into the programme's: gains with a short crossfade, then a limiter.
//
// A change of gain (a scene with another sound) ramps over kCrossfade samples, so that nothing clicks. The limiter
// turns down at once where a peak would pass -1 dBFS and comes back within a fifth of a second. Pure; one thread.
#pragma once

#include "base/programme_time.hpp"

#include <array>
#include <functional>
#include <span>
#include <vector>

namespace pult::transcode {

using SoundFrame = std::array<float, 2 * kSamplesPerSoundFrame>; // interleaved stereo

class SoundMixer {
 public:
  static constexpr int kCrossfade = kSampleRate / 100; // 10 ms
  static constexpr float kCeiling = 0.891F;            // -1 dBFS

  explicit SoundMixer(std::size_t sources) : gains_(sources, 0.0F) {}

  // `wanted[i]` is the gain of source i from here on. `read(i, out)` fills a frame of source i; it is asked only for
  // sources that are heard.
  using Read = std::function<void(std::size_t source, std::span<float> out)>;
  void mix(const std::vector<float>& wanted, const Read& read, SoundFrame& out);

  // The highest sample, before the limiter, since it was last asked.
  [[nodiscard]] float take_peak();

 private:
  void add(std::size_t source, float wanted, const SoundFrame& in, SoundFrame& out);
  void limit(SoundFrame& frame);

  std::vector<float> gains_;
  float limiter_gain_ = 1.0F;
  float peak_ = 0.0F;
};

// One frame goes over from `before` to what `now` has.
void go_over(const SoundFrame& before, std::span<float> now);

} // namespace pult::transcode
