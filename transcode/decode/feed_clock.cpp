#include "transcode/decode/feed_clock.hpp"

#include "base/messages/picture_link.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <utility>

namespace pult::transcode::decode {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr milliseconds kBucket{500};
constexpr std::int64_t kWindowBuckets = 40; // 20 s
constexpr seconds kLearning{2};
constexpr milliseconds kBackwards{500}; // DTS running back by more than this is a jump
constexpr milliseconds kEarly{100};     // nothing comes that much faster than the fastest did
constexpr milliseconds kLate{200};      // later than any jitter that the mixer's delay covers
constexpr seconds kLateFor{1};          // … for this long
constexpr seconds kMayFollowFor{1};
constexpr seconds kSameTimeline{1};          // tracks farther apart than this do not belong together
constexpr seconds kTrackLearns{1};           // … and when it begins late, the offset may step for this long
constexpr milliseconds kHole{10};            // of sound that comes too late
constexpr seconds kTrackSilent{5};           // a track that has not been heard for this long has no say
constexpr double kSlewLimit = 0.005;         // 0.5 %: eight cents of pitch at the very most
constexpr double kSlewSeconds = 4;           // time constant
constexpr double kIntervalTolerance = 1.1e6; // PTS rounded to milliseconds still count as regular
constexpr milliseconds kSlack{60}; // a step towards less delay moves sound against picture for 8 s: seldom worth it
constexpr seconds kDriftPause{10};
constexpr std::size_t kDriftPoints = 12;

std::int64_t bucket_of(Nanoseconds time) {
  return time / Nanoseconds(kBucket);
}

} // namespace

void WindowMinimum::add(Nanoseconds time, Nanoseconds value) {
  const auto number = bucket_of(time);
  if (!buckets_.empty() && number <= buckets_.back().number)
    buckets_.back().value = std::min(buckets_.back().value, value);
  else
    buckets_.push_back({number, value});
  while (buckets_.front().number < buckets_.back().number - kWindowBuckets)
    buckets_.pop_front();
}

std::optional<Nanoseconds> WindowMinimum::minimum() const {
  const auto least = std::min_element(buckets_.begin(), buckets_.end(),
                                      [](const Bucket& a, const Bucket& b) { return a.value < b.value; });
  return least == buckets_.end() ? std::nullopt : std::optional(least->value);
}

std::optional<Nanoseconds> WindowMinimum::minimum_since(Nanoseconds time) const {
  std::optional<Nanoseconds> least;
  for (const auto& bucket : buckets_)
    if (bucket.number >= bucket_of(time)) least = std::min(least.value_or(bucket.value), bucket.value);
  return least;
}

std::optional<Nanoseconds> WindowMinimum::usual_minimum() const {
  if (buckets_.size() < 2) return minimum();
  std::array<Nanoseconds, 2> least{Nanoseconds::max(), Nanoseconds::max()};
  for (const auto& bucket : buckets_) {
    if (bucket.value < least[0])
      least = {bucket.value, least[0]};
    else
      least[1] = std::min(least[1], bucket.value);
  }
  return least[1];
}

void RateWatch::add(Nanoseconds dts) {
  const auto last = std::exchange(last_, dts);
  if (!last) return;
  const auto interval = static_cast<double>((dts - *last).count());
  const auto pictures = std::round(interval / period_);
  const bool good = pictures >= 1 && pictures <= 4 && std::abs(interval - pictures * period_) <= kIntervalTolerance;
  if (interval > 0 && interval < 1e9) interval_ += (interval - interval_) * (interval_ == 0 ? 1.0 : 0.05);
  bad_ = ((bad_ << 1) | (good ? 0u : 1u)) & 0xffffu;
  count_ = std::min(count_ + 1, 16);
  if (!on_ && count_ >= 8 && (bad_ & 0xffu) == 0) on_ = true;
  if (on_ && std::popcount(bad_) >= 6) on_ = false;
}

