#include "transcode/tick_plan.hpp"

namespace pult::transcode {

TickPlan TickPlan::at(const Grid& grid, PictureIndex next, Nanoseconds now, Nanoseconds lead) {
  if (now < grid.time_of(next)) return {Do::kWait, next};
  const auto present = grid.picture_at(now);
  if (present - next <= kCatchUp) return {Do::kCompose, next};
  if (now - grid.time_of(next) <= kLongest) return {Do::kSkip, present};
  return {Do::kRestart, run_start(grid, now, lead)};
}

PictureIndex TickPlan::run_start(const Grid& grid, Nanoseconds now, Nanoseconds lead) {
  return grid.next_meeting(grid.picture_at_or_after(now + lead));
}

} // namespace pult::transcode
