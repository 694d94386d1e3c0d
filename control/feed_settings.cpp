#include "control/feed_settings.hpp"

#include "base/nearest.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace pult::control {
namespace {

Result<void> check(const FeedOrder& order) {
  if (!order.gain_db && !order.muted && !order.delay)
    return Error{Errc::kInvalidArgument, "nothing to set: \"gain_db\", \"muted\" or \"delay_ms\""};
  if (order.gain_db && !(*order.gain_db >= kLowestGain && *order.gain_db <= kHighestGain))
    return Error{Errc::kInvalidArgument,
                 fmt::format("a gain is from {} to +{} dB, not {}", kLowestGain, kHighestGain, *order.gain_db)};
  if (order.delay && (order.delay->count() < 0 || *order.delay > kLongestDelay))
    return Error{Errc::kInvalidArgument,
                 fmt::format("a delay is from 0 to {} ms, not {}", kLongestDelay.count(), order.delay->count())};
  return {};
}

} // namespace

Result<void> check_feed(const std::string& name, const FeedNames& feeds) {
  if (std::find(feeds.begin(), feeds.end(), name) != feeds.end()) return {};
  if (feeds.empty()) return Error{Errc::kNotFound, "this room has no feeds"};
  return Error{Errc::kNotFound,
               fmt::format("no feed \"{}\"{} (feeds: {})", name, did_you_mean(name, feeds), fmt::join(feeds, ", "))};
}

WantedState::FeedSetting setting_of(const WantedState& now, const std::string& feed) {
  const auto found = now.feeds.find(feed);
  return found == now.feeds.end() ? WantedState::FeedSetting{} : found->second;
}

Result<WantedState> set_feed(const WantedState& now, const FeedNames& feeds, const FeedOrder& order) {
  if (auto known = check_feed(order.feed, feeds); !known) return known.error();
  if (auto fine = check(order); !fine) return fine.error();
  auto setting = setting_of(now, order.feed);
  if (order.gain_db) setting.gain_db = *order.gain_db;
  if (order.muted) setting.muted = *order.muted;
  if (order.delay) setting.delay = *order.delay;
  if (setting == setting_of(now, order.feed)) return now;
  auto state = now;
  ++state.number;
  state.feeds[order.feed] = setting;
  if (setting == WantedState::FeedSetting{}) state.feeds.erase(order.feed);
  return state;
}

} // namespace pult::control
