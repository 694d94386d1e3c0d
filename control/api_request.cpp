#include "control/api_request.hpp"

#include "base/nearest.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>
#include <fmt/format.h>

namespace pult::control {

namespace json = boost::json;

Result<Body> Body::parse(std::string_view text) {
  if (text.empty()) return Body(json::object{});
  json::error_code failed;
  auto value = json::parse(text, failed);
  if (failed) return Error{Errc::kInvalidArgument, "the body is no JSON: " + failed.message()};
  if (!value.is_object()) return Error{Errc::kInvalidArgument, "the body must be a JSON object"};
  return Body(std::move(value.get_object()));
}

const json::value* Body::find(std::string_view key) {
  known_.emplace_back(key);
  const auto* value = object_.if_contains(key);
  return value == nullptr || value->is_null() ? nullptr : value;
}

void Body::wrong(std::string_view key, std::string_view wanted) {
  if (fault_.empty()) fault_ = fmt::format("\"{}\" must be {}", key, wanted);
}

std::string Body::text(std::string_view key) {
  const auto* value = find(key);
  if (value == nullptr) return {};
  if (value->is_string()) return std::string(value->get_string());
  wrong(key, "a text");
  return {};
}

std::int64_t Body::integer(std::string_view key, std::int64_t fallback) {
  const auto* value = find(key);
  if (value == nullptr) return fallback;
  if (value->is_int64()) return value->get_int64();
  wrong(key, "a whole number");
  return fallback;
}

Result<void> Body::finish() {
  for (const auto& [key, value] : object_)
    if (fault_.empty() && std::find(known_.begin(), known_.end(), key) == known_.end())
      fault_ = fmt::format("unknown member \"{}\"{}", std::string_view(key), did_you_mean(key, known_));
  if (fault_.empty()) return {};
  return Error{Errc::kInvalidArgument, fault_};
}

Result<std::map<std::string, std::int64_t>> parse_query(std::string_view query, const std::vector<std::string>& known) {
  std::map<std::string, std::int64_t> values;
  while (!query.empty()) {
    const auto pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), pair.size() + 1));
    const auto name = std::string(pair.substr(0, pair.find('=')));
    if (std::find(known.begin(), known.end(), name) == known.end())
      return Error{Errc::kInvalidArgument, fmt::format("unknown parameter \"{}\"{}", name, did_you_mean(name, known))};
    const auto digits = pair.substr(std::min(pair.size(), name.size() + 1));
    const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), values[name]);
    if (failed != std::errc{} || end != digits.data() + digits.size())
      return Error{Errc::kInvalidArgument, fmt::format("\"{}\" must be a whole number", name)};
  }
  return values;
}

} // namespace pult::control
