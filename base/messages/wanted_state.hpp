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
#include <map>
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

  // Consent was not given or is withdrawn: what may not be seen, what may not be kept. In force, whoever asked for it.
  struct Hold {
    bool stream = false;  // viewers see the pause slate
    bool archive = false; // nothing is written to data_dir; the window shrinks to 30 s, in the run directory
    std::string why;      // in plain words
    friend bool operator==(const Hold&, const Hold&) = default;
  } hold;

  // The talk that runs, as viewers are told of it; id empty: none.
  struct Talk {
    std::string id;
    std::string title;
    std::string speakers; // "Ada Beispiel, Jo Muster"
    bool record = true;   // false: opted out
    friend bool operator==(const Talk&, const Talk&) = default;
  } talk;

  // Plain text, UTF-8. It ends by itself: the mixer takes it away at `until`.
  struct LowerThird {
    std::string name; // empty: none
    std::string function;
    std::string template_name; // a lower third template of the config; empty: the first, or the built-in one
    std::int64_t shown = 0;    // the number of the change that showed it: the same text again comes in again
    PictureIndex until = 0;    // 0: until it is hidden
    friend bool operator==(const LowerThird&, const LowerThird&) = default;
  } lower_third;

  // What the crew set at a feed, by the feed's name; a feed that is not named is as the config has it.
  struct FeedSetting {
    double gain_db = 0; // -60 to +20
    bool muted = false;
    std::optional<std::chrono::milliseconds> delay; // instead of the config's
    friend bool operator==(const FeedSetting&, const FeedSetting&) = default;
  };
  std::map<std::string, FeedSetting> feeds;

  [[nodiscard]] bool newer_than(const WantedState& other) const {
    return std::pair(epoch, number) > std::pair(other.epoch, other.number);
  }
};

const char* name_of(WantedState::ShowState state); // "rehearsal", "live", "over"

boost::json::object to_json(const WantedState& state);
// Unknown members are ignored (a newer pultd beside an older worker), missing ones keep their defaults.
Result<WantedState> wanted_state_from_json(std::string_view text);

} // namespace pult
