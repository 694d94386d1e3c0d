// What of a recording a talk is made of: for each track the parts that hold it, where its in and out lie, what is
// missing.
//
// Marks are programme wall times and are moved to the nearest picture of the grid, so the same marks give the same cut.
// Video begins at the IDR at or before the in mark; what is before the mark is decoded and not shown (edit list). Sound
// begins two frames before it, for the decoder's overlap (ISO/IEC 14496-3: the first frame has no predecessor). Pure;
// any thread.
#pragma once

#include "packager/recording/recording.hpp"

#include <vector>

namespace pult::packager::jobs {

struct Marks {
  Nanoseconds in{}, out{}; // programme wall time
};

// A part that holds something of the talk. Its place on the talk's own clock is `shift` added to its samples' times.
struct PlannedPart {
  const RecordedFile* file = nullptr;
  const RecordedPart* part = nullptr;
  std::int64_t shift = 0; // track ticks: sample dts + shift is 0 at the in mark
};

// Time of the talk that the recording does not have, or has only filled.
struct Gap {
  enum class Kind { kMissing, kFilled };
  Kind kind = Kind::kMissing;
  Nanoseconds begin{}, end{}; // of the talk's own clock
};

struct TrackPlan {
  const RecordedTrack* track = nullptr;
  std::vector<PlannedPart> parts; // ascending
  std::int64_t length = 0;        // of the talk, in track ticks
  std::vector<Gap> gaps;
};

struct CutPlan {
  Marks marks; // moved to the grid
  int fps = 25;
  std::vector<TrackPlan> tracks; // as in the recording
  [[nodiscard]] Nanoseconds length() const { return marks.out - marks.in; }
};

// Refuses marks of which nothing was recorded, and says what there is.
// `sound_later`: repairs sound that was recorded too early (or, below zero, too late) against the picture.
Result<CutPlan> plan_cut(const RecordedShow& show, Marks marks, int fps, Nanoseconds sound_later = {});

// Where the show's recording begins and ends; nothing for an empty one.
[[nodiscard]] std::optional<Marks> recorded_span(const RecordedShow& show);

} // namespace pult::packager::jobs
