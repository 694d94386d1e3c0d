#include "transcode/decode/sound_track.hpp"

#include "base/messages/picture_link.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace pult::transcode::decode {
namespace {

constexpr int kHalfTaps = 16; // 32 taps: −90 dB of images up to 18 kHz at the rates in question
constexpr int kPhases = 512;  // linear between them
constexpr std::size_t kRamp = 240;
constexpr std::size_t kFrame = picture_link::kSoundFrameSamples;
constexpr double kMostRate = 0.005;
constexpr double kFollowSamples = 2.0 * kSampleRate; // time constant of 2 s
constexpr double kStepTolerance = 24;                // half a millisecond: not worth a cut
constexpr double kFarOff = 0.15 * kSampleRate;       // would take half a minute at the most rate
constexpr std::chrono::milliseconds kContiguous{5};
constexpr std::chrono::seconds kLongestHole{1};

using Taps = std::array<float, 2 * kHalfTaps>;

double sinc(double x) {
  return std::abs(x) < 1e-9 ? 1.0 : std::sin(std::numbers::pi * x) / (std::numbers::pi * x);
}

// Blackman-Harris: side lobes below −92 dB.
double window(double x) {
  const double t = std::numbers::pi * (x / kHalfTaps + 1.0);
  return 0.35875 - 0.48829 * std::cos(t) + 0.14128 * std::cos(2 * t) - 0.01168 * std::cos(3 * t);
}

std::array<Taps, kPhases + 1> make_phases() {
  std::array<Taps, kPhases + 1> phases{};
  for (int p = 0; p <= kPhases; ++p) {
    double sum = 0;
    std::array<double, 2 * kHalfTaps> taps{};
    for (int k = 0; k < 2 * kHalfTaps; ++k) {
      const double x = k - (kHalfTaps - 1) - static_cast<double>(p) / kPhases;
      taps[static_cast<std::size_t>(k)] = sinc(x) * window(x);
      sum += taps[static_cast<std::size_t>(k)];
    }
    for (std::size_t k = 0; k < taps.size(); ++k)
      phases[static_cast<std::size_t>(p)][k] = static_cast<float>(taps[k] / sum);
  }
  return phases;
}

const std::array<Taps, kPhases + 1>& phases() {
  static const auto table = make_phases();
  return table;
}

struct Stereo {
  float left = 0;
  float right = 0;
};

// The input's value at base + fraction; `first` points at sample base − (kHalfTaps − 1).
Stereo interpolate(const float* first, double fraction) {
  const double at = fraction * kPhases;
  const auto phase = static_cast<std::size_t>(at);
  const auto mix = static_cast<float>(at - static_cast<double>(phase));
  const Taps& a = phases()[phase];
  const Taps& b = phases()[phase + 1];
  Stereo sum;
  for (std::size_t k = 0; k < a.size(); ++k) {
    const float tap = a[k] + (b[k] - a[k]) * mix;
    sum.left += tap * first[2 * k];
    sum.right += tap * first[2 * k + 1];
  }
  return sum;
}

Nanoseconds length_of(std::size_t samples) {
  return time_of_sample(static_cast<Sample>(samples));
}

} // namespace

SoundTrack::SoundTrack(Emit emit) : emit_(std::move(emit)) {
  frame_.reserve(2 * kFrame);
}

void SoundTrack::push(Nanoseconds pts, Nanoseconds due, std::span<const float> interleaved, bool step) {
  auto block = interleaved;
  const auto given = block.size() / 2;
  if (step) expected_pts_.reset(); // maybe of another base
  mend_hole(pts, block);
  const auto cut = given - block.size() / 2;
  expected_pts_ = pts + length_of(given);
  if (block.empty()) return;
  append(block);
  place(due + length_of(cut), step, block.size() / 2);
  render(kHalfTaps + kRamp);
}

void SoundTrack::append(std::span<const float> interleaved) {
  const auto begin = input_.size();
  input_.insert(input_.end(), interleaved.begin(), interleaved.end());
  for (auto i = begin; i < input_.size(); ++i)
    if (!std::isfinite(input_[i])) input_[i] = 0;
  for (std::size_t i = begin; i + 1 < input_.size() && ramp_up_left_ > 0; i += 2, --ramp_up_left_) {
    const float gain = 1.0f - static_cast<float>(ramp_up_left_) / kRamp;
    input_[i] *= gain;
    input_[i + 1] *= gain;
  }
}

