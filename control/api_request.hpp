// What an API call may bring, and what it brought: members of a JSON body, parameters of a query. Strict: what is
// unknown, missing or of a wrong type is an error with the nearest right name. The same descriptions make
// /api/v1/openapi.json, so that it cannot tell anything else. Pure; any thread.
#pragma once

#include "base/result.hpp"

#include <boost/json/object.hpp>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pult::control {

struct Member {
  enum class Kind { kText, kInteger, kNumber, kFlag };
  std::string name;
  Kind kind = Kind::kText;
  std::string what; // one line for people
  bool required = false;
};

class Body {
 public:
  // An empty body is an empty object; null is as if the member were missing.
  static Result<Body> parse(std::string_view text, const std::vector<Member>& members);

  [[nodiscard]] bool has(std::string_view key) const { return find(key) != nullptr; }
  [[nodiscard]] std::string text(std::string_view key) const; // "" when missing
  [[nodiscard]] std::int64_t integer(std::string_view key, std::int64_t fallback) const;
  [[nodiscard]] std::optional<double> number(std::string_view key) const;
  [[nodiscard]] std::optional<bool> flag(std::string_view key) const;

 private:
  explicit Body(boost::json::object object) : object_(std::move(object)) {}
  [[nodiscard]] const boost::json::value* find(std::string_view key) const;

  boost::json::object object_;
};

// "after=12&limit=50": whole numbers only, which is all that our queries know.
using Query = std::map<std::string, std::int64_t>;
Result<Query> parse_query(std::string_view query, const std::vector<Member>& known);

} // namespace pult::control
