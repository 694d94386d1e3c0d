// The camera's measure of time: 90 kHz ticks, the transport stream's own clock, counted from the Unix epoch.
//
// 90 kHz holds every picture of the rates that we offer and every AAC frame (1,920 ticks) exactly, so nothing is ever
// rounded. 64 bits of ticks last three million years; the muxer writes the low 33 bits. Plain values, any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <ratio>

namespace pult::cam {

using Ticks = std::chrono::duration<int64_t, std::ratio<1, 90000>>;

inline constexpr int kSampleRate = 48000;
inline constexpr int kSamplesPerFrame = 1024;
inline constexpr Ticks kSoundFrame{90000 * kSamplesPerFrame / kSampleRate};

// The second's grid and the AAC frames' grid meet every 8 s (375 frames). Each second sounds alike, so these 375 frames
// are the whole sound, whatever the length of the picture's loop.
inline constexpr std::chrono::seconds kSoundLoop{8};
inline constexpr int kSoundLoopFrames = 375;
static_assert(kSoundLoopFrames * kSoundFrame == kSoundLoop);

// To and from nanoseconds since the epoch: by whole seconds first, as nine times the nanoseconds of our days overflow
// 64 bits.
[[nodiscard]] constexpr Ticks floor_ticks(std::chrono::nanoseconds time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  return seconds + std::chrono::floor<Ticks>(time - seconds);
}
[[nodiscard]] constexpr std::chrono::nanoseconds ceil_nanoseconds(Ticks time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  return seconds + std::chrono::ceil<std::chrono::nanoseconds>(time - seconds);
}

} // namespace pult::cam