void SoundTrack::append_silence(std::size_t samples) {
  const auto ramp = std::min<std::size_t>(kRamp, held());
  for (std::size_t i = 0; i < ramp; ++i) {
    const float gain = static_cast<float>(i) / static_cast<float>(ramp);
    input_[input_.size() - 2 * i - 2] *= gain;
    input_[input_.size() - 2 * i - 1] *= gain;
  }
  input_.insert(input_.end(), 2 * samples, 0.0f);
  ramp_up_left_ = kRamp;
}

void SoundTrack::mend_hole(Nanoseconds pts, std::span<const float>& block) {
  if (!expected_pts_ || !placed_) return;
  const auto off = pts - *expected_pts_;
  if (std::chrono::abs(off) <= kContiguous || std::chrono::abs(off) > kLongestHole) return;
  ++holes_;
  const auto samples =
      static_cast<std::size_t>(std::llround(std::abs(static_cast<double>(off.count())) * kSampleRate / 1e9));
  if (off > Nanoseconds::zero()) return append_silence(samples);
  append_silence(0);
  block = block.subspan(2 * std::min(samples, block.size() / 2));
}

// Where the clock wants the input against where the grid would take it: steer the rate, or jump.
void SoundTrack::place(Nanoseconds due, bool step, std::size_t block_samples) {
  const double due_sample = static_cast<double>(due.count()) * (kSampleRate / 1e9);
  if (!placed_) return anchor(due_sample, block_samples);
  const double ahead = static_cast<double>(held() - block_samples) - position_; // input before the block, not consumed
  const double error = due_sample - ahead - static_cast<double>(next_);
  if (std::abs(error) > (step ? kStepTolerance : kFarOff)) return anchor(due_sample, block_samples);
  step_ = 1.0 - std::clamp(error / kFollowSamples, -kMostRate, kMostRate);
}

void SoundTrack::anchor(double due_sample, std::size_t block_samples) {
  std::vector<float> block(input_.end() - static_cast<std::ptrdiff_t>(2 * block_samples), input_.end());
  input_.resize(input_.size() - block.size());
  if (placed_) {
    append_silence(kHalfTaps); // ramps down what was held back
    step_ = 1;
    render(kHalfTaps);
    ++anchors_;
  }
  const auto first = static_cast<Sample>(std::ceil(due_sample));
  Sample cut = 0;
  if (!placed_ || first - next_ > kSampleRate) {
    if (!frame_.empty()) put_silence(static_cast<Sample>(kFrame - frame_.size() / 2));
    next_ = first;
  } else if (first >= next_) {
    put_silence(first - next_);
  } else if (next_ - first <= kSampleRate) {
    cut = next_ - first;
  } else { // the timeline went far back: what is out is out
    if (!frame_.empty()) put_silence(static_cast<Sample>(kFrame - frame_.size() / 2));
    next_ = first;
  }
  const auto skip = std::min(static_cast<std::size_t>(cut), block_samples);
  input_.assign(2 * (kHalfTaps - 1), 0.0f);
  position_ =
      kHalfTaps - 1 + (static_cast<double>(first) - due_sample) + static_cast<double>(cut) - static_cast<double>(skip);
  placed_ = true;
  step_ = 1;
  ramp_up_left_ = kRamp;
  append(std::span<const float>(block).subspan(2 * skip));
}

void SoundTrack::render(std::size_t keep) {
  while (position_ + static_cast<double>(keep) < static_cast<double>(held())) {
    const auto base = static_cast<std::size_t>(position_);
    const auto value = interpolate(input_.data() + 2 * (base - (kHalfTaps - 1)), position_ - static_cast<double>(base));
    put(value.left, value.right);
    position_ += step_;
  }
  drop_consumed();
}

void SoundTrack::put(float left, float right) {
  frame_.push_back(left);
  frame_.push_back(right);
  ++next_;
  if (frame_.size() < 2 * kFrame) return;
  emit_(next_ - static_cast<Sample>(kFrame), frame_);
  frame_.clear();
}

void SoundTrack::put_silence(Sample count) {
  for (Sample i = 0; i < count; ++i)
    put(0, 0);
}

void SoundTrack::drop_consumed() {
  const auto base = static_cast<std::size_t>(position_);
  if (base < kHalfTaps) return;
  const auto drop = std::min(base - (kHalfTaps - 1), held());
  input_.erase(input_.begin(), input_.begin() + static_cast<std::ptrdiff_t>(2 * drop));
  position_ -= static_cast<double>(drop);
}

} // namespace pult::transcode::decode
