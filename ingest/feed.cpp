#include "ingest/feed.hpp"

#include <fmt/format.h>

namespace pult::ingest {
namespace {

using std::chrono::seconds;
constexpr Nanoseconds kLately = seconds(10);
constexpr Nanoseconds kLatelyStep = seconds(1);
constexpr Nanoseconds kRefusalCounts = seconds(30);
constexpr Nanoseconds kAskedAgain = seconds(30);

} // namespace

Feed::Feed(asio::io_context& io, Params params, Tell tell, Nanoseconds now)
    : params_(std::move(params)), tell_(std::move(tell)), state_(now), monitor_(now),
      sender_(io, params_.decoder_socket, params_.name, ring_) {}

void Feed::on(const Connected& event, Nanoseconds now) {
  if (!event.replaced.empty()) ++takeovers_;
  ++connections_;
  new_stream(now);
  state_.connected();
  peer_ = event.peer;
  encrypted_ = event.encrypted;
  connection_ = event.connection;
  connected_at_ = now;
  dial_trouble_.clear();
  last_refusal_.reset();
  if (event.replaced.empty())
    tell("info", "feed-connected", fmt::format("{}: {} connected", params_.name, event.peer), {{"peer", event.peer}});
  else
    tell("warning", "feed-takeover", fmt::format("{}: {} took over from {}", params_.name, event.peer, event.replaced),
         {{"peer", event.peer}, {"replaced", event.replaced}});
}

void Feed::on(const Arrived& event) {
  const auto& chunk = event.chunk;
  const auto entry = reader_.push(
      *chunk.bytes, [&](const TsPacket& packet) { monitor_.packet(packet, reader_.tables(), chunk.arrival); });
  monitor_.bytes(chunk.bytes->size(), chunk.arrival);
  if (entry) monitor_.key_frame(chunk.arrival);
  ring_.push(chunk, entry);
  sender_.live(chunk, entry.has_value());
  announce(state_.data(chunk.arrival), chunk.arrival);
}

void Feed::on(const Disconnected& event, Nanoseconds now) {
  if (event.connection != connection_) return;
  link_ = event.last;
  state_.disconnected();
  tell("warning", "feed-disconnected", fmt::format("{}: {}: {}", params_.name, peer_, event.reason),
       {{"peer", peer_}, {"reason", event.reason}});
  peer_.clear();
  announce(state_.tick(now), now);
}

void Feed::on(const Measured& event) {
  if (event.connection == connection_) link_ = event.stats;
}

void Feed::on(const Refused& event, Nanoseconds now) {
  ++refused_;
  last_refusal_ = event;
  refused_at_ = now;
}

void Feed::on(const DialFailed& event) {
  if (dial_trouble_.empty()) tell("warning", "feed-dial", fmt::format("{}: {}", params_.name, event.reason));
  dial_trouble_ = event.reason;
}

void Feed::tick(Nanoseconds now) {
  announce(state_.tick(now), now);
  if (last_refusal_ && now - refused_at_ > kRefusalCounts) last_refusal_.reset();
  if (!lately_.empty() && now - lately_.back().at < kLatelyStep) return;
  lately_.push_back(counted(now));
  while (now - lately_.front().at > kLately)
    lately_.pop_front();
}

bool Feed::restart(Nanoseconds now) {
  const bool again = restarted_at_ && now - *restarted_at_ < kAskedAgain;
  restarted_at_ = now;
  if (connection_is_sound(facts(now)) && !again) {
    tell("info", "feed-restart",
         fmt::format("{}: restart: {} sends well and stays connected, the decoder starts anew; once more within 30 s "
                     "disconnects it, too",
                     params_.name, peer_));
    return false;
  }
  tell("info", "feed-restart",
       peer_.empty() ? fmt::format("{}: restart: nobody is connected; waiting at {}", params_.name, params_.where)
                     : fmt::format("{}: restart: {} is disconnected and has to connect anew", params_.name, peer_));
  return true;
}

FeedFacts Feed::facts(Nanoseconds now) const {
  FeedFacts f;
  f.name = params_.name;
  f.state = state_.state();
  f.since_wall = wall_now() - (now - state_.since());
  f.silent_for = state_.silent_for(now);
  f.where = params_.where;
  f.dial_trouble = dial_trouble_;
  f.peer = peer_;
  f.encrypted = encrypted_ && !peer_.empty();
  f.connection = connection_;
  f.connected_for = now - connected_at_;
  f.link = totals();
  if (!lately_.empty()) {
    const auto present = counted(now);
    f.dropped_lately = present.dropped - lately_.front().dropped;
    f.undecrypted_lately = present.undecrypted - lately_.front().undecrypted;
    f.continuity_lately = present.continuity - lately_.front().continuity;
  }
  f.ts = monitor_.health(reader_, now);
  f.takeovers = takeovers_;
  f.connections = connections_;
  f.refused = refused_;
  f.last_refusal = last_refusal_;
  f.decoder_connected = sender_.is_connected();
  f.decoder_dropped_bytes = sender_.dropped_bytes();
  return f;
}

void Feed::announce(const std::optional<FeedState::Change>& change, Nanoseconds now) {
  if (!change) return;
  using State = FeedState::State;
  const boost::json::object details{{"from", name(change->from)}, {"to", name(change->to)}};
  const auto silent = std::chrono::duration<double>(state_.silent_for(now)).count();
  if (change->to == State::kStale)
    return tell("warning", "feed-stale", fmt::format("{}: no data for {:.1f} s", params_.name, silent), details);
  if (change->to == State::kLost)
    return tell("error", "feed-lost", fmt::format("{}: lost, no data for {:.1f} s", params_.name, silent), details);
  const auto* what = change->from == State::kWaiting ? "live" : "back";
  tell("info", change->from == State::kWaiting ? "feed-live" : "feed-back", fmt::format("{}: {}", params_.name, what),
       details);
}

// Nothing of the old connection holds for the new one: tables, continuity, key frames, clock.
void Feed::new_stream(Nanoseconds now) {
  past_ = totals();
  past_continuity_ += monitor_.health(reader_, now).continuity_errors;
  link_ = {};
  reader_ = TsReader();
  monitor_ = TsMonitor(now);
  ring_.clear();
}

LinkStats Feed::totals() const {
  auto sum = link_;
  sum.packets += past_.packets;
  sum.lost += past_.lost;
  sum.retransmitted += past_.retransmitted;
  sum.dropped += past_.dropped;
  sum.undecrypted += past_.undecrypted;
  return sum;
}

Feed::Totals Feed::counted(Nanoseconds now) const {
  const auto sum = totals();
  return {now, sum.dropped, sum.undecrypted, past_continuity_ + monitor_.health(reader_, now).continuity_errors};
}

void Feed::tell(std::string_view level, std::string_view kind, std::string text, boost::json::object details) {
  details["feed"] = params_.name;
  tell_(level, kind, std::move(text), std::move(details));
}

} // namespace pult::ingest
