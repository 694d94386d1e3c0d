// What the crew is told when the encoders do not keep up: of the last ten seconds, by counters that only rise. Pure;
// one thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <string>

namespace pult::transcode {

class OverloadAlarm {
 public:
  static constexpr std::chrono::seconds kSpan{10};
  // As the mixer counts them.
  struct Counts {
    std::uint64_t repeated = 0;
    std::uint64_t dropped = 0;
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
