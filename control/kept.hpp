// What pultd keeps in pult.db: the wanted state with its marks, the journal of events, the tokens. Plain values.
#pragma once

#include "base/clock.hpp"
#include "base/messages/wanted_state.hpp"

#include <boost/json/object.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace pult::control {

// What became of the wanted state and is told to people; workers do not need it.
struct Marks {
  std::int64_t taken = 0;     // the take that `on_air_since` belongs to
  Nanoseconds on_air_since{}; // wall time at which the scene showed; 0: not known
  Nanoseconds show_since{};   // wall time at which the show was opened or ended
  Nanoseconds slate_since{};
  std::int64_t lower_third = 0;    // the number that `lower_third_since` belongs to
  Nanoseconds lower_third_since{}; // wall time at which it showed
  // The talk that runs or ran last, and its marks: a killed pultd may have lost the way to the disk.
  std::string talk;
  Nanoseconds talk_in{}, talk_out{};
  // What the crew holds; a talk's opt-out may hold more.
  bool crew_hold_stream = false;
  bool crew_hold_archive = false;
};

struct KeptState {
  WantedState wanted;
  Marks marks;
};

boost::json::object to_json(const KeptState& state);
std::optional<KeptState> kept_state_from_json(std::string_view text);

struct Event {
  std::int64_t id = 0; // rises by one
  Nanoseconds at{};    // wall time
  std::string level;   // "info", "warning", "error"
  std::string program; // who says so
  std::string text;
  boost::json::object details;
};

struct TokenRecord {
  std::string name;
  std::string role; // "view", "graphics", "operate", "organise", "admin"
  std::string hash; // SHA-256 of the token, in hex
  Nanoseconds created{};
};

struct Kept {
  std::optional<KeptState> state; // nothing in a new database
  std::vector<Event> events;      // the last, oldest first
  std::vector<TokenRecord> tokens;
  std::vector<boost::json::object> talks, jobs;
};

} // namespace pult::control
