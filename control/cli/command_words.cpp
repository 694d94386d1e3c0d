#include "control/cli/command_words.hpp"

#include "base/nearest.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace pult::cli {
namespace {

using Words = std::vector<std::string>;

bool contains(const Words& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

Result<std::string> whole_word(const std::string& word, const Words& names, const std::string& what) {
  Words matches;
  std::copy_if(names.begin(), names.end(), std::back_inserter(matches),
               [&](const auto& name) { return name.starts_with(word); });
  // "fee" is feed, which all other matches begin with, too.
  const auto shortest = std::min_element(matches.begin(), matches.end());
  if (shortest != matches.end() &&
      std::all_of(matches.begin(), matches.end(), [&](const auto& match) { return match.starts_with(*shortest); }))
    return *shortest;
  if (matches.size() > 1)
    return Error{Errc::kInvalidArgument,
                 fmt::format("\"{}\" could be {}; write more of it", word, fmt::join(matches, " or "))};
  auto meant = did_you_mean(word, names);
  if (meant.empty()) meant = fmt::format(" (there is: {})", fmt::join(names, ", "));
  return Error{Errc::kInvalidArgument, fmt::format("{} \"{}\"{}", what, word, meant)};
}

Result<std::string> command_of(const std::string& word, const CommandTree& tree) {
  if (tree.verbs.contains(word)) return word;
  if (const auto alias = tree.aliases.find(word); alias != tree.aliases.end()) return alias->second;
  Words names;
  for (const auto& [name, verbs] : tree.verbs)
    names.push_back(name);
  return whole_word(word, names, "no command");
}

// The first word from `from` on that is neither an option nor an option's value.
std::size_t next_word(const Words& words, std::size_t from, const CommandTree& tree) {
  for (auto i = from; i < words.size(); ++i) {
    if (!words[i].starts_with('-')) return i;
    if (contains(tree.options_with_value, words[i])) ++i;
  }
  return words.size();
}

} // namespace

Result<Words> write_out(Words words, const CommandTree& tree) {
  auto at = next_word(words, 0, tree);
  if (at < words.size() && words[at] == "help") { // `pult help take` is what many try first
    words.erase(words.begin() + static_cast<std::ptrdiff_t>(at));
    words.emplace_back("--help");
    at = next_word(words, 0, tree);
  }
  if (at >= words.size()) return words;
  auto command = command_of(words[at], tree);
  if (!command) return command.error();
  words[at] = *command;
  const auto& verbs = tree.verbs.at(*command);
  const auto verb_at = next_word(words, at + 1, tree);
  if (verbs.empty() || verb_at >= words.size()) return words;
  if (contains(verbs, words[verb_at])) return words;
  auto verb = whole_word(words[verb_at], verbs, fmt::format("pult {} knows no", *command));
  if (!verb) return verb.error();
  words[verb_at] = *verb;
  return words;
}

} // namespace pult::cli
