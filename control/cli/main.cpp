// `pult`: the crew's command line.
#include "control/cli/commands.hpp"

#include <csignal>

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN); // `pult events --follow | head`: the stream says so
  return pult::cli::run({argv + 1, argv + argc});
}
