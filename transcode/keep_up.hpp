// What encoders get that fall behind: the picture before once more, and only then nothing.
//
// A picture that has not changed costs x264 a fraction, and viewers see a movement hesitate for one picture. One that
// is left out costs a fill on all rungs and a key frame behind it, just when there is no time for it; so pictures are
// left out until the queue is nearly empty. Pure; one thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>

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

// What the crew is told of it: of the last ten seconds, by counters that only rise.
class OverloadAlarm {
 public:
  static constexpr std::chrono::seconds kSpan{10};
  struct Counts {
    std::uint64_t repeated = 0;
    std::uint64_t left_out = 0;
  };
  struct Alarm {
    bool error = false;
    std::string text; // empty: no alarm
  };
  Alarm at(std::chrono::nanoseconds now, Counts counts);

 private:
  struct Sample {
    std::chrono::nanoseconds at;
    Counts counts;
  };
  std::deque<Sample> samples_; // the first is of kSpan ago
};

} // namespace pult::transcode
