#include "control/changes.hpp"

#include "base/nearest.hpp"
#include "control/room_time.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace pult::control {
namespace {

WantedState next(const WantedState& now) {
  auto state = now;
  ++state.number;
  return state;
}

bool is_among(const std::string& name, const std::vector<std::string>& names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

Error no_such_scene(const std::string& name, const SceneNames& scenes) {
  return {Errc::kNotFound,
          fmt::format("no scene \"{}\"{} (scenes: {})", name, did_you_mean(name, scenes), fmt::join(scenes, ", "))};
}

Result<void> check_fade(std::chrono::milliseconds fade) {
  if (fade.count() >= 0 && fade <= kLongestFade) return {};
  return Error{Errc::kInvalidArgument,
               fmt::format("a fade lasts 0 to {} ms, not {}", kLongestFade.count(), fade.count())};
}

void put_on_air(WantedState& state, const std::string& scene, std::chrono::milliseconds fade) {
  state.on_air.before = state.on_air.name;
  state.on_air.name = scene;
  state.on_air.fade = fade;
  state.on_air.taken = state.number;
}

} // namespace

Result<WantedState> take(const WantedState& now, const SceneNames& scenes, const TakeOrder& order) {
  if (auto fine = check_fade(order.fade); !fine) return fine.error();
  const bool from_preview = order.scene.empty();
  const auto& scene = from_preview ? now.preview : order.scene;
  if (scene.empty())
    return Error{Errc::kRefused, fmt::format("nothing is in preview; name a scene: {}", fmt::join(scenes, ", "))};
  if (!is_among(scene, scenes)) return no_such_scene(scene, scenes);
  if (scene == now.on_air.name) return now;
  auto state = next(now);
  if (from_preview) state.preview = now.on_air.name;
  put_on_air(state, scene, order.fade);
  return state;
}

Result<WantedState> undo(const WantedState& now, const SceneNames& scenes, std::chrono::milliseconds fade) {
  if (auto fine = check_fade(fade); !fine) return fine.error();
  if (now.on_air.before.empty()) return Error{Errc::kRefused, "nothing to undo: no other scene was on air before"};
  if (!is_among(now.on_air.before, scenes)) return no_such_scene(now.on_air.before, scenes);
  auto state = next(now);
  put_on_air(state, now.on_air.before, fade);
  return state;
}

Result<WantedState> preview(const WantedState& now, const SceneNames& scenes, const std::string& scene) {
  if (!scene.empty() && !is_among(scene, scenes)) return no_such_scene(scene, scenes);
  if (scene == now.preview) return now;
  auto state = next(now);
  state.preview = scene;
  return state;
}

const std::vector<std::string>& slate_kinds() {
  static const std::vector<std::string> kinds{"start", "pause", "fault", "end", "off"};
  return kinds;
}

Result<WantedState> slate(const WantedState& now, const std::string& kind, const std::string& until) {
  if (!is_among(kind, slate_kinds()))
    return Error{Errc::kNotFound, fmt::format("no slate \"{}\"{} (slates: {})", kind, did_you_mean(kind, slate_kinds()),
                                              fmt::join(slate_kinds(), ", "))};
  if (!until.empty() && !is_clock_time(until))
    return Error{Errc::kInvalidArgument, fmt::format("\"until\" is a time like 14:30, not \"{}\"", until)};
  if (kind == "off" && !until.empty())
    return Error{Errc::kInvalidArgument, "\"until\" goes with a slate that is shown, not with off"};
  const WantedState::Slate wanted{kind == "off" ? "" : kind, until};
  if (wanted.kind == now.slate.kind && wanted.until == now.slate.until) return now;
  auto state = next(now);
  state.slate = wanted;
  return state;
}

bool is_clock_time(std::string_view text) {
  const auto digit = [&](std::size_t i) { return text[i] >= '0' && text[i] <= '9'; };
  if (text.size() != 5 || text[2] != ':' || !digit(0) || !digit(1) || !digit(3) || !digit(4)) return false;
  return text.substr(0, 2) < "24" && text.substr(3) < "60";
}

bool slate_is_over(const WantedState::Slate& slate, Nanoseconds since, Nanoseconds now) {
  return !slate.kind.empty() && is_clock_time(slate.until) && now >= next_clock_time(slate.until, since);
}

Result<WantedState> show_start(const WantedState& now, const std::string& new_id) {
  if (now.show.state == WantedState::ShowState::kLive)
    return Error{Errc::kRefused, fmt::format("show {} is on air already", now.show.id)};
  auto state = next(now);
  state.show = {WantedState::ShowState::kLive, new_id};
  return state;
}

Result<WantedState> show_end(const WantedState& now) {
  if (now.show.state != WantedState::ShowState::kLive)
    return Error{Errc::kRefused, "no show is on air; `pult show start` opens one"};
  auto state = next(now);
  state.show.state = WantedState::ShowState::kOver;
  return state;
}

} // namespace pult::control
