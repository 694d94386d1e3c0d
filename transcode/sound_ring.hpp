// A feed's sound of the last seven seconds (the longest delay, 5 s, and what may come early), addressed by absolute
// programme sample.
//
// What was never written reads as silence; what is written twice keeps the later. A write that lies wholly before the
// ring is dropped and counted. Pure; guarded by its owner.
#pragma once

#include "base/programme_time.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace pult::transcode {

class SoundRing {
 public:
  static constexpr Sample kCapacity = 7 * kSampleRate;

  SoundRing() : samples_(2 * kCapacity) {}

  // Interleaved stereo; at most kCapacity samples.
  void write(Sample first, std::span<const float> stereo);
  void read(Sample first, std::span<float> stereo) const;
  void clear();
  [[nodiscard]] Sample end() const { return end_; } // behind the newest
  [[nodiscard]] std::uint64_t dropped() const { return dropped_; }

 private:
  [[nodiscard]] float* at(Sample s) { return samples_.data() + 2 * ((s % kCapacity + kCapacity) % kCapacity); }
  [[nodiscard]] const float* at(Sample s) const { return const_cast<SoundRing*>(this)->at(s); }
  void advance_to(Sample end);

  std::vector<float> samples_;
  Sample end_ = 0;
  std::uint64_t dropped_ = 0;
};

} // namespace pult::transcode
