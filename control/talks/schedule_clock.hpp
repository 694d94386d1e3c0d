// What time the schedule has. The wall's, unless PULT_SCHEDULE_CLOCK="2026-11-26T09:00:00+01:00,60" says that it begins
// there when the room starts (its epoch) and runs so many times as fast: for rehearsals of a whole day. Media is always
// in real time.
// Pure but for the clock; any thread.
#pragma once

#include "base/programme_time.hpp"
#include "base/result.hpp"

#include <optional>
#include <string>

namespace pult::control {

class ScheduleClock {
 public:
  ScheduleClock() = default;
  // `text` as in the environment; an error says what is wrong with it.
  static Result<ScheduleClock> of(const std::string& text, Nanoseconds monotonic);

  // The schedule's time at that wall and monotonic time.
  [[nodiscard]] Nanoseconds at(Nanoseconds wall, Nanoseconds monotonic) const;
  [[nodiscard]] bool injected() const { return begin_.has_value(); }

 private:
  struct Begin {
    Nanoseconds time{}, monotonic{};
    double factor = 1;
  };
  std::optional<Begin> begin_;
};

// "2026-11-26T09:00:00+01:00", with "Z", or without a zone (the room's). Nothing when it is no time.
std::optional<Nanoseconds> parse_iso_time(const std::string& text);

} // namespace pult::control
