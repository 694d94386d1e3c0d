// The bytes of a feed's own recording in a span of time, as runs: what one connection sent without a break.
// Blocking; the job thread.
#pragma once

#include "packager/jobs/iso_index.hpp"

namespace pult::packager::jobs {

struct IsoPiece {
  std::filesystem::path media;
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
};

// Clocks and continuity hold within a run, and not beyond it.
struct IsoRun {
  std::vector<IsoPiece> pieces;
  std::vector<IsoPlace> places; // offsets are of the run; ascending
  [[nodiscard]] std::uint64_t bytes() const;
};

// What arrived of the feed between these programme wall times, a little more rather than less.
std::vector<IsoRun> iso_runs(const std::filesystem::path& feed_folder, Nanoseconds begin, Nanoseconds end);

// When the feed's recording begins and ends; nothing when there is none.
std::optional<std::pair<Nanoseconds, Nanoseconds>> iso_span(const std::filesystem::path& feed_folder);

} // namespace pult::packager::jobs
