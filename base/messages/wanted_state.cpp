#include "base/messages/wanted_state.hpp"

#include <boost/json.hpp>
#include <cmath>

namespace pult {
namespace {

namespace json = boost::json;

std::string text_at(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::int64_t number_at(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value != nullptr && value->is_int64() ? value->get_int64() : 0;
}

double real_at(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  if (value == nullptr || !value->is_number()) return 0;
  const auto real = value->to_number<double>();
  return std::isfinite(real) ? real : 0;
}

bool flag_at(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value != nullptr && value->is_bool() && value->get_bool();
}

json::object object_at(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value != nullptr && value->is_object() ? value->get_object() : json::object{};
}

json::object feeds_to_json(const WantedState& state) {
  json::object feeds;
  for (const auto& [name, setting] : state.feeds) {
    json::object one{{"gain_db", setting.gain_db}, {"muted", setting.muted}};
    if (setting.delay) one["delay_ms"] = setting.delay->count();
    feeds[name] = std::move(one);
  }
  return feeds;
}

std::map<std::string, WantedState::FeedSetting> feeds_from_json(const json::object& object) {
  std::map<std::string, WantedState::FeedSetting> feeds;
  for (const auto& [name, value] : object) {
    if (!value.is_object()) continue;
    const auto& one = value.get_object();
    auto& setting = feeds[name];
    setting.gain_db = real_at(one, "gain_db");
    setting.muted = flag_at(one, "muted");
    if (one.contains("delay_ms")) setting.delay = std::chrono::milliseconds(number_at(one, "delay_ms"));
  }
  return feeds;
}

WantedState::ShowState show_state(std::string_view name) {
  if (name == "live") return WantedState::ShowState::kLive;
  if (name == "over") return WantedState::ShowState::kOver;
  return WantedState::ShowState::kRehearsal;
}

} // namespace

const char* name_of(WantedState::ShowState state) {
  switch (state) {
  case WantedState::ShowState::kRehearsal:
    return "rehearsal";
  case WantedState::ShowState::kLive:
    return "live";
  case WantedState::ShowState::kOver:
    return "over";
  }
  return "rehearsal";
}

json::object to_json(const WantedState& state) {
  return {{"epoch", state.epoch},
          {"number", state.number},
          {"show", {{"state", name_of(state.show.state)}, {"id", state.show.id}}},
          {"on_air",
           {{"scene", state.on_air.name},
            {"fade_ms", state.on_air.fade.count()},
            {"taken", state.on_air.taken},
            {"before", state.on_air.before}}},
          {"preview", state.preview},
          {"slate", {{"kind", state.slate.kind}, {"until", state.slate.until}}},
          {"hold", {{"stream", state.hold.stream}, {"archive", state.hold.archive}, {"why", state.hold.why}}},
          {"talk",
           {{"id", state.talk.id},
            {"title", state.talk.title},
            {"speakers", state.talk.speakers},
            {"record", state.talk.record}}},
          {"lower_third",
           {{"name", state.lower_third.name},
            {"function", state.lower_third.function},
            {"template", state.lower_third.template_name},
            {"shown", state.lower_third.shown},
            {"until", state.lower_third.until}}},
          {"feeds", feeds_to_json(state)}};
}

Result<WantedState> wanted_state_from_json(std::string_view text) {
  json::error_code failed;
  const auto parsed = json::parse(text, failed);
  if (failed || !parsed.is_object()) return Error{Errc::kCorrupt, "wanted state: not a JSON object"};
  const auto& root = parsed.get_object();
  WantedState state;
  state.epoch = number_at(root, "epoch");
  state.number = number_at(root, "number");
  const auto show = object_at(root, "show");
  state.show = {show_state(text_at(show, "state")), text_at(show, "id")};
  const auto on_air = object_at(root, "on_air");
  state.on_air = {text_at(on_air, "scene"), std::chrono::milliseconds(number_at(on_air, "fade_ms")),
                  number_at(on_air, "taken"), text_at(on_air, "before")};
  state.preview = text_at(root, "preview");
  const auto slate = object_at(root, "slate");
  state.slate = {text_at(slate, "kind"), text_at(slate, "until")};
  const auto hold = object_at(root, "hold");
  state.hold = {flag_at(hold, "stream"), flag_at(hold, "archive"), text_at(hold, "why")};
  const auto talk = object_at(root, "talk");
  state.talk = {text_at(talk, "id"), text_at(talk, "title"), text_at(talk, "speakers"),
                !talk.contains("record") || flag_at(talk, "record")};
  const auto lower_third = object_at(root, "lower_third");
  state.lower_third = {text_at(lower_third, "name"), text_at(lower_third, "function"), text_at(lower_third, "template"),
                       number_at(lower_third, "shown"), number_at(lower_third, "until")};
  state.feeds = feeds_from_json(object_at(root, "feeds"));
  return state;
}

} // namespace pult
