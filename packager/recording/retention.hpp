// Which files of the recording are too old. `keep.json` beside the shows, written by pultd, names what talks still
// need:
// [{"show", "in", "out"}], wall time in ns. Without it nothing is known to be needed, and nothing goes. Blocking.
#pragma once

#include "base/programme_time.hpp"

#include <filesystem>

namespace pult::packager {

// Removes hourly files that end before `before` (wall time) and that no talk needs. → how many.
std::size_t remove_old_recordings(const std::filesystem::path& program_dir, Nanoseconds before);

} // namespace pult::packager
