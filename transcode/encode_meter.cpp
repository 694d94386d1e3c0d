#include "transcode/encode_meter.hpp"

#include <algorithm>
#include <utility>

namespace pult::transcode {

void EncodeMeter::add(std::size_t track, std::size_t bytes, Nanoseconds delay) {
  const std::lock_guard lock(mutex_);
  auto& sum = tracks_[track];
  ++sum.packets;
  ++sum.new_packets;
  sum.new_bytes += bytes;
  sum.delays += delay;
  sum.max_delay = std::max(sum.max_delay, delay);
}

std::vector<EncodeMeter::Track> EncodeMeter::take() {
  using std::chrono::duration_cast;
  using std::chrono::milliseconds;
  std::vector<Track> tracks;
  const std::lock_guard lock(mutex_);
  const auto now = monotonic_now();
  const double seconds = std::chrono::duration<double>(now - std::exchange(taken_at_, now)).count();
  for (auto& sum : tracks_) {
    Track track{sum.packets, static_cast<double>(sum.new_bytes) * 8 / 1000 / std::max(seconds, 0.001), {}, {}};
    track.max_delay = duration_cast<milliseconds>(sum.max_delay);
    if (sum.new_packets > 0)
      track.mean_delay = duration_cast<milliseconds>(sum.delays / static_cast<std::int64_t>(sum.new_packets));
    tracks.push_back(track);
    sum = {sum.packets, 0, 0, {}, {}};
  }
  return tracks;
}

} // namespace pult::transcode
