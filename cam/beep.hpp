// The sound of a full second: 1 kHz for 40 ms, beginning at the second's first sample; silence otherwise. Pure, any
// thread.
#pragma once

#include <cstdint>

namespace pult::cam {

inline constexpr int kBeepHertz = 1000;
inline constexpr int kBeepSamples = 1920;  // 40 ms at 48 kHz: 40 whole waves, so that it ends at zero
inline constexpr float kBeepLevel = 0.25F; // -12 dBFS: heard in a hall, far from clipping

// `sample` since any full second, at 48 kHz.
[[nodiscard]] float beep_at(int64_t sample);

} // namespace pult::cam
