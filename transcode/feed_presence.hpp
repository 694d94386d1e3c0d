// Whether a feed may be shown: its last picture briefly, then not; and again once it is steadily back.
//
// Policy: a feed without a new picture keeps its last one for kHoldLast, then it is lost (the scene's fallback takes
// over; with the mixer's delay that is one second after the feed fell silent). It returns after kClean of pictures
// without a pause, at most once in kReturnPause, so that a bad line does not make the programme flicker. Its first
// pictures ever are shown at once. Time is counted in the mixer's own pictures: while the mixer itself stood still
// no feed grew old. Pure; the mixer thread.
#pragma once

#include <chrono>
#include <cstdint>

namespace pult::transcode {

class FeedPresence {
 public:
  static constexpr std::chrono::milliseconds kHoldLast{800};
  static constexpr std::chrono::milliseconds kClean{1000};
  static constexpr std::chrono::milliseconds kPause{
      400}; // a longer pause is not clean; feeds of 5 pictures a second are
  static constexpr std::chrono::milliseconds kReturnPause{10000};

  enum class State { kWaiting, kLive, kHeld, kLost };

  explicit FeedPresence(int fps) : fps_(fps) {}

  // Once for each programme picture: had the feed a new picture for it?
  void tick(bool fresh);
  [[nodiscard]] State state() const;
  [[nodiscard]] bool shown() const { return shown_; }
  [[nodiscard]] std::uint64_t losses() const { return losses_; }

 private:
  [[nodiscard]] std::int64_t pictures(std::chrono::milliseconds time) const { return time.count() * fps_ / 1000; }

  int fps_;
  std::int64_t now_ = 0;
  std::int64_t last_fresh_ = 0;
  std::int64_t clean_since_ = 0;
  std::int64_t last_return_ = 0;
  bool seen_ = false;
  bool returned_ = false;
  bool shown_ = false;
  std::uint64_t losses_ = 0;
};

const char* name_of(FeedPresence::State state); // "waiting", "live", "held", "lost"

} // namespace pult::transcode
