// The command line of pult-cam, read into a struct. No side effects but reading the passphrase's file. Start of the
// program.
#pragma once

#include "cam/loop_format.hpp"
#include "cam/srt_url.hpp"

#include <string>
#include <variant>

namespace pult::cam {

struct Options {
  SrtTarget target;
  std::string file; // empty: the generated picture
  LoopFormat loop;  // its name is the camera's name, also with a file
};

// What to print before ending, and the exit code: help and the like, or wrong usage with the nearest right one.
struct Ending {
  int exit_code;
  std::string text;
};

[[nodiscard]] std::variant<Options, Ending> read_options(int argc, const char* const* argv);

} // namespace pult::cam
