// Reads one table of a TOML file strictly: what is missing keeps its default, what is wrong is a fault with its place.
//
// Each get names a key that is known; finish() reports every other key with the nearest right one. Private to
// base/config.
#pragma once

#include "base/config.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <toml++/toml.h>
#include <vector>

namespace pult {

class TomlTable {
 public:
  TomlTable(const toml::table* table, std::string name, std::vector<ConfigFault>& faults);

  [[nodiscard]] bool present() const { return table_ != nullptr; }
  void text(std::string_view key, std::string& out);
  void boolean(std::string_view key, bool& out);
  void integer(std::string_view key, int& out, std::int64_t lowest, std::int64_t highest);
  void texts(std::string_view key, std::vector<std::string>& out);
  void required(std::string_view key);

  template <typename Duration>
  void duration(std::string_view key, Duration& out, std::int64_t lowest, std::int64_t highest) {
    int count = static_cast<int>(out.count());
    integer(key, count, lowest, highest);
    out = Duration(count);
  }

  TomlTable table(std::string_view key);
  // [[key]]: calls `each` for every table of the array.
  void tables(std::string_view key, const std::function<void(TomlTable&)>& each);

  void fault(std::string_view key, std::string message); // at the key's value, or at the table when the key is missing
  void finish();                                         // unknown keys
  [[nodiscard]] std::string in() const;                  // " in [srt]" or ""

 private:
  const toml::node* find(std::string_view key);
  void wrong_type(std::string_view key, const toml::node& node, std::string_view wanted);

  const toml::table* table_;
  std::string name_;
  std::vector<ConfigFault>& faults_;
  std::vector<std::string> known_;
};

} // namespace pult
