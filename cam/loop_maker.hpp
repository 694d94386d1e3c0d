// Makes a loop: paints and encodes its pictures, encodes its sound. Takes seconds of one or two cores; done once per
// format, then cached. Calls `progress` with 0…1 now and then; when that returns false (the program shall end), making
// stops with Errc::kUnavailable. One thread.
#pragma once

#include "cam/media_loop.hpp"

#include <functional>

namespace pult::cam {

using Progress = std::function<bool(double)>;

[[nodiscard]] Result<MediaLoop> make_loop(const LoopFormat& format, const Progress& progress);

} // namespace pult::cam
