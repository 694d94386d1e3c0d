// What the crew wants, as one whole: idempotent, numbered, the higher number wins.
//
// pultd alone makes these; workers get the whole on connect and at each change, apply first, persist behind, and report
// the number applied and the programme index at which it showed. What is wanted never says what happened: a show's
// first index or a slate's start is in the reports. JSON on the wire and on disk, so that it can be read in the field.
// Pure; any thread.
#pragma once

#include "base/programme_time.hpp"
#include "base/result.hpp"

#include <boost/json/object.hpp>
#include <chrono>
#include <optional>
#include <string>

namespace pult {

struct WantedState {
  std::int64_t epoch = 0;  // rises when pultd's store began anew
  std::int64_t number = 0; // rises with every change

  enum class ShowState { kRehearsal, kLive, kOver };
  struct Show {
    ShowState state = ShowState::kRehearsal;
    std::string id; // in all /live/ URLs of the show; empty before the first
  } show;

  struct Scene {
    std::string name;                  // of the config
    std::chrono::milliseconds fade{0}; // 0: cut
    std::int64_t taken = 0;            // the number of the change that put it on air
    std::string before;                // what was on air before it; `undo` goes there
  } on_air;
  std::string preview; // a scene, or ""

  // "" (off), "start", "pause", "fault" or "end": lies over the stream, not over the recording.
  struct Slate {
    std::string kind;
    std::string until; // "HH:MM" in the room's time zone, or ""
  } slate;

  [[nodiscard]] bool newer_than(const WantedState& other) const {
    return std::pair(epoch, number) > std::pair(other.epoch, other.number);
  }
};

const char* name_of(WantedState::ShowState state); // "rehearsal", "live", "over"

boost::json::object to_json(const WantedState& state);
// Unknown members are ignored (a newer pultd beside an older worker), missing ones keep their defaults.
Result<WantedState> wanted_state_from_json(std::string_view text);

} // namespace pult
