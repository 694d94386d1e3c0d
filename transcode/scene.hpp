// What a scene shows now: which feed stands in which slot, and whose sound is heard.
//
// A slot whose feed is not shown takes the scene's first fallback that is, and that the scene does not show already;
// else it holds the "no signal" card. Sound "follow" is the sound of the feed in the first slot. Pure; any thread.
#pragma once

#include "transcode/geometry.hpp"

#include "base/config.hpp"

#include <optional>
#include <vector>

namespace pult::transcode {

using FeedNumber = std::size_t; // place in RoomConfig::feeds

struct Scene {
  std::string name;
  std::vector<Rect> slots;
  std::vector<FeedNumber> feeds; // of the slots, in order
  std::vector<FeedNumber> fallback;
  std::optional<FeedNumber> sound; // empty: follow
};

// All scenes of the room; a room without any has one: `full` on its first feed.
std::vector<Scene> scenes_of(const RoomConfig& config);

struct SceneSources {
  std::vector<std::optional<FeedNumber>> slots; // empty: the "no signal" card
  std::optional<FeedNumber> sound;              // empty: silence
  friend bool operator==(const SceneSources&, const SceneSources&) = default;
};
// `shown[f]`: feed f may be shown (feed_presence).
SceneSources sources_of(const Scene& scene, const std::vector<bool>& shown);

} // namespace pult::transcode
