#include "transcode/sound_mixer.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace pult::transcode {
namespace {

constexpr float kRampStep = 1.0F / SoundMixer::kCrossfade;
constexpr float kReleaseStep = 1.0F / (0.2F * kSampleRate);

} // namespace

void SoundMixer::mix(const std::vector<float>& wanted, const Read& read, SoundFrame& out) {
  out.fill(0.0F);
  SoundFrame in;
  for (std::size_t i = 0; i < gains_.size(); ++i) {
    if (gains_[i] == 0.0F && wanted[i] == 0.0F) continue;
    read(i, in);
    add(i, wanted[i], in, out);
  }
  limit(out);
}

void SoundMixer::add(std::size_t source, float wanted, const SoundFrame& in, SoundFrame& out) {
  float gain = gains_[source];
  for (std::size_t i = 0; i < in.size(); i += 2) {
    gain += std::clamp(wanted - gain, -kRampStep, kRampStep);
    out[i] += gain * in[i];
    out[i + 1] += gain * in[i + 1];
  }
  gains_[source] = gain;
}

void SoundMixer::limit(SoundFrame& frame) {
  for (std::size_t i = 0; i < frame.size(); i += 2) {
    const float loud = std::max(std::fabs(frame[i]), std::fabs(frame[i + 1]));
    peak_ = std::max(peak_, loud);
    limiter_gain_ = std::min(1.0F, limiter_gain_ + kReleaseStep);
    if (loud * limiter_gain_ > kCeiling) limiter_gain_ = kCeiling / loud;
    frame[i] *= limiter_gain_;
    frame[i + 1] *= limiter_gain_;
  }
}

void go_over(const SoundFrame& before, std::span<float> now) {
  constexpr float kStep = 1.0F / (kSamplesPerSoundFrame + 1);
  for (std::size_t i = 0; i < now.size(); ++i)
    now[i] = before[i] + (now[i] - before[i]) * kStep * static_cast<float>(i / 2 + 1);
}

float SoundMixer::take_peak() {
  return std::exchange(peak_, 0.0F);
}

} // namespace pult::transcode
