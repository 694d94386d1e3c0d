// What each command makes of the wanted state: a function of the state before and the order, nothing else.
//
// A change that changes something carries the next number; an order for what is so already gives the same state back
// (a crew that presses twice gets what it wants twice). Refusals name the nearest right scene. What is preview and what
// is on air change places when a take names no scene, as on every vision mixer. Pure; any thread.
#pragma once

#include "base/messages/wanted_state.hpp"
#include "base/result.hpp"

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace pult::control {

using SceneNames = std::vector<std::string>;

// Longer fades look like a fault to viewers.
inline constexpr std::chrono::milliseconds kLongestFade{5000};

struct TakeOrder {
  std::string scene; // empty: what is in preview
  std::chrono::milliseconds fade{0};
};

Result<WantedState> take(const WantedState& now, const SceneNames& scenes, const TakeOrder& order);
// Back to the scene that was on air before; a second undo takes the first one back.
Result<WantedState> undo(const WantedState& now, const SceneNames& scenes, std::chrono::milliseconds fade);
// Empty: nothing in preview.
Result<WantedState> preview(const WantedState& now, const SceneNames& scenes, const std::string& scene);

// `kind`: "start", "pause", "fault", "end", or "off". `until`: "HH:MM" or "".
Result<WantedState> slate(const WantedState& now, const std::string& kind, const std::string& until);
const std::vector<std::string>& slate_kinds();
bool is_clock_time(std::string_view text); // "14:30"
// A slate that was put on at `since` has come to its "until" (wall times, in the room's zone). One without an end
// never.
bool slate_is_over(const WantedState::Slate& slate, Nanoseconds since, Nanoseconds now);

Result<WantedState> show_start(const WantedState& now, const std::string& new_id);
Result<WantedState> show_end(const WantedState& now);

} // namespace pult::control
