#include "transcode/loudness_meter.hpp"

#include <algorithm>
#include <cmath>

namespace pult::transcode {
namespace {

// Minus infinity is what the library says of silence.
double value_of(int (*measure)(ebur128_state*, double*), ebur128_state* state) {
  double value = 0;
  const bool known = measure(state, &value) == EBUR128_SUCCESS && std::isfinite(value);
  return known ? std::max(value, LoudnessMeter::kSilence) : LoudnessMeter::kSilence;
}

double decibels(double peak) {
  return peak > 0 ? std::max(20 * std::log10(peak), LoudnessMeter::kSilence) : LoudnessMeter::kSilence;
}

} // namespace

void LoudnessMeter::restart() {
  state_.reset(
      ebur128_init(2, kSampleRate,
                   EBUR128_MODE_M | EBUR128_MODE_S | EBUR128_MODE_I | EBUR128_MODE_TRUE_PEAK | EBUR128_MODE_HISTOGRAM));
}

void LoudnessMeter::add(const SoundFrame& frame) {
  if (state_) ebur128_add_frames_float(state_.get(), frame.data(), frame.size() / 2);
}

LoudnessMeter::Reading LoudnessMeter::read() const {
  if (!state_) return {};
  Reading reading;
  reading.momentary = value_of(ebur128_loudness_momentary, state_.get());
  reading.short_term = value_of(ebur128_loudness_shortterm, state_.get());
  reading.integrated = value_of(ebur128_loudness_global, state_.get());
  double peak = 0;
  for (unsigned channel = 0; channel < 2; ++channel)
    if (ebur128_true_peak(state_.get(), channel, &peak) == EBUR128_SUCCESS)
      reading.true_peak = std::max(reading.true_peak, decibels(peak));
  return reading;
}

} // namespace pult::transcode
