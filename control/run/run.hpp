// `pult run CONFIG` and `pult check CONFIG`, as the CLI calls them. Each returns the exit code.
#pragma once

#include <filesystem>

namespace pult::control {

// Runs the room in the foreground until SIGTERM or SIGINT. One supervisor a room: a second one is refused.
int run_room(const std::filesystem::path& config_file);

// Says what is wrong before doors open: config faults, ports taken, run directory not in memory, disk space, programs
// that are missing. Exit 0 all good, 1 something is wrong, 78 the config is.
int check_room(const std::filesystem::path& config_file);

} // namespace pult::control
