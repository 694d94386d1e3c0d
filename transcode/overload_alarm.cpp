#include "transcode/overload_alarm.hpp"

#include <fmt/format.h>

namespace pult::transcode {

OverloadAlarm::Alarm OverloadAlarm::at(std::chrono::nanoseconds now, Counts counts) {
  samples_.push_back({now, counts});
  while (samples_.size() > 1 && now - samples_[1].at >= kSpan)
    samples_.pop_front();
  const auto& before = samples_.front().counts;
  const auto repeated = counts.repeated - before.repeated;
  const auto dropped = counts.dropped - before.dropped;
  if (repeated + dropped == 0) return {};
  const auto what = dropped == 0    ? fmt::format("{} pictures were shown twice", repeated)
                    : repeated == 0 ? fmt::format("{} pictures were left out", dropped)
                                    : fmt::format("{} pictures were left out, {} shown twice", dropped, repeated);
  return {dropped > 0, fmt::format("the encoders do not keep up: {} in the last {} s; \"pult check\" tells what ladder "
                                   "this machine can encode",
                                   what, kSpan.count())};
}

} // namespace pult::transcode
