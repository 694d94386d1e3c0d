// With which wanted state a pultd begins: as it was, whatever was killed before.
//
// What is known comes from three places: pult.db (may lack the last change: nothing waits for a disk), the states that
// the workers applied last (run directory; lost at a reboot), and the packager's show.json (says whether the show that
// viewers know was ended). The highest {epoch, number} wins; show.json speaks up where the others lost a show.
// `autostart` opens a show at a clean start only: never when pultd alone comes back. Pure; any thread.
#pragma once

#include "base/messages/wanted_state.hpp"
#include "control/changes.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pult::control {

// What the packager last promised to viewers.
struct PromisedShow {
  std::string id;
  bool ended = false;
};
// Nothing when the text is no show.json that we understand.
std::optional<PromisedShow> promised_show_from_json(std::string_view text);

struct Opening {
  std::optional<WantedState> stored;    // of pult.db
  std::vector<WantedState> applied;     // of the run directory
  std::optional<PromisedShow> promised; // of show.json
  bool clean_start = false;             // the room starts, not pultd alone
  bool autostart = false;
  std::string new_show_id;
};

WantedState opening_state(const Opening& known, const SceneNames& scenes);

// "20261123-0915-k3f9": local time and four letters of chance, so that a show's URLs are never another's.
std::string show_id(std::string_view local_date_time, std::uint32_t chance);

} // namespace pult::control
