// When a feed's pictures belong on the programme, found from its recording: its stamps against the times at which its
// bytes arrived.
//
// Live, the feed's clock is the fastest way through the network in 20 s (transcode/decode/feed_clock). The recording
// knows arrivals at some bytes only, twice a second; the median over as long is within a picture of the same, follows
// a sender's clock that drifts, and does not heed single late bytes. Pure; one thread.
#pragma once

#include "base/programme_time.hpp"

#include <deque>
#include <optional>

namespace pult::packager::jobs {

class FeedTime {
 public:
  // The first packet behind a place in the recording: when the place's byte arrived, and the packet's DTS.
  void note(Nanoseconds arrived, Nanoseconds dts);
  // Arrival time, by its stamp; nothing before the first note.
  [[nodiscard]] std::optional<Nanoseconds> arrival_of(Nanoseconds stamp) const;

 private:
  struct Seen {
    Nanoseconds arrived, offset;
  };
  std::deque<Seen> seen_; // of the last 20 s
  Nanoseconds median_{};
};

} // namespace pult::packager::jobs
