#include "cam/motif.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace pult::cam {

std::unique_ptr<Motif> motif_of(const LoopFormat& format) {
  switch (format.motif) {
  case MotifKind::kClock:
    return clock_motif(format);
  case MotifKind::kSpeaker:
    return speaker_motif(format);
  case MotifKind::kSlides:
    return slides_motif(format);
  case MotifKind::kHall:
    return hall_motif(format);
  }
  return clock_motif(format);
}

double phase_of(const LoopFormat& format, int64_t number, double period, double shift) {
  const double times = std::max(1.0, std::round(static_cast<double>(format.length.count()) / period));
  const double done = static_cast<double>(number) / static_cast<double>(format.grid().per_loop());
  const double turns = done * times + shift;
  return turns - std::floor(turns);
}

double swing_of(const LoopFormat& format, int64_t number, double period, double shift) {
  return std::sin(phase_of(format, number, period, shift) * 2 * std::numbers::pi);
}

} // namespace pult::cam
