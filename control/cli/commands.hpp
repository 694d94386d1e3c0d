// The whole of `pult`: reads the command line, then acts. One thread.
#pragma once

#include <string>
#include <vector>

namespace pult::cli {

// `words` are argv without the program's name. Returns the exit code.
int run(std::vector<std::string> words);

} // namespace pult::cli
