// Where the room's picture grid begins: n = 0, written once by whichever program of the room starts first.
//
// `run_dir/epoch` holds boot id, monotonic time and wall time of n = 0. All programs compute n from it, so they agree
// without talking. An epoch of another boot is replaced (the monotonic clock began anew). Any thread.
#pragma once

#include "base/clock.hpp"
#include "base/result.hpp"

#include <filesystem>
#include <string>

namespace pult {

struct RoomEpoch {
  std::string boot_id;
  Nanoseconds monotonic{}; // CLOCK_MONOTONIC at n = 0
  Nanoseconds wall{};      // CLOCK_REALTIME at n = 0

  // Reads the room's epoch, or writes it (atomically; the first writer wins) when there is none of this boot.
  static Result<RoomEpoch> open(const std::filesystem::path& run_dir);

  // Programme time: since n = 0.
  [[nodiscard]] Nanoseconds now() const { return monotonic_now() - monotonic; }
  [[nodiscard]] Nanoseconds from_monotonic(Nanoseconds t) const { return t - monotonic; }
  [[nodiscard]] Nanoseconds to_monotonic(Nanoseconds programme) const { return programme + monotonic; }
  [[nodiscard]] Nanoseconds wall_of(Nanoseconds programme) const { return programme + wall; }
};

// /proc/sys/kernel/random/boot_id.
Result<std::string> read_boot_id();

} // namespace pult
