// Puts one feed's decoded media on the programme's timeline and sends it to the mixer.
//
// Works in the decoding thread: asks the feed clock when a picture is due, takes a slot, paints the picture into it,
// and hands the sound to the sound track. What is due more than a second ago (the first part of a replay) is skipped
// before any pixel moves; no slot free: the picture is dropped. All is counted. Outlives pipelines, so that the sound's
// sample indices never run back; begin() is called between two of them.
// All members belong to the decoding thread (or to whoever knows that none runs), except stats().
#pragma once

#include "base/room_epoch.hpp"
#include "transcode/decode/feed_clock.hpp"
#include "transcode/decode/house_format.hpp"
#include "transcode/decode/mixer_link.hpp"
#include "transcode/decode/sound_track.hpp"

#include <mutex>
#include <string>

namespace pult::transcode::decode {

struct PlacerStats {
  PictureSize coded; // as the feed has it
  PictureSize size;  // as it crosses
  double fps = 0;    // as the feed has it
  bool interlaced = false;
  std::uint64_t pictures = 0;     // sent
  std::uint64_t dropped = 0;      // no slot free, or no mixer
  std::uint64_t late = 0;         // skipped: due long ago, or not on any timeline
  std::uint64_t converted = 0;    // needed more than a copy
  std::uint64_t sound_frames = 0; // sent
  std::uint64_t sound_late = 0;
  std::uint64_t sound_holes = 0;
  std::uint64_t sound_anchors = 0;
  std::uint32_t clock_epoch = 0;
  Nanoseconds clock_offset{};
  double drift_ppm = 0;
  double sound_rate_ppm = 0;
  bool on_grid = false;
  Nanoseconds latency{};      // from the arrival of a picture's last bytes to its being sent; smoothed
  Nanoseconds last_picture{}; // monotonic; 0: none yet
  Nanoseconds last_sound{};
  Nanoseconds last_drop{};
  std::string last_error;
};

class Placer {
 public:
  // No mixer waits that long for a picture that was due.
  static constexpr std::chrono::seconds kTooLate{1};
  Placer(Grid grid, RoomEpoch epoch, MixerLink& mixer, std::chrono::seconds too_late = kTooLate);

  void begin(); // a new pipeline: its times have another base
  void demuxed(Track track, Nanoseconds arrival, Nanoseconds dts, Nanoseconds pts);
  void picture(GstBuffer* buffer, const GstVideoInfo& info, Nanoseconds pts);
  void sound(Nanoseconds pts, std::span<const float> interleaved);

  [[nodiscard]] PlacerStats stats() const; // any thread

 private:
  [[nodiscard]] bool timely(Nanoseconds due) const;
  void send(const std::shared_ptr<PictureRing>& ring, std::uint32_t slot, PictureSize size, Nanoseconds due);
  void drop(const std::string& error);
  void pass_sound(Sample first, std::span<const float> interleaved);
  void publish_clock();
  template <typename Change>
  void count(Change change) {
    const std::lock_guard lock(mutex_);
    change(stats_);
  }

  const Grid grid_;
  const RoomEpoch epoch_;
  MixerLink& mixer_;
  const std::chrono::seconds too_late_;
  FeedClock clock_;
  HousePainter painter_;
  SoundTrack sound_track_;
  Nanoseconds arrival_{};
  std::uint32_t steps_ = 0;
  mutable std::mutex mutex_; // stats_
  PlacerStats stats_;
};

} // namespace pult::transcode::decode
