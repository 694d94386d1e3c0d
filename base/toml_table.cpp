#include "base/toml_table.hpp"

#include "base/nearest.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <sstream>

namespace pult {
namespace {

std::string type_name(const toml::node& node) {
  std::ostringstream out;
  out << node.type();
  return out.str();
}

} // namespace

TomlTable::TomlTable(const toml::table* table, std::string name, std::vector<ConfigFault>& faults)
    : table_(table), name_(std::move(name)), faults_(faults) {}

std::string TomlTable::in() const {
  return name_.empty() ? "" : " in " + name_;
}

const toml::node* TomlTable::find(std::string_view key) {
  if (std::find(known_.begin(), known_.end(), key) == known_.end()) known_.emplace_back(key);
  return table_ == nullptr ? nullptr : table_->get(key);
}

void TomlTable::fault(std::string_view key, std::string message) {
  const toml::node* node = table_ == nullptr ? nullptr : table_->get(key);
  if (node == nullptr) node = table_;
  const auto where = node == nullptr ? toml::source_position{} : node->source().begin;
  faults_.push_back({where.line, where.column, std::move(message)});
}

void TomlTable::wrong_type(std::string_view key, const toml::node& node, std::string_view wanted) {
  fault(key, fmt::format("\"{}\"{} must be {}, not {}", key, in(), wanted, type_name(node)));
}

void TomlTable::text(std::string_view key, std::string& out) {
  const auto* node = find(key);
  if (node == nullptr) return;
  if (const auto* value = node->as_string())
    out = value->get();
  else
    wrong_type(key, *node, "a text in quotes");
}

void TomlTable::boolean(std::string_view key, bool& out) {
  const auto* node = find(key);
  if (node == nullptr) return;
  if (const auto* value = node->as_boolean())
    out = value->get();
  else
    wrong_type(key, *node, "true or false");
}

void TomlTable::integer(std::string_view key, int& out, std::int64_t lowest, std::int64_t highest) {
  const auto* node = find(key);
  if (node == nullptr) return;
  const auto* value = node->as_integer();
  if (value == nullptr) return wrong_type(key, *node, "a whole number");
  if (value->get() < lowest || value->get() > highest)
    return fault(key, fmt::format("\"{}\"{} must be from {} to {}, not {}", key, in(), lowest, highest, value->get()));
  out = static_cast<int>(value->get());
}

void TomlTable::texts(std::string_view key, std::vector<std::string>& out) {
  const auto* node = find(key);
  if (node == nullptr) return;
  const auto* array = node->as_array();
  if (array == nullptr) return wrong_type(key, *node, "a list of texts");
  for (const auto& item : *array) {
    if (const auto* value = item.as_string())
      out.push_back(value->get());
    else
      return wrong_type(key, item, "a list of texts");
  }
}

void TomlTable::required(std::string_view key) {
  if (find(key) == nullptr) fault(key, fmt::format("\"{}\" is missing{}", key, in()));
}

TomlTable TomlTable::table(std::string_view key) {
  const auto* node = find(key);
  const auto* found = node == nullptr ? nullptr : node->as_table();
  if (node != nullptr && found == nullptr) wrong_type(key, *node, fmt::format("a table, [{}]", key));
  return {found, fmt::format("[{}]", key), faults_};
}

void TomlTable::tables(std::string_view key, const std::function<void(TomlTable&)>& each) {
  const auto* node = find(key);
  if (node == nullptr) return;
  const auto* array = node->as_array();
  if (array == nullptr) return wrong_type(key, *node, fmt::format("tables, [[{}]]", key));
  for (const auto& item : *array) {
    TomlTable entry(item.as_table(), fmt::format("[[{}]]", key), faults_);
    if (!entry.present()) return wrong_type(key, item, fmt::format("tables, [[{}]]", key));
    each(entry);
    entry.finish();
  }
}

void TomlTable::finish() {
  if (table_ == nullptr) return;
  for (const auto& [key, node] : *table_) {
    const std::string name(key.str());
    if (std::find(known_.begin(), known_.end(), name) != known_.end()) continue;
    const auto where = key.source().begin;
    faults_.push_back(
        {where.line, where.column, fmt::format("unknown key \"{}\"{}{}", name, in(), did_you_mean(name, known_))});
  }
}

} // namespace pult
