#include "ingest/feed_state.hpp"

namespace pult::ingest {

std::optional<FeedState::Change> FeedState::data(Nanoseconds now) {
  last_data_ = now;
  return become(State::kLive, now);
}

std::optional<FeedState::Change> FeedState::tick(Nanoseconds now) {
  if (state_ == State::kWaiting) return std::nullopt;
  const auto silent = silent_for(now);
  if (silent < kStaleAfter) return std::nullopt;
  return become(connected_ && silent < kLostAfter ? State::kStale : State::kLost, now);
}

std::optional<FeedState::Change> FeedState::become(State next, Nanoseconds now) {
  // A silent sender that connects to a lost feed does not make it better: only data does.
  if (next == state_ || (state_ == State::kLost && next == State::kStale)) return std::nullopt;
  const Change change{state_, next};
  state_ = next;
  since_ = now;
  return change;
}

std::string_view name(FeedState::State state) {
  switch (state) {
  case FeedState::State::kWaiting:
    return "waiting";
  case FeedState::State::kLive:
    return "live";
  case FeedState::State::kStale:
    return "stale";
  case FeedState::State::kLost:
    return "lost";
  }
  return "";
}

} // namespace pult::ingest
