#include "base/programme_time.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace pult {
namespace {

constexpr std::int64_t kNanosPerSecond = 1'000'000'000;

std::int64_t floor_div(std::int64_t a, std::int64_t b) {
  return a / b - (a % b != 0 && (a < 0) != (b < 0) ? 1 : 0);
}

std::int64_t ceil_div(std::int64_t a, std::int64_t b) {
  return -floor_div(-a, b);
}

// floor(a × b ÷ c) without overflow for the centuries that a room may run.
std::int64_t scale_floor(std::int64_t a, std::int64_t b, std::int64_t c) {
  const auto whole = floor_div(a, c);
  const auto rest = a - whole * c;
  return whole * b + floor_div(rest * b, c);
}

} // namespace

std::optional<Grid> Grid::of(int fps) {
  if (fps == 25 || fps == 30 || fps == 50 || fps == 60) return Grid(fps);
  return std::nullopt;
}

Nanoseconds Grid::time_of(PictureIndex n) const {
  return Nanoseconds(scale_floor(n, kNanosPerSecond, fps_));
}

PictureIndex Grid::picture_at(Nanoseconds t) const {
  // time_of rounds down, so the candidate by rounding down may be one short.
  const auto n = scale_floor(t.count(), fps_, kNanosPerSecond);
  return time_of(n + 1) <= t ? n + 1 : n;
}

PictureIndex Grid::picture_at_or_after(Nanoseconds t) const {
  const auto n = picture_at(t);
  return time_of(n) == t ? n : n + 1;
}

SoundIndex Grid::sound_at_or_after(PictureIndex n) const {
  return ceil_div(sample_of(n), kSamplesPerSoundFrame);
}

int Grid::meeting_pictures() const {
  return std::lcm(samples_per_picture(), kSamplesPerSoundFrame) / samples_per_picture();
}

PictureIndex Grid::next_meeting(PictureIndex n) const {
  return ceil_div(n, meeting_pictures()) * meeting_pictures();
}

Nanoseconds time_of_sample(Sample s) {
  return Nanoseconds(scale_floor(s, kNanosPerSecond, kSampleRate));
}

Cutting Cutting::of(Grid grid, std::chrono::milliseconds segment, std::chrono::milliseconds part) {
  const double pictures = static_cast<double>(part.count()) * grid.fps() / 1000.0;
  const int per_part = std::max(1, static_cast<int>(std::lround(pictures)));
  const double segment_pictures = static_cast<double>(segment.count()) * grid.fps() / 1000.0;
  const int parts = std::max(1, static_cast<int>(std::lround(segment_pictures / per_part)));
  return {grid, per_part, parts};
}

PictureIndex Cutting::next_segment_start(PictureIndex n) const {
  return ceil_div(n, pictures_per_segment()) * pictures_per_segment();
}

} // namespace pult
