// How a feed is, from what came when: waiting → live → stale → lost, and back to live.
//
// waiting: nothing was ever sent. live: data came within the last 700 ms. stale: a sender is connected but silent.
// lost: no sender and no data, or silent for 5 s. Our own rule, because libsrt notices a killed sender only after
// about 5.1 s. 700 ms is longer than any pause a healthy encoder makes and short enough that the programme's fallback
// shows within a second. Pure: time is handed in. One thread.
#pragma once

#include "base/clock.hpp"

#include <optional>
#include <string_view>

namespace pult::ingest {

inline constexpr Nanoseconds kStaleAfter = std::chrono::milliseconds(700);
inline constexpr Nanoseconds kLostAfter = std::chrono::seconds(5);

class FeedState {
 public:
  enum class State { kWaiting, kLive, kStale, kLost };
  struct Change {
    State from;
    State to;
  };

  explicit FeedState(Nanoseconds now) : since_(now) {}
  void connected() { connected_ = true; }
  void disconnected() { connected_ = false; }
  std::optional<Change> data(Nanoseconds now);
  std::optional<Change> tick(Nanoseconds now);

  [[nodiscard]] State state() const { return state_; }
  [[nodiscard]] bool is_connected() const { return connected_; }
  [[nodiscard]] Nanoseconds since() const { return since_; } // when the present state began
  [[nodiscard]] Nanoseconds silent_for(Nanoseconds now) const { return now - last_data_; }

 private:
  std::optional<Change> become(State next, Nanoseconds now);

  State state_ = State::kWaiting;
  bool connected_ = false;
  Nanoseconds since_;
  Nanoseconds last_data_{};
};

std::string_view name(FeedState::State state); // "waiting", "live", "stale", "lost"

} // namespace pult::ingest
