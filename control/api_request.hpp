// Reads what an API call brings: members of a JSON body, parameters of a query. Strict: what is unknown or of a wrong
// type is an error with the nearest right name. Pure; any thread.
#pragma once

#include "base/result.hpp"

#include <boost/json/object.hpp>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace pult::control {

class Body {
 public:
  // An empty body is an empty object.
  static Result<Body> parse(std::string_view text);

  std::string text(std::string_view key);
  std::int64_t integer(std::string_view key, std::int64_t fallback);
  // The first thing that was wrong; call it when all members were asked for.
  Result<void> finish();

 private:
  explicit Body(boost::json::object object) : object_(std::move(object)) {}
  const boost::json::value* find(std::string_view key);
  void wrong(std::string_view key, std::string_view wanted);

  boost::json::object object_;
  std::vector<std::string> known_;
  std::string fault_;
};

// "after=12&limit=50": whole numbers only, which is all that our queries know.
Result<std::map<std::string, std::int64_t>> parse_query(std::string_view query, const std::vector<std::string>& known);

} // namespace pult::control
