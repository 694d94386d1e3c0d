#include "cam/media_loop.hpp"

#include <algorithm>

namespace pult::cam {

int64_t MediaLoop::reorder() const {
  int64_t most = 0;
  for (const auto& picture : pictures)
    most = std::max(most, picture->pts - picture->dts);
  return most;
}

void MediaLoop::count_decode_times() {
  if (pictures.empty()) return;
  const int64_t first = pictures.front()->pts; // the key frame is shown first: GOPs are closed
  int64_t latest = 0;
  for (int64_t n = 0; n < std::ssize(pictures); ++n) {
    pictures[n]->pts -= first;
    latest = std::max(latest, n - pictures[n]->pts);
  }
  for (int64_t n = 0; n < std::ssize(pictures); ++n)
    pictures[n]->dts = n - latest;
}

Result<void> MediaLoop::check() const {
  const auto broken = [](std::string what) { return Error{Errc::kCorrupt, "loop: " + std::move(what)}; };
  if (std::ssize(pictures) != format.grid().per_loop()) return broken("not all pictures are there");
  if (std::ssize(sounds) != kSoundLoopFrames) return broken("not all sound frames are there");
  for (int64_t n = 0; n < std::ssize(pictures); n += format.fps)
    if (!(pictures[n]->flags & AV_PKT_FLAG_KEY) || pictures[n]->pts != n)
      return broken("a second without its key frame");
  return {};
}

} // namespace pult::cam
