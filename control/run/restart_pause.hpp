// How long to wait before a program that ended is started again.
//
// At once the first time: a single crash must cost as little as possible. A program that dies again within kSteady of
// its start gets a growing pause, up to its own limit; one that ran steadily begins anew. Pure; any thread.
#pragma once

#include <algorithm>
#include <chrono>

namespace pult::control {

class RestartPause {
 public:
  static constexpr std::chrono::seconds kSteady{10};
  static constexpr std::chrono::milliseconds kFirst{100};

  explicit RestartPause(std::chrono::milliseconds longest) : longest_(longest) {}

  // `lived` is how long the program ran this time.
  std::chrono::milliseconds after(std::chrono::nanoseconds lived) {
    if (lived >= kSteady) next_ = std::chrono::milliseconds(0);
    const auto pause = next_;
    next_ = std::min(longest_, std::max(kFirst, next_ * 2));
    return pause;
  }

 private:
  std::chrono::milliseconds longest_;
  std::chrono::milliseconds next_{0};
};

} // namespace pult::control
