// One feed's clock: when a picture or a sample of the feed is due in programme time.
//
// Policy. One offset for sound and picture together: the minimum of (arrival − DTS) over 20 s, so that what came by the
// fastest way through the network sets it and jitter does not; DTS, so that reordered pictures are not late. Sound
// may lag by kTrackMayLag; what its longest packets have more moves the offset (ffmpeg packs 170 to 350 ms into one,
// more the quieter it is; one that came late once does not count). The offset is slewed gently. In the first two
// seconds it steps instead: nobody has heard it yet. It steps up when sound comes too late again and again, and in the
// first second of a track that begins late: pictures that stand still for a moment are better than a minute of holes.
// Anchored anew, with a new epoch number: a track's DTS runs backwards; something comes much earlier than anything did
// before (PTS jumped ahead); everything has been much later for a second (PTS jumped back, or the way is longer now).
// A feed at the programme's rate: the offset is rounded up so that its pictures fall on the picture grid, the sound
// moves along. A whole picture's step is taken only when pictures are late by a quarter of one, or early by more than
// one and 60 ms, so it does not flap; the sound slews after it.
//
// Arrivals are those that ingest recorded, so a replay gives the clock that the feed had. Pure; one thread.
#pragma once

#include "base/programme_time.hpp"

#include <array>
#include <deque>
#include <optional>

namespace pult::transcode::decode {

enum class Track { kPicture, kSound };

// The minimum of a value over the last 20 s, in buckets of half a second.
class WindowMinimum {
 public:
  void add(Nanoseconds time, Nanoseconds value);
  void clear() { buckets_.clear(); }
  [[nodiscard]] std::optional<Nanoseconds> minimum() const;
  [[nodiscard]] std::optional<Nanoseconds> minimum_since(Nanoseconds time) const; // to the half second
  // Without the least bucket, where there are others: what happened once is no habit.
  [[nodiscard]] std::optional<Nanoseconds> usual_minimum() const;

 private:
  struct Bucket {
    std::int64_t number;
    Nanoseconds value;
  };
  std::deque<Bucket> buckets_; // at most 41
};

// Tells whether pictures come at the programme's rate (or each second, third, fourth one of it).
class RateWatch {
 public:
  explicit RateWatch(Grid grid) : period_(1e9 / grid.fps()) {}
  void add(Nanoseconds dts);
  [[nodiscard]] bool at_programme_rate() const { return on_; }
  [[nodiscard]] double fps() const { return interval_ > 0 ? 1e9 / interval_ : 0; } // smoothed

 private:
  double period_;
  double interval_ = 0;
  std::optional<Nanoseconds> last_;
  unsigned bad_ = 0; // the last 16 intervals, one bit each
  int count_ = 0;
  bool on_ = false;
};

class FeedClock {
 public:
  // Of the mixer's 200 ms: it reads sound up to a picture and three AAC frames ahead (104 ms at 25), the rest is for
  // decoding.
  static constexpr std::chrono::milliseconds kTrackMayLag{80};

  // `epoch` is the number of the first anchor; every further one counts up.
  FeedClock(Grid grid, std::uint32_t epoch) : grid_(grid), rate_(grid), epoch_(epoch) {}

  // One unit left the demuxer. `arrival` in programme time, of the bytes that completed it.
  void observe(Track track, Nanoseconds arrival, Nanoseconds dts, Nanoseconds pts);

  // Programme time at which it is due; nothing before the first observation.
  [[nodiscard]] std::optional<Nanoseconds> picture_time(Nanoseconds pts) const;
  [[nodiscard]] std::optional<Nanoseconds> sound_time(Nanoseconds pts) const;

  [[nodiscard]] std::uint32_t epoch() const { return epoch_; }
  // Counts the steps that are not slewed (first seconds, grid found, new anchor): the sound has to jump along.
  [[nodiscard]] std::uint32_t steps() const { return steps_; }
  [[nodiscard]] bool anchored() const { return anchored_; }
  [[nodiscard]] bool on_grid() const { return grid_offset_.has_value(); }
  [[nodiscard]] Nanoseconds offset() const { return grid_offset_.value_or(offset_); }
  [[nodiscard]] double fps() const { return rate_.fps(); }
  // The sender's clock against ours, positive when it runs fast; 0 until 30 s are known.
  [[nodiscard]] double drift_ppm() const;

 private:
  struct TrackState {
    WindowMinimum delays;
    WindowMinimum hurries; // the delays, negative: their least is the longest delay
    std::optional<Nanoseconds> last_dts;
    std::optional<Nanoseconds> last_arrival;
  };
  struct DriftPoint {
    Nanoseconds time;
    Nanoseconds delay;
  };
  TrackState& state(Track track) { return tracks_[track == Track::kPicture ? 0 : 1]; }
  [[nodiscard]] bool is_jump(const TrackState& track, Nanoseconds arrival, Nanoseconds delay, Nanoseconds dts) const;
  [[nodiscard]] bool follows_anchor(Track track, Nanoseconds arrival) const;
  [[nodiscard]] bool late_for_a_second(Nanoseconds arrival, Nanoseconds delay);
  static void note_delay(TrackState& track, Nanoseconds arrival, Nanoseconds delay);
  void anchor(Track track, Nanoseconds arrival, Nanoseconds delay);
  struct Wanted {
    Nanoseconds offset;
    bool for_sound = false; // that its longest packets are not too late
  };
  [[nodiscard]] Wanted wanted_offset(Nanoseconds now) const;
  void slew(Nanoseconds now);
  [[nodiscard]] bool learning(Nanoseconds now) const;
  void follow_grid(Nanoseconds pts);
  void note_drift(Nanoseconds now);

  Grid grid_;
  RateWatch rate_;
  std::array<TrackState, 2> tracks_;
  std::deque<DriftPoint> drift_points_; // one each 10 s, the last 12
  std::optional<Nanoseconds> grid_offset_;
  std::optional<Nanoseconds> late_since_;
  Nanoseconds offset_{};
  Nanoseconds anchored_at_{};
  Nanoseconds slewed_at_{};
  Nanoseconds holes_at_{};    // the last time that the offset stepped up for late sound
  Nanoseconds track_began_{}; // the last time that a track began while the other was known
  Track anchored_by_ = Track::kPicture;
  std::uint32_t epoch_;
  std::uint32_t steps_ = 0;
  bool anchored_ = false;
};

} // namespace pult::transcode::decode
