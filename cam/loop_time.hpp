// Where a loop stands at a given wall time. The loop's start is any full multiple of its length since the Unix epoch,
// so two cameras with the same loop show the same number at the same moment, and anybody with a clock can tell what
// ought to show.
//
// Pictures and sound frames are counted since the epoch in decode order, never accumulated: nothing can drift or jump
// at the seam. Pure, any thread.
#pragma once

#include "cam/ticks.hpp"

namespace pult::cam {

// Picture rates whose pictures fall on whole 90 kHz ticks and whole seconds.
[[nodiscard]] constexpr bool fits_the_clock(int fps) {
  return fps >= 1 && fps <= 60 && 90000 % fps == 0;
}

struct PictureGrid {
  int fps;
  std::chrono::seconds loop;

  [[nodiscard]] constexpr Ticks picture() const { return Ticks{90000 / fps}; }
  [[nodiscard]] constexpr int64_t per_loop() const { return fps * loop.count(); }
  // The first picture at or after `when` that starts a full second, where a key frame stands.
  [[nodiscard]] constexpr int64_t next_key(Ticks when) const {
    return std::chrono::ceil<std::chrono::seconds>(when).count() * fps;
  }
  [[nodiscard]] constexpr int64_t within_loop(int64_t picture_number) const { return picture_number % per_loop(); }
  // Start of the loop that this picture belongs to, in pictures since the epoch.
  [[nodiscard]] constexpr int64_t loop_start(int64_t picture_number) const {
    return picture_number - within_loop(picture_number);
  }
};

// The sound frame that is sounding at `when`.
[[nodiscard]] constexpr int64_t sound_frame_at(Ticks when) {
  return when / kSoundFrame;
}

} // namespace pult::cam
