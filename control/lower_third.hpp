// What an order for a lower third makes of the wanted state: a function of the state before and the order.
//
// Its texts are plain UTF-8, checked here and drawn as they are. An end is a picture index, so that the mixer takes it
// away by itself. The same text shown again comes in again, with a number of its own. Pure; any thread.
#pragma once

#include "base/messages/wanted_state.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace pult::control {

struct LowerThirdOrder {
  std::string name;     // 1 to kLongestLine characters
  std::string function; // may be empty
  std::string template_name;
  std::optional<std::chrono::milliseconds> showing_for; // until it is hidden, when missing
};

inline constexpr std::size_t kLongestLine = 300; // characters; the mixer fits them
inline constexpr std::chrono::milliseconds kShortestShowing{1000};
inline constexpr std::chrono::milliseconds kLongestShowing{3600 * 1000};

// `now` is the picture on air, `grid` the room's; `templates` are the names in the config.
Result<WantedState> show_lower_third(const WantedState& state, const LowerThirdOrder& order,
                                     const std::vector<std::string>& templates, const Grid& grid, PictureIndex now);
WantedState hide_lower_third(const WantedState& state);
// False when there is none, or when its end has come.
bool is_lower_third_on(const WantedState& state, PictureIndex now);

} // namespace pult::control
