// Completion of `pult` for bash: commands, verbs, and the room's own scenes and feeds, asked of the room. Pure.
#pragma once

#include "control/cli/command_words.hpp"

#include <string>

namespace pult::cli {

std::string completion_script(const CommandTree& tree);

} // namespace pult::cli
