// What the mixer does when it wakes: wait, compose the next picture, or give the backlog up.
//
// A mixer that is a little late composes what is due at once. One that is more than kCatchUp pictures late (it was
// stopped, or starved) does not race through the backlog: nobody waits for those pictures any more. It skips to the
// picture of now, with a key frame, in the same encoder run. After kLongest it begins a new run instead, at the first
// index, not before `lead` from now, where the picture and sound grids meet. Pure; any thread.
#pragma once

#include "base/programme_time.hpp"

namespace pult::transcode {

struct TickPlan {
  static constexpr PictureIndex kCatchUp = 10;
  static constexpr std::chrono::seconds kLongest{5}; // the encoders' sound is filled up with silence for as long

  enum class Do { kWait, kCompose, kSkip, kRestart };
  Do what = Do::kWait;
  PictureIndex n = 0; // to wait for, to compose, to skip to, or at which the new run begins

  // `next` is the picture that is due next, `now` programme time.
  static TickPlan at(const Grid& grid, PictureIndex next, Nanoseconds now, Nanoseconds lead);
  // Where a run can begin that is opened now.
  static PictureIndex run_start(const Grid& grid, Nanoseconds now, Nanoseconds lead);
};

} // namespace pult::transcode
