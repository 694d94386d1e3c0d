// What has come in from one feed and waits to be mixed: its pictures by due time, its sound by sample.
//
// The io thread writes, the mixer thread reads; one mutex, never held while a picture is let go (its slot's grant goes
// out then). Pictures are taken in the order in which they came: the newest that is due is shown, older ones are let
// go. After a feed's clock was anchored anew, times may go back; the order of arrival still holds.
#pragma once

#include "transcode/house_picture.hpp"
#include "transcode/sound_ring.hpp"

#include "base/clock.hpp"

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
  };
  // The picture to show when what was due at `due` is shown. The first picture ever is shown before its time: a still
  // for the length of the mixer's delay is better than a card.
  Pick pick(Nanoseconds due);
  void read_sound(Sample first, std::span<float> stereo) const;

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] std::chrono::milliseconds delay() const { return delay_; } // configured, beside the mixer's

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
  const std::chrono::milliseconds delay_;
  mutable std::mutex mutex_;
  std::deque<Waiting> waiting_;
  HousePicture shown_;
  SoundRing sound_;
  Counts counts_;
};

} // namespace pult::transcode
