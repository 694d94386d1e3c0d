#include "transcode/scene.hpp"

#include <algorithm>

namespace pult::transcode {
namespace {

std::optional<FeedNumber> number_of(const RoomConfig& config, std::string_view feed) {
  for (FeedNumber i = 0; i < config.feeds.size(); ++i)
    if (config.feeds[i].name == feed) return i;
  return std::nullopt;
}

std::vector<FeedNumber> numbers_of(const RoomConfig& config, const std::vector<std::string>& feeds) {
  std::vector<FeedNumber> numbers;
  for (const auto& feed : feeds)
    if (const auto number = number_of(config, feed)) numbers.push_back(*number);
  return numbers;
}

Scene scene_of(const RoomConfig& config, const SceneConfig& from) {
  Scene scene{from.name, slots_of(from.layout, config.programme), numbers_of(config, from.feeds),
              numbers_of(config, from.fallback), number_of(config, from.audio)};
  scene.slots.resize(std::min(scene.slots.size(), std::max<std::size_t>(1, scene.feeds.size())));
  return scene;
}

} // namespace

std::vector<Scene> scenes_of(const RoomConfig& config) {
  std::vector<Scene> scenes;
  for (const auto& scene : config.scenes)
    scenes.push_back(scene_of(config, scene));
  if (!scenes.empty()) return scenes;
  SceneConfig only;
  if (!config.feeds.empty()) only.feeds = {config.feeds.front().name};
  return {scene_of(config, only)};
}

SceneSources sources_of(const Scene& scene, const std::vector<bool>& shown) {
  SceneSources sources;
  sources.slots.resize(scene.slots.size());
  const auto is_taken = [&](FeedNumber feed) {
    return std::find(sources.slots.begin(), sources.slots.end(), feed) != sources.slots.end();
  };
  for (std::size_t i = 0; i < scene.slots.size() && i < scene.feeds.size(); ++i)
    if (shown[scene.feeds[i]]) sources.slots[i] = scene.feeds[i];
  for (auto& slot : sources.slots)
    for (const auto feed : scene.fallback)
      if (!slot && shown[feed] && !is_taken(feed)) slot = feed;
  sources.sound = scene.sound ? scene.sound : sources.slots.front();
  return sources;
}

} // namespace pult::transcode
