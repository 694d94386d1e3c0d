// Unique prefixes of commands, written out: `pult sta` is `pult status`, `pult sh e` is `pult show end`.
//
// CLI11 2.1 knows whole names only. Words are looked up in a tree of names before it parses; a word that is no command
// is an error with the nearest right ones. Options keep their place. Pure; any thread.
#pragma once

#include "base/result.hpp"

#include <map>
#include <string>
#include <vector>

namespace pult::cli {

// A command and its verbs ("" as the only verb: what follows is not a verb). Aliases map to their full name.
struct CommandTree {
  std::map<std::string, std::vector<std::string>> verbs; // by command
  std::map<std::string, std::string> aliases;
  std::vector<std::string> options_with_value; // before the command: "--config"
};

// `words` are argv without the program's name. Errc::kInvalidArgument with what was meant.
Result<std::vector<std::string>> write_out(std::vector<std::string> words, const CommandTree& tree);

} // namespace pult::cli
