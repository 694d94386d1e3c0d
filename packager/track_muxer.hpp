// Makes the fragments of one track out of cut parts, whatever happened before: another format or a leap in time begins
// a new muxer, and the fragment's number follows from the index all the same, so that the bytes depend on the part
// alone. One thread.
#pragma once

#include "base/programme_time.hpp"
#include "packager/fragment_muxer.hpp"
#include "packager/timeline.hpp"

#include <optional>

namespace pult::packager {

class TrackMuxer {
 public:
  explicit TrackMuxer(const Cutting& cutting) : cutting_(cutting) {}
  [[nodiscard]] Result<Bytes> fragment(const CutPart& part);

 private:
  Cutting cutting_;
  TrackToolsPtr tools_; // of the muxer
  std::optional<FragmentMuxer> muxer_;
};

// What sinks get of a cut part.
[[nodiscard]] PublishedPart published(const CutPart& part, SharedBytes bytes);

} // namespace pult::packager
