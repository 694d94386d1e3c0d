// How a file's times go on across the seam of an endless loop.
//
// The picture sets the loop's length: last picture's end less first picture's start. Sound lies on its own grid of
// whole frames, which runs on through the seam: per turn it is moved by at most half a frame (11 ms) against the
// picture, computed anew each turn, so the error never adds up. Sound beyond the picture's end is left out; a slot for
// which the file has no sound is to be filled with silence. Thus both tracks are continuous for ever. All times are
// counted from the first picture of the first turn. Pure, any thread.
#pragma once

#include "base/result.hpp"
#include "cam/ticks.hpp"

#include <optional>

namespace pult::cam {

class FileTimeline {
 public:
  Ticks picture_start{}; // in the file's own time
  Ticks length{};
  Ticks reorder{};     // by how much a picture is decoded before it is shown, at most
  int sample_rate = 0; // 0: no sound
  Ticks sound_shift{}; // of the sound's grid against the picture's start, less than a frame

  [[nodiscard]] Ticks picture_time(int64_t turn, Ticks in_file) const {
    return turn * length + in_file - picture_start;
  }
  // The sound slots of a turn: from, up to but not including.
  [[nodiscard]] int64_t first_slot(int64_t turn) const;
  [[nodiscard]] int64_t end_slot(int64_t turn) const { return first_slot(turn + 1); }
  // Where a frame of the file belongs in a turn, if it belongs there.
  [[nodiscard]] std::optional<int64_t> slot_of(int64_t turn, Ticks in_file) const;
  [[nodiscard]] Ticks slot_time(int64_t slot) const;
};

// Fed once with every packet of the file.
class FileScan {
 public:
  explicit FileScan(int sample_rate) : sample_rate_(sample_rate) {}

  void picture(Ticks pts, Ticks dts, Ticks duration);
  void sound(Ticks pts);
  [[nodiscard]] Result<FileTimeline> timeline() const;

 private:
  int sample_rate_;
  int64_t pictures_ = 0;
  Ticks earliest_{}, latest_{}, last_duration_{}, reorder_{};
  std::optional<Ticks> first_sound_;
};

} // namespace pult::cam
