// The description is held against the table that answers.
#include "control/openapi.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <fmt/format.h>
#include <gmock/gmock.h>

namespace pult::control {
namespace {

namespace json = boost::json;

std::string method_of(const CallDescription& call) {
  return call.method == http::Verb::get ? "get" : "post";
}

TEST(OpenApi, DescribesEveryCallAndNoOther) {
  const auto calls = Api::descriptions();
  const auto paths = openapi_of(calls).at("paths").get_object();
  std::size_t operations = 0;
  for (const auto& [path, methods] : paths)
    operations += methods.get_object().size();
  EXPECT_EQ(operations, calls.size());
  for (const auto& call : calls) {
    ASSERT_TRUE(paths.contains(call.path)) << call.path;
    const auto& operation = paths.at(call.path).at(method_of(call)).get_object();
    EXPECT_EQ(operation.at("summary").get_string(), call.what);
    EXPECT_EQ(operation.at("x-role").get_string(), name_of(call.role));
    EXPECT_EQ(operation.contains("requestBody"), call.method == http::Verb::post) << call.path;
  }
}

TEST(OpenApi, DescribesBodiesAsTheyAreChecked) {
  const auto paths = openapi_of(Api::descriptions()).at("paths");
  const auto schema_of = [&](const char* path) {
    return paths.at(path).at("post").at("requestBody").at("content").at("application/json").at("schema");
  };
  EXPECT_EQ(json::serialize(schema_of("/api/v1/slate").at("required")), R"(["kind"])");
  const auto schema = schema_of("/api/v1/lower-third");
  EXPECT_EQ(schema.at("properties").at("for_s").at("type").get_string(), "number");
  EXPECT_FALSE(schema.at("additionalProperties").get_bool());
}

TEST(OpenApi, NoCallIsThereTwiceAndEachIsDescribed) {
  std::vector<std::string> seen;
  for (const auto& call : Api::descriptions()) {
    seen.push_back(fmt::format("{} {}", method_of(call), call.path));
    EXPECT_FALSE(call.what.empty()) << call.path;
    for (const auto* members : {&call.query, &call.body})
      for (const auto& member : *members)
        EXPECT_FALSE(member.what.empty()) << call.path << ' ' << member.name;
  }
  std::sort(seen.begin(), seen.end());
  EXPECT_EQ(std::adjacent_find(seen.begin(), seen.end()), seen.end());
}

} // namespace
} // namespace pult::control
