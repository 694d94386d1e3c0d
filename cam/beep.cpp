#include "cam/beep.hpp"

#include "cam/ticks.hpp"

#include <cmath>
#include <numbers>

namespace pult::cam {

float beep_at(int64_t sample) {
  const int64_t within = sample % kSampleRate;
  if (within >= kBeepSamples) return 0;
  const double turns = static_cast<double>(within * kBeepHertz) / kSampleRate;
  return kBeepLevel * static_cast<float>(std::sin(2 * std::numbers::pi * turns));
}

} // namespace pult::cam
