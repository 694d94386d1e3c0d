#include "cam/file_timeline.hpp"

#include <algorithm>

namespace pult::cam {
namespace {

// Rounded to the nearest; `below` is positive.
int64_t nearest_quotient(int64_t above, int64_t below) {
  const int64_t shifted = 2 * above + below;
  const int64_t quotient = shifted / (2 * below);
  return shifted % (2 * below) < 0 ? quotient - 1 : quotient;
}

// 64 bits hold ticks × samples a second for years.
int64_t nearest_slot(Ticks time, int sample_rate) {
  return nearest_quotient(time.count() * sample_rate, int64_t{kSamplesPerFrame} * 90000);
}

Ticks time_of_slot(int64_t slot, int sample_rate) {
  return Ticks{nearest_quotient(slot * kSamplesPerFrame * 90000, sample_rate)};
}

} // namespace

int64_t FileTimeline::first_slot(int64_t turn) const {
  return nearest_slot(turn * length, sample_rate);
}

std::optional<int64_t> FileTimeline::slot_of(int64_t turn, Ticks in_file) const {
  const int64_t within = nearest_slot(in_file - picture_start - sound_shift, sample_rate);
  const int64_t slot = first_slot(turn) + within;
  if (within < 0 || slot >= end_slot(turn)) return std::nullopt;
  return slot;
}

Ticks FileTimeline::slot_time(int64_t slot) const {
  return sound_shift + time_of_slot(slot, sample_rate);
}

void FileScan::picture(Ticks pts, Ticks dts, Ticks duration) {
  if (pictures_++ == 0) earliest_ = latest_ = pts;
  earliest_ = std::min(earliest_, pts);
  reorder_ = std::max(reorder_, pts - dts);
  if (pts < latest_) return;
  latest_ = pts;
  last_duration_ = duration;
}

void FileScan::sound(Ticks pts) {
  if (!first_sound_) first_sound_ = pts;
}

Result<FileTimeline> FileScan::timeline() const {
  if (pictures_ < 2) return Error{Errc::kCorrupt, "fewer than two pictures"};
  const Ticks usual = (latest_ - earliest_) / (pictures_ - 1);
  FileTimeline timeline;
  timeline.picture_start = earliest_;
  timeline.length = latest_ - earliest_ + (last_duration_ > Ticks{0} ? last_duration_ : usual);
  timeline.reorder = reorder_;
  if (!first_sound_ || sample_rate_ == 0) return timeline;
  timeline.sample_rate = sample_rate_;
  const Ticks offset = *first_sound_ - earliest_;
  timeline.sound_shift = offset - time_of_slot(nearest_slot(offset, sample_rate_), sample_rate_);
  return timeline;
}

} // namespace pult::cam
