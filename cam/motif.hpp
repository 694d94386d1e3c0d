// What a camera looks at: the test picture with its large clock, or one of the things that a conference shows.
//
// A motif paints in two steps. What stands still is painted once for each `still_of` that is new (a slide, say) and
// kept; `move` paints over a copy of it. Both are functions of the picture's number within the loop, and whatever moves
// is back where it was when the loop is over. Code, flash and, but for the test picture, name and clock are painted
// over the motif by the PicturePainter. One thread at a time.
#pragma once

#include "cam/brush.hpp"
#include "cam/loop_format.hpp"

#include <memory>

namespace pult::cam {

class Motif {
 public:
  virtual ~Motif() = default;

  // Pictures with equal numbers here share what stands still.
  [[nodiscard]] virtual int64_t still_of(int64_t /*number*/) const { return 0; }
  virtual void paint_still(Brush& brush, int64_t still) const = 0;
  virtual void move(Brush& brush, int64_t number) const = 0;
  [[nodiscard]] virtual bool has_own_clock() const { return false; }
};

// One for each MotifKind, in motif_<kind>.cpp.
[[nodiscard]] std::unique_ptr<Motif> clock_motif(const LoopFormat& format);
[[nodiscard]] std::unique_ptr<Motif> speaker_motif(const LoopFormat& format);
[[nodiscard]] std::unique_ptr<Motif> slides_motif(const LoopFormat& format);
[[nodiscard]] std::unique_ptr<Motif> hall_motif(const LoopFormat& format);

[[nodiscard]] std::unique_ptr<Motif> motif_of(const LoopFormat& format);

// Where a movement stands, 0 to 1: about `period` seconds long, and a whole number of times in the loop. `shift` 0
// to 1.
[[nodiscard]] double phase_of(const LoopFormat& format, int64_t number, double period, double shift = 0);
// Of the same movement: -1 to 1 and back, softly.
[[nodiscard]] double swing_of(const LoopFormat& format, int64_t number, double period, double shift = 0);

} // namespace pult::cam
