// Pictures of a talk: a poster, a contact sheet, a strip of thumbnails for trimming. Decoded from key frames only.
//
// The poster is the best of a few key frames: bright enough, with something on it; never the first or last seconds,
// where somebody walks to the desk. JPEGs by libavcodec. Blocking; the job thread.
#pragma once

#include "packager/jobs/cut_plan.hpp"

#include <filesystem>

namespace pult::packager::jobs {

struct Sheet {
  int columns = 0;
  int rows = 0;
  int width = 0; // of one picture
  int height = 0;
  Nanoseconds every{}; // between two
};

// From the given rung; the folder gets poster.jpg, contact.jpg (4 × 4) and thumbs.jpg. Returns what thumbs.jpg holds.
Result<Sheet> make_pictures(const std::filesystem::path& folder, const CutPlan& plan, const TrackPlan& top,
                            const TrackPlan& small);

} // namespace pult::packager::jobs
