// What the crew sets at a feed while the room runs: gain, mute, delay. A function of the state before and the order.
//
// Refusals name the nearest right feed. A feed that is set back to what the config says leaves the state. Pure; any
// thread.
#pragma once

#include "base/messages/wanted_state.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace pult::control {

using FeedNames = std::vector<std::string>;

inline constexpr double kLowestGain = -60; // dB; below, mute is meant
inline constexpr double kHighestGain = 20;
inline constexpr std::chrono::milliseconds kLongestDelay{5000}; // as the config's delay_ms

struct FeedOrder {
  std::string feed;
  std::optional<double> gain_db;
  std::optional<bool> muted;
  std::optional<std::chrono::milliseconds> delay;
};

Result<WantedState> set_feed(const WantedState& now, const FeedNames& feeds, const FeedOrder& order);
Result<void> check_feed(const std::string& name, const FeedNames& feeds);
// As it is now, with the config's where nothing was set.
WantedState::FeedSetting setting_of(const WantedState& now, const std::string& feed);

} // namespace pult::control
