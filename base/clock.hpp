// The two clocks of the machine. Media lives on the monotonic one; the wall clock only labels it. Any thread.
#pragma once

#include <chrono>

namespace pult {

using Nanoseconds = std::chrono::nanoseconds;

// CLOCK_MONOTONIC, the same for all programs of the machine since boot. Stands still in suspend.
[[nodiscard]] Nanoseconds monotonic_now();
// CLOCK_REALTIME since 1970, UTC. May step.
[[nodiscard]] Nanoseconds wall_now();

} // namespace pult