void FeedClock::observe(Track track, Nanoseconds arrival, Nanoseconds dts, Nanoseconds pts) {
  const auto delay = arrival - dts;
  auto& seen = state(track);
  if (follows_anchor(track, arrival)) {
    seen.last_dts = dts;
    if (std::chrono::abs(delay - offset_) > kSameTimeline) return;
  } else if (!anchored_ || is_jump(seen, arrival, delay, dts)) {
    anchor(track, arrival, delay);
  }
  if (arrival - seen.last_arrival.value_or(Nanoseconds{}) > kTrackSilent) track_began_ = arrival;
  seen.last_dts = dts;
  seen.last_arrival = arrival;
  note_delay(seen, arrival, delay);
  if (late_for_a_second(arrival, delay)) {
    anchor(track, arrival, delay);
    note_delay(seen, arrival, delay);
  }
  slew(arrival);
  if (track != Track::kPicture) return;
  rate_.add(dts);
  follow_grid(pts);
  note_drift(arrival);
}

void FeedClock::note_delay(TrackState& track, Nanoseconds arrival, Nanoseconds delay) {
  track.delays.add(arrival, delay);
  track.hurries.add(arrival, -delay);
}

// For a moment after the one track jumped the other may still carry the times from before; it is expected to follow.
bool FeedClock::follows_anchor(Track track, Nanoseconds arrival) const {
  const auto& seen = tracks_[track == Track::kPicture ? 0 : 1];
  return anchored_ && track != anchored_by_ && arrival - anchored_at_ <= kMayFollowFor && !seen.delays.minimum();
}

bool FeedClock::is_jump(const TrackState& track, Nanoseconds arrival, Nanoseconds delay, Nanoseconds dts) const {
  if (track.last_dts && dts < *track.last_dts - kBackwards) return true;
  auto fastest = offset_;
  for (const auto& each : tracks_)
    fastest = std::min(fastest, each.delays.minimum().value_or(fastest));
  return delay < fastest - (learning(arrival) ? kBackwards : kEarly);
}

bool FeedClock::late_for_a_second(Nanoseconds arrival, Nanoseconds delay) {
  if (delay <= offset_ + kLate + kTrackMayLag) {
    late_since_.reset();
    return false;
  }
  if (!late_since_) late_since_ = arrival;
  return arrival - *late_since_ > kLateFor;
}

void FeedClock::anchor(Track track, Nanoseconds arrival, Nanoseconds delay) {
  if (anchored_) ++epoch_;
  ++steps_;
  anchored_ = true;
  anchored_at_ = slewed_at_ = arrival;
  anchored_by_ = track;
  offset_ = delay;
  for (auto& each : tracks_) {
    each.delays.clear();
    each.hurries.clear();
  }
  grid_offset_.reset();
  late_since_.reset();
  drift_points_.clear();
}

// Sound counts with its longest packets: the quieter it is, the more of it ffmpeg puts into one (a fixed number of
// bytes), and what comes too late for the mixer is a hole, while a late picture only stands a moment longer.
FeedClock::Wanted FeedClock::wanted_offset(Nanoseconds now) const {
  std::optional<Nanoseconds> least;
  std::optional<Nanoseconds> most;
  for (const auto& track : tracks_) {
    const auto minimum = track.delays.minimum();
    if (!minimum || !track.last_arrival || now - *track.last_arrival > kTrackSilent) continue;
    const auto hurry = learning(now) ? track.hurries.minimum() : track.hurries.usual_minimum();
    const auto longest = &track == &tracks_[1] ? -*hurry : *minimum;
    least = std::min(least.value_or(*minimum), *minimum);
    most = std::max(most.value_or(longest), longest);
  }
  if (!least) return {offset_};
  if (*most - *least > kSameTimeline) return {*least};
  return {std::clamp<Nanoseconds>(*most - kTrackMayLag, *least, *least + picture_link::kMostLead),
          *most - kTrackMayLag > *least};
}

bool FeedClock::learning(Nanoseconds now) const {
  return now - anchored_at_ < kLearning;
}

