#include "transcode/keep_up.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace pult::transcode {
namespace {

constexpr std::size_t kSpareSome = 5; // so little room left: every other picture is new
constexpr std::size_t kSpareAll = 3;  // only what must be is new
constexpr std::size_t kDrained = 2;   // waiting, when pictures are given again

} // namespace

KeepUp::Give KeepUp::next(std::size_t waiting, bool must_be_new) {
  if (draining_ && waiting > kDrained) return Give::kNothing;
  draining_ = false;
  const auto left = room_ - std::min(waiting, room_);
  again_ = !must_be_new && (left <= kSpareAll || (left <= kSpareSome && !again_));
  return again_ ? Give::kAgain : Give::kNew;
}

OverloadAlarm::Alarm OverloadAlarm::at(std::chrono::nanoseconds now, Counts counts) {
  samples_.push_back({now, counts});
  while (samples_.size() > 1 && now - samples_[1].at >= kSpan)
    samples_.pop_front();
  const auto& before = samples_.front().counts;
  const auto repeated = counts.repeated - before.repeated;
  const auto left_out = counts.left_out - before.left_out;
  if (repeated + left_out == 0) return {};
  const auto what = left_out == 0   ? fmt::format("{} pictures were shown twice", repeated)
                    : repeated == 0 ? fmt::format("{} pictures were left out", left_out)
                                    : fmt::format("{} pictures were left out, {} shown twice", left_out, repeated);
  return {left_out > 0,
          fmt::format("the encoders do not keep up: {} in the last {} s; \"pult check\" tells what ladder "
                      "this machine can encode",
                      what, kSpan.count())};
}

} // namespace pult::transcode
