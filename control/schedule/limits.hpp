// How much a schedule may be. The largest public ones (a congress with ten halls, five days) have 1,500 talks and 6 MB.
#pragma once

#include <chrono>
#include <cstddef>

namespace pult::control::schedule_limits {

inline constexpr std::size_t kBytes = 20u << 20;
inline constexpr std::size_t kTalks = 20000;
inline constexpr std::size_t kDepth = 32;    // of JSON; the schemas nest eight deep
inline constexpr std::size_t kTitle = 300;   // characters
inline constexpr std::size_t kText = 20000;  // of abstract and description
inline constexpr std::size_t kSpeakers = 40; // a panel of a whole town
inline constexpr std::size_t kRemarks = 200; // more help nobody
inline constexpr std::chrono::seconds kLongest = std::chrono::hours(24);

} // namespace pult::control::schedule_limits
