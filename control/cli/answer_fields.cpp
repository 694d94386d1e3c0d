#include "control/cli/answer_fields.hpp"

#include <boost/json.hpp>

namespace pult::cli {

namespace json = boost::json;

const json::value* find(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value == nullptr || value->is_null() ? nullptr : value;
}

std::string text_at(const json::object& object, std::string_view key) {
  const auto* value = find(object, key);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

double number_at(const json::object& object, std::string_view key) {
  const auto* value = find(object, key);
  return value != nullptr && value->is_number() ? value->to_number<double>() : 0;
}

bool flag_at(const json::object& object, std::string_view key) {
  const auto* value = find(object, key);
  return value != nullptr && value->is_bool() && value->get_bool();
}

json::object object_at(const json::object& object, std::string_view key) {
  const auto* value = find(object, key);
  return value != nullptr && value->is_object() ? value->get_object() : json::object{};
}

Objects objects_at(const json::object& object, std::string_view key) {
  std::vector<const json::object*> list;
  if (const auto* value = find(object, key); value != nullptr && value->is_array())
    for (const auto& entry : value->get_array())
      if (entry.is_object()) list.push_back(&entry.get_object());
  return Objects(std::move(list));
}

std::string clock_of(const std::string& iso, std::size_t columns) {
  return iso.size() >= 11 + columns ? iso.substr(11, columns) : iso;
}

} // namespace pult::cli
