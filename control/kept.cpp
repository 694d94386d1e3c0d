#include "control/kept.hpp"

#include <boost/json.hpp>

namespace pult::control {
namespace {

namespace json = boost::json;

std::int64_t number_of(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value != nullptr && value->is_int64() ? value->get_int64() : 0;
}

std::string text_of(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

bool flag_of(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value != nullptr && value->is_bool() && value->get_bool();
}

Marks marks_from(const json::object& object) {
  return {number_of(object, "taken"),
          Nanoseconds(number_of(object, "on_air_since")),
          Nanoseconds(number_of(object, "show_since")),
          Nanoseconds(number_of(object, "slate_since")),
          number_of(object, "lower_third"),
          Nanoseconds(number_of(object, "lower_third_since")),
          text_of(object, "talk"),
          Nanoseconds(number_of(object, "talk_in")),
          Nanoseconds(number_of(object, "talk_out")),
          flag_of(object, "crew_hold_stream"),
          flag_of(object, "crew_hold_archive")};
}

} // namespace

json::object to_json(const KeptState& state) {
  auto object = to_json(state.wanted);
  object["marks"] = {{"taken", state.marks.taken},
                     {"on_air_since", state.marks.on_air_since.count()},
                     {"show_since", state.marks.show_since.count()},
                     {"slate_since", state.marks.slate_since.count()},
                     {"lower_third", state.marks.lower_third},
                     {"lower_third_since", state.marks.lower_third_since.count()},
                     {"talk", state.marks.talk},
                     {"talk_in", state.marks.talk_in.count()},
                     {"talk_out", state.marks.talk_out.count()},
                     {"crew_hold_stream", state.marks.crew_hold_stream},
                     {"crew_hold_archive", state.marks.crew_hold_archive}};
  return object;
}

std::optional<KeptState> kept_state_from_json(std::string_view text) {
  auto wanted = wanted_state_from_json(text);
  if (!wanted) return std::nullopt;
  KeptState state{std::move(*wanted), {}};
  const auto parsed = json::parse(text);
  if (const auto* marks = parsed.get_object().if_contains("marks"); marks != nullptr && marks->is_object())
    state.marks = marks_from(marks->get_object());
  return state;
}

} // namespace pult::control
