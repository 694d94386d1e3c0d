#include "transcode/feed_presence.hpp"

namespace pult::transcode {

void FeedPresence::tick(bool fresh) {
  ++now_;
  if (fresh) {
    if (!seen_ || now_ - last_fresh_ > pictures(kPause)) clean_since_ = now_;
    last_fresh_ = now_;
  }
  if (!seen_ && fresh) seen_ = shown_ = true;
  if (shown_ && now_ - last_fresh_ >= pictures(kHoldLast)) {
    shown_ = false;
    ++losses_;
  }
  const bool clean = now_ - clean_since_ >= pictures(kClean);
  const bool may_return = !returned_ || now_ - last_return_ >= pictures(kReturnPause);
  if (seen_ && !shown_ && fresh && clean && may_return) {
    shown_ = returned_ = true;
    last_return_ = now_;
  }
}

FeedPresence::State FeedPresence::state() const {
  if (!seen_) return State::kWaiting;
  if (!shown_) return State::kLost;
  return now_ - last_fresh_ > pictures(kPause) ? State::kHeld : State::kLive;
}

const char* name_of(FeedPresence::State state) {
  switch (state) {
  case FeedPresence::State::kWaiting:
    return "waiting";
  case FeedPresence::State::kLive:
    return "live";
  case FeedPresence::State::kHeld:
    return "held";
  case FeedPresence::State::kLost:
    return "lost";
  }
  return "lost";
}

} // namespace pult::transcode
