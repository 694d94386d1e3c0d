// What encoders get that fall behind: the picture before once more, and only then nothing.
//
// A picture that has not changed costs x264 a fraction, and viewers see a movement hesitate for one picture. One that
// is left out costs a fill on all rungs and a key frame behind it, just when there is no time for it; so pictures are
// left out until the queue is nearly empty. Pure; one thread.
#pragma once

#include <cstddef>

namespace pult::transcode {

class KeepUp {
 public:
  explicit KeepUp(std::size_t room) : room_(room) {} // pictures that may wait before the encoders

  enum class Give { kNew, kAgain, kNothing };
  // `waiting`: pictures before the encoders. `must_be_new`: a key frame, the first picture, or what the crew waits for.
  Give next(std::size_t waiting, bool must_be_new);
  void refused() { draining_ = true; } // there was no room for it

 private:
  std::size_t room_;
  bool draining_ = false;
  bool again_ = false; // the last one
};

} // namespace pult::transcode
