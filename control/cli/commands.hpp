// The commands of `pult`: their names, options and examples, and what each does. Documented in docs/cli.md.
#pragma once

#include "control/cli/command_words.hpp"

#include <string>
#include <vector>

namespace pult::cli {

const CommandTree& command_tree();

// The whole of `pult`: `words` are argv without the program's name. Returns the exit code.
int run(std::vector<std::string> words);

} // namespace pult::cli
