// Reads the samples of a recorded fragment: one moof with one traf, and the mdat behind it, as fragment_muxer writes
// them (ISO/IEC 14496-12, 8.8). Strict: what is anything else is refused with a reason, never half read. Pure; any
// thread.
#pragma once

#include "base/bytes.hpp"
#include "base/result.hpp"

#include <cstdint>
#include <vector>

namespace pult::packager::jobs {

struct FragmentSample {
  std::size_t offset = 0; // in the fragment
  std::size_t size = 0;
  std::int64_t dts = 0; // on the track's timescale, since the room's epoch
  std::int64_t duration = 0;
  bool sync = false;
};

Result<std::vector<FragmentSample>> read_fragment(ByteView fragment);

} // namespace pult::packager::jobs
