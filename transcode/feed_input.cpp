#include "transcode/feed_input.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace pult::transcode {

void FeedInput::add_picture(HousePicture picture, Nanoseconds time) {
  const std::lock_guard lock(mutex_);
  ++counts_.pictures;
  waiting_.push_back({std::move(picture), time});
}

void FeedInput::add_sound(Sample first, std::span<const float> stereo) {
  float peak = 0;
  for (const float sample : stereo)
    peak = std::max(peak, std::fabs(sample));
  const std::lock_guard lock(mutex_);
  peak_ = std::max(peak_, peak);
  ++counts_.sounds;
  sound_.write(first, stereo);
}

FeedInput::Pick FeedInput::pick(Nanoseconds due) {
  std::deque<Waiting> passed; // let go after the lock
  HousePicture before;
  const std::lock_guard lock(mutex_);
  std::size_t count = 0;
  for (std::size_t i = 0; i < waiting_.size(); ++i)
    if (waiting_[i].time <= due) count = i + 1;
  if (count == 0 && !shown_ && !waiting_.empty()) return {waiting_.front().picture, true, true};
  if (count == 0) return {shown_, false, !waiting_.empty()};
  before = std::exchange(shown_, std::move(waiting_[count - 1].picture));
  for (std::size_t i = 0; i < count; ++i) {
    passed.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
  }
  counts_.passed_over += count - 1;
  return {shown_, true, false};
}

float FeedInput::take_peak() {
  const std::lock_guard lock(mutex_);
  return std::exchange(peak_, 0.0F);
}

void FeedInput::read_sound(Sample first, std::span<float> stereo) const {
  const std::lock_guard lock(mutex_);
  sound_.read(first, stereo);
}

FeedInput::Counts FeedInput::counts() const {
  const std::lock_guard lock(mutex_);
  auto counts = counts_;
  counts.waiting = waiting_.size();
  return counts;
}

void FeedInput::set_connected(bool connected) {
  const std::lock_guard lock(mutex_);
  counts_.connected = connected;
}

} // namespace pult::transcode
