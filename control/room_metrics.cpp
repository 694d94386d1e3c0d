#include "control/room_status.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>
#include <map>

namespace pult::control {
namespace {

namespace json = boost::json;

// Samples by metric, so that those of one name stand together, as the format wants it.
using Metrics = std::map<std::string, std::vector<std::string>>;

std::string metric_name(const std::string& path) {
  std::string name = "pult_";
  for (const char c : path) {
    const bool fine = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    name += fine ? c : '_';
  }
  return name;
}

std::string label_value(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\' || c == '"') out += '\\';
    out += c == '\n' ? ' ' : c;
  }
  return out;
}

void add(Metrics& metrics, const std::string& path, const std::string& labels, const std::string& value) {
  const auto name = metric_name(path);
  metrics[name].push_back(fmt::format("{}{{{}}} {}\n", name, labels, value));
}

void flatten(Metrics& metrics, const std::string& path, const std::string& labels, const json::value& value);

void flatten_list(Metrics& metrics, const std::string& path, const std::string& labels, const json::array& list) {
  for (const auto& entry : list) {
    if (!entry.is_object()) continue;
    const auto* name = entry.get_object().if_contains("name");
    if (name == nullptr || !name->is_string()) continue; // nothing would tell the samples apart
    const auto of = path.size() > 1 && path.back() == 's' ? path.substr(0, path.size() - 1) : path;
    flatten(metrics, of, fmt::format("{},{}=\"{}\"", labels, "name", label_value(name->get_string())), entry);
  }
}

void flatten(Metrics& metrics, const std::string& path, const std::string& labels, const json::value& value) {
  if (value.is_int64()) return add(metrics, path, labels, std::to_string(value.get_int64()));
  if (value.is_uint64()) return add(metrics, path, labels, std::to_string(value.get_uint64()));
  if (value.is_double()) return add(metrics, path, labels, fmt::format("{:.9g}", value.get_double()));
  if (value.is_bool()) return add(metrics, path, labels, value.get_bool() ? "1" : "0");
  if (value.is_array()) return flatten_list(metrics, path, labels, value.get_array());
  if (!value.is_object()) return;
  for (const auto& [key, inner] : value.get_object())
    flatten(metrics, path.empty() ? std::string(key) : path + "_" + std::string(key), labels, inner);
}

} // namespace

std::string room_metrics(const StatusInput& input, std::uint64_t events, std::uint64_t wrong_tokens) {
  Metrics metrics;
  for (const auto* view : input.workers) {
    const auto labels = fmt::format("program=\"{}\"", label_value(view->program));
    add(metrics, "up", labels, view->linked ? "1" : "0");
    add(metrics, "applied_number", labels, std::to_string(view->number));
    flatten(metrics, "", labels, view->report);
  }
  for (const auto& record : input.programs)
    add(metrics, "restarts_total", fmt::format("program=\"{}\"", label_value(record.name)),
        std::to_string(record.restarts));
  const std::string own = "program=\"pultd\"";
  add(metrics, "wanted_number", own, std::to_string(input.kept.wanted.number));
  add(metrics, "events_total", own, std::to_string(events));
  add(metrics, "wrong_tokens_total", own, std::to_string(wrong_tokens));
  add(metrics, "show_live", own, input.kept.wanted.show.state == WantedState::ShowState::kLive ? "1" : "0");
  std::string text;
  for (const auto& [name, samples] : metrics) {
    text += fmt::format("# TYPE {} {}\n", name, name.ends_with("_total") ? "counter" : "gauge");
    for (const auto& sample : samples)
      text += sample;
  }
  return text;
}

} // namespace pult::control
