// Puts a feed's sound on the programme's sample grid: continuous frames of 960, placed by sample index.
//
// Policy. Between its input and the grid lies a resampler of variable rate (a windowed sinc that is the identity at
// rest): drift and a slewing clock are followed by at most 0.5 %, so there is never a click. A hole in the feed's own
// timestamps becomes silence of that length, an overlap is cut, both with 5 ms ramps: one lost AAC frame must not
// push everything after it. What the rate cannot take up (a clock that stepped, a hole longer than a second) is
// anchored anew: ramp down, silence or a cut, ramp up. Holds back 6 ms for the ramps.
//
// 48 kHz interleaved stereo. Pure; one thread.
#pragma once

#include "base/programme_time.hpp"

#include <functional>
#include <optional>
#include <span>
#include <vector>

namespace pult::transcode::decode {

class SoundTrack {
 public:
  // 960 samples for both channels, the programme sample of the first.
  using Emit = std::function<void(Sample first, std::span<const float> interleaved)>;
  explicit SoundTrack(Emit emit);

  // One decoded block: its own timestamp in the feed's time, its due time in programme time. `step`: the clock jumped,
  // follow at once.
  void push(Nanoseconds pts, Nanoseconds due, std::span<const float> interleaved, bool step);

  [[nodiscard]] double rate_ppm() const { return (step_ - 1.0) * 1e6; } // input consumed faster (+) than real time
  [[nodiscard]] std::uint64_t anchors() const { return anchors_; }      // after the first
  [[nodiscard]] std::uint64_t holes() const { return holes_; }

 private:
  [[nodiscard]] std::size_t held() const { return input_.size() / 2; }
  void append(std::span<const float> interleaved);
  void append_silence(std::size_t samples);
  void mend_hole(Nanoseconds pts, std::span<const float>& block);
  void place(Nanoseconds due, bool step, std::size_t block_samples);
  void anchor(double due_sample, std::size_t block_samples);
  void render(std::size_t keep);
  void put(float left, float right);
  void put_silence(Sample count);
  void drop_consumed();

  Emit emit_;
  std::vector<float> input_; // what was not yet consumed, with the taps before it
  double position_ = 0;      // of the next output sample, in input_
  double step_ = 1;          // input samples an output sample
  std::vector<float> frame_;
  Sample next_ = 0; // programme sample of the next output sample
  std::optional<Nanoseconds> expected_pts_;
  bool placed_ = false;
  std::size_t ramp_up_left_ = 0;
  std::uint64_t anchors_ = 0;
  std::uint64_t holes_ = 0;
};

} // namespace pult::transcode::decode
