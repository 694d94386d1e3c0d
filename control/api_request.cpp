#include "control/api_request.hpp"

#include "base/nearest.hpp"
#include "control/plain_text.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>
#include <fmt/format.h>

namespace pult::control {
namespace {

namespace json = boost::json;

constexpr std::size_t kLongestText = 4096; // bytes; two lines of 300 characters are the longest that anybody means

std::vector<std::string> names_of(const std::vector<Member>& members) {
  std::vector<std::string> names;
  for (const auto& member : members)
    names.push_back(member.name);
  return names;
}

const Member* find_member(const std::vector<Member>& members, std::string_view name) {
  const auto found =
      std::find_if(members.begin(), members.end(), [&](const auto& member) { return member.name == name; });
  return found == members.end() ? nullptr : &*found;
}

Error unknown(std::string_view what, std::string_view name, const std::vector<Member>& members) {
  return {Errc::kInvalidArgument, fmt::format("unknown {} \"{}\"{}", what, name.substr(0, 64),
                                              did_you_mean(name.substr(0, 64), names_of(members)))};
}

bool is_of(Member::Kind kind, const json::value& value) {
  switch (kind) {
  case Member::Kind::kText:
    return value.is_string();
  case Member::Kind::kInteger:
    return value.is_int64();
  case Member::Kind::kNumber:
    return value.is_number();
  case Member::Kind::kFlag:
    return value.is_bool();
  }
  return false;
}

const char* wanted(Member::Kind kind) {
  switch (kind) {
  case Member::Kind::kText:
    return "a text";
  case Member::Kind::kInteger:
    return "a whole number";
  case Member::Kind::kNumber:
    return "a number";
  case Member::Kind::kFlag:
    return "true or false";
  }
  return "";
}

Result<void> check(const json::object& object, const std::vector<Member>& members) {
  for (const auto& [key, value] : object) {
    const auto* member = find_member(members, key);
    if (member == nullptr) return unknown("member", key, members);
    if (!value.is_null() && !is_of(member->kind, value))
      return Error{Errc::kInvalidArgument, fmt::format("\"{}\" must be {}", member->name, wanted(member->kind))};
  }
  for (const auto& [key, value] : object)
    if (value.is_string() && value.get_string().size() > kLongestText)
      return Error{Errc::kInvalidArgument, fmt::format("\"{}\" is too long", std::string_view(key))};
  for (const auto& member : members)
    if (const auto* value = object.if_contains(member.name); member.required && (value == nullptr || value->is_null()))
      return Error{Errc::kInvalidArgument, fmt::format("\"{}\" is missing: {}", member.name, member.what)};
  return {};
}

} // namespace

Result<Body> Body::parse(std::string_view text, const std::vector<Member>& members) {
  json::value value = json::object{};
  json::error_code failed;
  if (!text.empty()) value = json::parse(text, failed);
  if (failed && !is_utf8(text)) return Error{Errc::kInvalidArgument, "the text is not valid UTF-8"};
  if (failed) return Error{Errc::kInvalidArgument, "the body is no JSON: " + failed.message()};
  if (!value.is_object()) return Error{Errc::kInvalidArgument, "the body must be a JSON object"};
  if (auto fine = check(value.get_object(), members); !fine) return fine.error();
  return Body(std::move(value.get_object()));
}

const json::value* Body::find(std::string_view key) const {
  const auto* value = object_.if_contains(key);
  return value == nullptr || value->is_null() ? nullptr : value;
}

std::string Body::text(std::string_view key) const {
  const auto* value = find(key);
  return value == nullptr ? std::string() : std::string(value->get_string());
}

std::int64_t Body::integer(std::string_view key, std::int64_t fallback) const {
  const auto* value = find(key);
  return value == nullptr ? fallback : value->get_int64();
}

std::optional<double> Body::number(std::string_view key) const {
  const auto* value = find(key);
  return value == nullptr ? std::nullopt : std::optional(value->to_number<double>());
}

std::optional<bool> Body::flag(std::string_view key) const {
  const auto* value = find(key);
  return value == nullptr ? std::nullopt : std::optional(value->get_bool());
}

Result<Query> parse_query(std::string_view query, const std::vector<Member>& known) {
  Query values;
  while (!query.empty()) {
    const auto pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), pair.size() + 1));
    const auto name = std::string(pair.substr(0, pair.find('=')));
    if (find_member(known, name) == nullptr) return unknown("parameter", name, known);
    const auto digits = pair.substr(std::min(pair.size(), name.size() + 1));
    const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), values[name]);
    if (failed != std::errc{} || end != digits.data() + digits.size())
      return Error{Errc::kInvalidArgument, fmt::format("\"{}\" must be a whole number", name)};
  }
  return values;
}

} // namespace pult::control
