// Programme time: one unbroken timeline, counted in indices on two integer grids.
//
// Picture n is due at n ÷ fps after the room's epoch; sound frame m holds the 1,024 samples that begin at sample
// m × 1,024 of 48 kHz. Everything else (90 kHz ticks, nanoseconds, wall time) is derived from the indices, exactly,
// so that nothing drifts. The room's epoch is base/room_epoch.hpp. Pure; any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace pult {

using PictureIndex = std::int64_t; // n
using SoundIndex = std::int64_t;   // m
using Sample = std::int64_t;       // 48 kHz samples since the epoch
using Ticks90k = std::int64_t;     // MPEG and MP4 video time
using Nanoseconds = std::chrono::nanoseconds;

inline constexpr int kSampleRate = 48000;
inline constexpr int kSamplesPerSoundFrame = 1024; // AAC-LC

// The picture grid of one rate, and where it meets the sound grid.
class Grid {
 public:
  // 25, 30, 50 and 60 are the rates at which a picture is a whole number of samples and of 90 kHz ticks.
  static std::optional<Grid> of(int fps);

  [[nodiscard]] int fps() const { return fps_; }
  [[nodiscard]] int samples_per_picture() const { return kSampleRate / fps_; }
  [[nodiscard]] Ticks90k ticks_per_picture() const { return 90000 / fps_; }

  [[nodiscard]] Nanoseconds time_of(PictureIndex n) const;    // since the epoch; exact to a nanosecond, rounded down
  [[nodiscard]] PictureIndex picture_at(Nanoseconds t) const; // the picture on air at t: the last with time_of(n) <= t
  [[nodiscard]] PictureIndex picture_at_or_after(Nanoseconds t) const;
  [[nodiscard]] Sample sample_of(PictureIndex n) const { return n * samples_per_picture(); }
  [[nodiscard]] Ticks90k ticks_of(PictureIndex n) const { return n * ticks_per_picture(); }

  // The first sound frame that begins at or after picture n. A cut before picture n cuts the sound before this frame.
  [[nodiscard]] SoundIndex sound_at_or_after(PictureIndex n) const;

  // Both grids meet at every multiple of this many pictures: 8 at 25, 16 at 30 and 50, 32 at 60.
  // An encoder may start at such an index.
  [[nodiscard]] int meeting_pictures() const;
  [[nodiscard]] PictureIndex next_meeting(PictureIndex n) const; // the first meeting index >= n

  friend bool operator==(const Grid&, const Grid&) = default;

 private:
  explicit Grid(int fps) : fps_(fps) {}
  int fps_;
};

Nanoseconds time_of_sample(Sample s);

// How the timeline is cut into segments and parts. Segments lie on multiples of pictures_per_segment on the room's
// grid, so an encoder knows its key frames from the index alone: IDR where n % pictures_per_segment == 0.
// The configured lengths are rounded to whole pictures, the segment to whole parts.
class Cutting {
 public:
  static Cutting of(Grid grid, std::chrono::milliseconds segment, std::chrono::milliseconds part);

  [[nodiscard]] const Grid& grid() const { return grid_; }
  [[nodiscard]] int pictures_per_part() const { return pictures_per_part_; }
  [[nodiscard]] int parts_per_segment() const { return parts_per_segment_; }
  [[nodiscard]] int pictures_per_segment() const { return pictures_per_part_ * parts_per_segment_; }

  [[nodiscard]] bool starts_segment(PictureIndex n) const { return n % pictures_per_segment() == 0; }
  [[nodiscard]] bool starts_part(PictureIndex n) const { return n % pictures_per_part_ == 0; }
  [[nodiscard]] PictureIndex next_segment_start(PictureIndex n) const; // the first segment start >= n

 private:
  Cutting(Grid grid, int pictures_per_part, int parts_per_segment)
      : grid_(grid), pictures_per_part_(pictures_per_part), parts_per_segment_(parts_per_segment) {}
  Grid grid_;
  int pictures_per_part_;
  int parts_per_segment_;
};

} // namespace pult
