#include "control/kept.hpp"

#include <boost/json.hpp>

namespace pult::control {
namespace {

namespace json = boost::json;

std::int64_t number_of(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value != nullptr && value->is_int64() ? value->get_int64() : 0;
}

Marks marks_from(const json::object& object) {
  return {number_of(object, "taken"),
          Nanoseconds(number_of(object, "on_air_since")),
          Nanoseconds(number_of(object, "show_since")),
          Nanoseconds(number_of(object, "slate_since")),
          number_of(object, "lower_third"),
          Nanoseconds(number_of(object, "lower_third_since"))};
}

} // namespace

json::object to_json(const KeptState& state) {
  auto object = to_json(state.wanted);
  object["marks"] = {{"taken", state.marks.taken},
                     {"on_air_since", state.marks.on_air_since.count()},
                     {"show_since", state.marks.show_since.count()},
                     {"slate_since", state.marks.slate_since.count()},
                     {"lower_third", state.marks.lower_third},
                     {"lower_third_since", state.marks.lower_third_since.count()}};
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
