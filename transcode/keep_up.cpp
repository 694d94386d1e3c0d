#include "transcode/keep_up.hpp"

#include <algorithm>

namespace pult::transcode {
namespace {

constexpr std::size_t kBehind = 3;    // waiting: less effort
constexpr std::size_t kInTime = 1;    // waiting: none of it
constexpr std::size_t kSpareSome = 5; // so little room left: every other picture is new
constexpr std::size_t kSpareAll = 3;  // only what must be is new
constexpr std::size_t kDrained = 2;   // waiting, when pictures are given again

} // namespace

KeepUp::Give KeepUp::next(std::size_t waiting, bool must_be_new) {
  if (waiting >= kBehind) calm_ = 0;
  if (waiting <= kInTime) calm_ = std::min(calm_ + 1, patience_);
  if (draining_ && waiting > kDrained) return Give::kNothing;
  draining_ = false;
  const auto left = room_ - std::min(waiting, room_);
  again_ = !must_be_new && (left <= kSpareAll || (left <= kSpareSome && !again_));
  return again_ ? Give::kAgain : Give::kNew;
}

} // namespace pult::transcode
