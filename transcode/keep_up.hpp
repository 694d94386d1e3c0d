// What encoders get that fall behind: the leave to look less hard, then the picture before once more, then nothing.
//
// Less effort costs a fifth of a decibel for the seconds that are hard, and nobody sees it. A picture that has not
// changed costs x264 a fraction, and viewers see a movement hesitate for one picture. One that is left out costs a fill
// on all rungs and a key frame behind it, just when there is no time for it; so pictures are left out until the queue
// is nearly empty. Pure; one thread.
#pragma once

#include "transcode/video_encoder.hpp"

#include <cstddef>

namespace pult::transcode {

class KeepUp {
 public:
  // room: pictures that may wait before the encoders; patience: as many without a queue, and full effort is tried
  // again.
  KeepUp(std::size_t room, std::size_t patience) : room_(room), patience_(patience) {}

  enum class Give { kNew, kAgain, kNothing };
  // `waiting`: pictures before the encoders. `must_be_new`: a key frame, the first picture, or what the crew waits for.
  Give next(std::size_t waiting, bool must_be_new);
  void refused() { draining_ = true; } // there was no room for it
  // For the picture that next() was asked about.
  [[nodiscard]] Effort effort() const { return calm_ < patience_ ? Effort::kReduced : Effort::kFull; }

 private:
  std::size_t room_;
  std::size_t patience_;
  std::size_t calm_ = patience_; // pictures since the encoders were behind
  bool draining_ = false;
  bool again_ = false; // the last one
};

} // namespace pult::transcode
