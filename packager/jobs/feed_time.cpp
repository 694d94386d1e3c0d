#include "packager/jobs/feed_time.hpp"

#include <algorithm>
#include <vector>

namespace pult::packager::jobs {
namespace {

constexpr std::chrono::seconds kWindow{20};
constexpr std::chrono::seconds kJump{1}; // stamps that jump, not a network

} // namespace

void FeedTime::note(Nanoseconds arrived, Nanoseconds dts) {
  const auto offset = arrived - dts;
  if (!seen_.empty() && std::chrono::abs(offset - median_) > kJump) seen_.clear();
  seen_.push_back({arrived, offset});
  while (arrived - seen_.front().arrived > kWindow)
    seen_.pop_front();
  std::vector<Nanoseconds> offsets;
  for (const auto& one : seen_)
    offsets.push_back(one.offset);
  const auto middle = offsets.begin() + static_cast<std::ptrdiff_t>(offsets.size() / 2);
  std::nth_element(offsets.begin(), middle, offsets.end());
  median_ = *middle;
}

std::optional<Nanoseconds> FeedTime::arrival_of(Nanoseconds stamp) const {
  if (seen_.empty()) return std::nullopt;
  return stamp + median_;
}

} // namespace pult::packager::jobs
