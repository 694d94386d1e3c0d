// What the crew reads about a feed: numbers as JSON, and one sentence that says what is wrong and what to do.
//
// The verdict names the first thing that is wrong on the way from the encoder's cable to the decoder: nobody sends,
// refused, silent, no transport stream, damaged, no tables, no picture, no key frames, the decoder away. Pure; one
// thread.
#pragma once

#include "base/clock.hpp"
#include "ingest/feed_state.hpp"
#include "ingest/poller_events.hpp"
#include "ingest/ts_monitor.hpp"

#include <boost/json/object.hpp>
#include <cstdint>
#include <optional>
#include <string>

namespace pult::ingest {

// All that is known of a feed at one moment.
struct FeedFacts {
  std::string name;
  FeedState::State state = FeedState::State::kWaiting;
  Nanoseconds since_wall{}; // when the state began, UTC
  Nanoseconds silent_for{};
  std::string where;        // to send to or dialled: "port 9000", "srt://10.0.0.5:7001"
  std::string port_trouble; // why the port is not listening; empty when it is
  std::string dial_trouble; // why the last dialling failed; empty when it did not
  std::string peer;         // empty: nobody is connected
  bool encrypted = false;
  std::uint32_t connection = 0;
  Nanoseconds connected_for{};
  LinkStats link;                       // totals over all connections; rtt, buffer, latency of the present one
  std::uint64_t dropped_lately = 0;     // in the last 10 s
  std::uint64_t undecrypted_lately = 0; // in the last 10 s
  std::uint64_t continuity_lately = 0;  // in the last 10 s
  TsHealth ts;
  std::uint64_t takeovers = 0, connections = 0, refused = 0;
  std::optional<Refused> last_refusal; // in the last 30 s
  bool decoder_connected = false;
  std::uint64_t decoder_dropped_bytes = 0;
};

std::string verdict(const FeedFacts& facts);
// A whole transport stream comes in over it: what is wrong, if anything, is not healed by a new connection.
[[nodiscard]] bool connection_is_sound(const FeedFacts& facts);
boost::json::object to_json(const FeedFacts& facts);
// 2026-11-23T10:32:15Z
std::string utc_text(Nanoseconds wall);

} // namespace pult::ingest
