// What has come in from one feed and waits to be mixed: its pictures by due time, its sound by sample.
//
// The io thread writes, the mixer thread reads; one mutex, never held while a picture is let go (its slot's grant goes
// out then). Pictures are taken in the order in which they came: the newest that is due is shown, older ones are let
// go. After a feed's clock was anchored anew, times may go back; the order of arrival still holds, and so it does when
// a longer delay is set on air: the last picture stands until the next is due.
#pragma once

#include "transcode/house_picture.hpp"
#include "transcode/sound_ring.hpp"

#include "base/clock.hpp"

#include <atomic>
#include <deque>
#include <mutex>
#include <string>

namespace pult::transcode {

class FeedInput {
 public:
  FeedInput(std::string name, std::chrono::milliseconds delay) : name_(std::move(name)), delay_(delay) {}

  void add_picture(HousePicture picture, Nanoseconds time);
  void add_sound(Sample first, std::span<const float> stereo);

  struct Pick {
    HousePicture picture; // empty: none yet
    bool fresh = false;   // another one than at the last call
    bool early = false;   // none is due, but newer ones wait: the feed is well
  };
  // The picture to show when what was due at `due` is shown. The first picture ever is shown before its time: a still
  // for the length of the mixer's delay is better than a card.
  Pick pick(Nanoseconds due);
  void read_sound(Sample first, std::span<float> stereo) const;

  [[nodiscard]] const std::string& name() const { return name_; }
  // Beside the mixer's. Any thread.
  [[nodiscard]] std::chrono::milliseconds delay() const { return delay_; }
  void set_delay(std::chrono::milliseconds delay) { delay_ = delay; }
  // The highest sample that came, before gain and mute, since it was last asked.
  [[nodiscard]] float take_peak();

  struct Counts {
    std::uint64_t pictures = 0;
    std::uint64_t sounds = 0;
    std::uint64_t passed_over = 0; // pictures of which a newer one was due as well
    std::size_t waiting = 0;
    bool connected = false;
  };
  [[nodiscard]] Counts counts() const;
  void set_connected(bool connected);

 private:
  struct Waiting {
    HousePicture picture;
    Nanoseconds time;
  };
  const std::string name_;
  std::atomic<std::chrono::milliseconds> delay_;
  mutable std::mutex mutex_;
  std::deque<Waiting> waiting_;
  HousePicture shown_;
  SoundRing sound_;
  Counts counts_;
  float peak_ = 0;
};

} // namespace pult::transcode
