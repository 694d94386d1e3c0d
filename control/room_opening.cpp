#include "control/room_opening.hpp"

#include <algorithm>
#include <boost/json.hpp>

namespace pult::control {
namespace {

namespace json = boost::json;

// The newest content; a new pult.db goes on in a new epoch above all that is known.
WantedState newest(const Opening& known) {
  WantedState state = known.stored.value_or(WantedState{});
  for (const auto& applied : known.applied)
    if (applied.newer_than(state)) state = applied;
  if (known.stored) return state;
  ++state.epoch;
  state.number = 1;
  return state;
}

void mend_show(WantedState& state, const Opening& known) {
  using Show = WantedState::ShowState;
  const bool live = state.show.state == Show::kLive;
  if (known.promised && !live && !known.promised->ended && known.promised->id != state.show.id)
    state.show = {Show::kLive, known.promised->id};
  else if (known.promised && live && known.promised->ended && known.promised->id == state.show.id)
    state.show.state = Show::kOver;
  if (state.show.state != Show::kLive && known.autostart && known.clean_start)
    state.show = {Show::kLive, known.new_show_id};
}

void mend_scenes(WantedState& state, const SceneNames& scenes) {
  const auto known = [&](const std::string& name) {
    return std::find(scenes.begin(), scenes.end(), name) != scenes.end();
  };
  if (!known(state.on_air.name) && !scenes.empty()) state.on_air = {scenes.front(), {}, state.number + 1, ""};
  if (!known(state.on_air.before)) state.on_air.before.clear();
  if (!known(state.preview)) state.preview.clear();
}

std::string_view text_of(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value != nullptr && value->is_string() ? std::string_view(value->get_string()) : std::string_view();
}

} // namespace

WantedState opening_state(const Opening& known, const SceneNames& scenes) {
  const auto before = newest(known);
  auto state = before;
  mend_show(state, known);
  mend_scenes(state, scenes);
  if (json::serialize(to_json(state)) != json::serialize(to_json(before))) ++state.number;
  return state;
}

std::optional<PromisedShow> promised_show_from_json(std::string_view text) {
  json::error_code failed;
  const auto parsed = json::parse(text, failed);
  if (failed || !parsed.is_object()) return std::nullopt;
  const auto& root = parsed.get_object();
  PromisedShow show;
  show.id = text_of(root, "show");
  if (show.id.empty()) return std::nullopt;
  const auto* ended = root.if_contains("ended");
  show.ended = ended != nullptr && ended->is_bool() && ended->get_bool();
  return show;
}

std::string show_id(std::string_view local_date_time, std::uint32_t chance) {
  // Neither vowels nor letters that are mistaken for digits: ids are read out over intercoms.
  static constexpr std::string_view kLetters = "23456789bcdfghjkmnpqrstvwxz";
  std::string id(local_date_time);
  id += '-';
  for (int i = 0; i < 4; ++i, chance /= kLetters.size())
    id += kLetters[chance % kLetters.size()];
  return id;
}

} // namespace pult::control
