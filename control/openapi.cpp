#include "control/openapi.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <cctype>
#include <fmt/format.h>

namespace pult::control {
namespace {

namespace json = boost::json;

const char* type_of(Member::Kind kind) {
  switch (kind) {
  case Member::Kind::kText:
    return "string";
  case Member::Kind::kInteger:
    return "integer";
  case Member::Kind::kNumber:
    return "number";
  case Member::Kind::kFlag:
    return "boolean";
  }
  return "string";
}

json::object schema_of(const std::vector<Member>& members) {
  json::object properties;
  json::array required;
  for (const auto& member : members) {
    properties[member.name] = {{"type", type_of(member.kind)}, {"description", member.what}};
    if (member.required) required.emplace_back(member.name);
  }
  json::object schema{{"type", "object"}, {"properties", std::move(properties)}, {"additionalProperties", false}};
  if (!required.empty()) schema["required"] = std::move(required);
  return schema;
}

json::array parameters_of(const std::vector<Member>& members) {
  json::array parameters;
  for (const auto& member : members)
    parameters.push_back(json::object{{"name", member.name},
                                      {"in", "query"},
                                      {"description", member.what},
                                      {"required", member.required},
                                      {"schema", {{"type", type_of(member.kind)}}}});
  return parameters;
}

json::object responses() {
  const json::object refused{
      {"description", "refused: {\"error\": {\"code\", \"message\"}}"},
      {"content", {{"application/json", {{"schema", {{"$ref", "#/components/schemas/Refusal"}}}}}}}};
  return {{"200", {{"description", "done"}}}, {"default", refused}};
}

json::object operation_of(const CallDescription& call) {
  json::object operation{{"summary", call.what}, {"x-role", name_of(call.role)}, {"responses", responses()}};
  if (call.open) operation["security"] = json::array();
  if (!call.query.empty()) operation["parameters"] = parameters_of(call.query);
  if (call.method == http::Verb::post)
    operation["requestBody"] = {{"content", {{"application/json", {{"schema", schema_of(call.body)}}}}}};
  return operation;
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](unsigned char c) { return std::tolower(c); });
  return out;
}

json::object components() {
  const json::object error{{"type", "object"},
                           {"properties", {{"code", {{"type", "string"}}}, {"message", {{"type", "string"}}}}}};
  return {{"securitySchemes", {{"token", {{"type", "http"}, {"scheme", "bearer"}}}}},
          {"schemas", {{"Refusal", {{"type", "object"}, {"properties", {{"error", error}}}}}}}};
}

} // namespace

json::object openapi_of(const std::vector<CallDescription>& calls) {
  json::object paths;
  for (const auto& call : calls) {
    auto& path = paths[call.path];
    if (!path.is_object()) path = json::object();
    path.get_object()[lower(http::beast::http::to_string(call.method))] = operation_of(call);
  }
  return {{"openapi", "3.1.0"},
          {"info", {{"title", "Pult: the crew's API of one room"}, {"version", "1"}}},
          {"security", json::array{json::object{{"token", json::array()}}}},
          {"paths", std::move(paths)},
          {"components", components()}};
}

} // namespace pult::control
