// What the talk sounds like: its loudness (EBU R 128, by libebur128) and a waveform to trim by. Blocking; the job
// thread.
#pragma once

#include "packager/jobs/talk_file.hpp"

#include <optional>
#include <vector>

namespace pult::packager::jobs {

struct SoundFacts {
  std::optional<double> integrated_lufs; // nothing for silence
  double range_lu = 0;
  std::optional<double> true_peak_dbtp;
  Nanoseconds step{};              // of the waveform
  std::vector<std::uint8_t> peaks; // 0 to 255, each the loudest sample of its step
};

Result<SoundFacts> measure_sound(const CutPlan& plan, const TrackPlan& sound, const Progress& progress);

} // namespace pult::packager::jobs
