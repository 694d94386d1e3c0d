#include "transcode/sound_ring.hpp"

#include <algorithm>

namespace pult::transcode {

void SoundRing::write(Sample first, std::span<const float> stereo) {
  const auto count = static_cast<Sample>(stereo.size() / 2);
  if (first + count <= end_ - kCapacity) {
    ++dropped_;
    return;
  }
  advance_to(std::max(end_, first + count));
  for (Sample i = std::max<Sample>(0, end_ - kCapacity - first); i < count; ++i)
    std::copy_n(stereo.data() + 2 * i, 2, at(first + i));
}

void SoundRing::advance_to(Sample end) {
  for (auto s = std::max(end_, end - kCapacity); s < end; ++s)
    std::fill_n(at(s), 2, 0.0F);
  end_ = end;
}

void SoundRing::read(Sample first, std::span<float> stereo) const {
  const auto count = static_cast<Sample>(stereo.size() / 2);
  for (Sample i = 0; i < count; ++i) {
    const bool held = first + i < end_ && first + i >= end_ - kCapacity;
    stereo[static_cast<std::size_t>(2 * i)] = held ? at(first + i)[0] : 0.0F;
    stereo[static_cast<std::size_t>(2 * i + 1)] = held ? at(first + i)[1] : 0.0F;
  }
}

void SoundRing::clear() {
  std::fill(samples_.begin(), samples_.end(), 0.0F);
  end_ = 0;
}

} // namespace pult::transcode
