// Who sits at a feed, as the listener callback may know it without a lock; and who may take the seat.
//
// Policy of the feed: `takeover` (default) when the sender is silent on the network for 500 ms: an encoder that was
// killed and redials is let in at once, a second one beside a live one is refused as busy. `newest`: always, but a
// sender that has just taken over keeps the seat for 10 s, or two encoders that both redial would oust each other for
// ever. `first`: never while a connection stands (libsrt gives a dead one up after about 5 s).
// Written by the poller thread, read by the receive thread.
#pragma once

#include "base/clock.hpp"
#include "base/config.hpp"

#include <atomic>

namespace pult::ingest {

inline constexpr Nanoseconds kSilentSeat = std::chrono::milliseconds(500);
inline constexpr Nanoseconds kNewestKeeps = std::chrono::seconds(10);

struct Seat {
  std::atomic<bool> taken{false};
  std::atomic<bool> by_takeover{false};  // from a sender that was not silent
  std::atomic<std::int64_t> taken_at{0}; // monotonic ns
  std::atomic<std::int64_t> heard_at{0}; // the last time that packets came in from the network

  [[nodiscard]] bool silent(Nanoseconds now) const { return now - Nanoseconds(heard_at.load()) >= kSilentSeat; }
  [[nodiscard]] bool open_to(FeedConfig::Policy policy, Nanoseconds now) const {
    if (!taken) return true;
    if (policy == FeedConfig::Policy::kFirst) return false;
    if (silent(now)) return true;
    return policy == FeedConfig::Policy::kNewest && !(by_takeover && now - Nanoseconds(taken_at.load()) < kNewestKeeps);
  }
  void take(Nanoseconds now) {
    by_takeover = taken && !silent(now);
    taken_at = now.count();
    heard_at = now.count();
    taken = true;
  }
  void leave() { taken = false; }
};

} // namespace pult::ingest
