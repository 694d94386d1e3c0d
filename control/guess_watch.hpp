// How many wrong tokens an address may bring: ten at once, then one every five seconds; beyond, it hears 429 and is
// closed, and the crew sees it once a minute.
//
// It bounds noise and log, not access: who holds a token gets in also from an address that guesses (a hall behind one
// address, a proxy), and 256 random bits are not guessed. A fixed table, so memory stays flat; addresses that fall into
// one slot share it. IPv6 counts by /64, which is what one household has. One thread.
#pragma once

#include "base/clock.hpp"

#include <array>
#include <cstdint>
#include <string_view>

namespace pult::control {

class GuessWatch {
 public:
  enum class Answer {
    kWithin,      // refused as usual
    kOver,        // over its budget
    kOverAndTell, // the same, and it is time to tell the crew
  };
  Answer wrong(std::string_view address, Nanoseconds now); // monotonic
  [[nodiscard]] std::uint64_t total() const { return total_; }

 private:
  struct Slot {
    Nanoseconds empty_at{}; // a leaky bucket: when it is empty again
    Nanoseconds tell_after{};
  };
  static constexpr std::size_t kSlots = 1024;
  std::array<Slot, kSlots> slots_{};
  std::uint64_t total_ = 0;
};

} // namespace pult::control