void FeedClock::slew(Nanoseconds now) {
  const auto [wanted, for_sound] = wanted_offset(now);
  // Sound that is too late again and again is a hole each time: one step is less.
  const bool holes = for_sound && wanted > offset_ + kHole;
  if (holes) holes_at_ = now;
  if (learning(now) || holes || (now - track_began_ < kTrackLearns && wanted > offset_)) {
    if (std::chrono::abs(wanted - offset_) > milliseconds(1)) ++steps_;
    offset_ = wanted;
    slewed_at_ = now;
    return;
  }
  const double elapsed = std::max<double>(0, static_cast<double>((now - slewed_at_).count()));
  const double error = static_cast<double>((wanted - offset_).count());
  const double move =
      std::clamp(error * std::min(1.0, elapsed / (kSlewSeconds * 1e9)), -kSlewLimit * elapsed, kSlewLimit * elapsed);
  offset_ += Nanoseconds(std::llround(move));
  slewed_at_ = std::max(slewed_at_, now);
}

void FeedClock::follow_grid(Nanoseconds pts) {
  if (!rate_.at_programme_rate()) {
    grid_offset_.reset();
    return;
  }
  const auto period = grid_.time_of(1);
  if (!grid_offset_) {
    grid_offset_ = grid_.time_of(grid_.picture_at_or_after(pts + offset_)) - pts;
    ++steps_;
    return;
  }
  // The feed's pictures may wander against the grid: follow slowly, so that rounded times do not shake the sound.
  const auto due = pts + *grid_offset_;
  const auto nearest = grid_.time_of(grid_.picture_at(due + period / 2));
  const bool early = learning(slewed_at_);
  const bool steps = early || slewed_at_ - track_began_ < kTrackLearns || slewed_at_ == holes_at_;
  const Nanoseconds slack = early ? period / 4 : Nanoseconds(kSlack);
  *grid_offset_ += std::clamp<Nanoseconds>((nearest - due) / 8, -milliseconds(1), milliseconds(1));
  for (int i = 0; i < 50 && *grid_offset_ < offset_ - period / 4; ++i) {
    *grid_offset_ += period;
    if (steps) ++steps_;
  }
  for (int i = 0; i < 50 && *grid_offset_ > offset_ + period + slack; ++i) {
    *grid_offset_ -= period;
    if (early) ++steps_;
  }
}

std::optional<Nanoseconds> FeedClock::picture_time(Nanoseconds pts) const {
  if (!anchored_) return std::nullopt;
  if (!grid_offset_) return pts + offset_;
  return grid_.time_of(grid_.picture_at(pts + *grid_offset_ + grid_.time_of(1) / 2));
}

std::optional<Nanoseconds> FeedClock::sound_time(Nanoseconds pts) const {
  if (!anchored_) return std::nullopt;
  return pts + offset();
}

void FeedClock::note_drift(Nanoseconds now) {
  if (!drift_points_.empty() && now - drift_points_.back().time < kDriftPause) return;
  const auto least = tracks_[0].delays.minimum_since(now - kDriftPause);
  if (!least) return;
  drift_points_.push_back({now, *least});
  if (drift_points_.size() > kDriftPoints) drift_points_.pop_front();
}

double FeedClock::drift_ppm() const {
  const auto count = static_cast<double>(drift_points_.size());
  if (count < 4) return 0;
  double mean_time = 0, mean_delay = 0, covariance = 0, variance = 0;
  for (const auto& point : drift_points_) {
    mean_time += static_cast<double>(point.time.count()) / count;
    mean_delay += static_cast<double>(point.delay.count()) / count;
  }
  for (const auto& point : drift_points_) {
    const double t = static_cast<double>(point.time.count()) - mean_time;
    covariance += t * (static_cast<double>(point.delay.count()) - mean_delay);
    variance += t * t;
  }
  return variance > 0 ? -1e6 * covariance / variance : 0;
}

} // namespace pult::transcode::decode
