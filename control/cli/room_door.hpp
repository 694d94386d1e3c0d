// Where the room is that a command is meant for: its run directory and its time zone, found from its config.
//
// A command needs nothing else of the config, and must get through while somebody edits it: a room that runs keeps its
// config. Only when nobody answers is a broken config the reason worth telling. Reads files; any thread.
#pragma once

#include "base/result.hpp"

#include <filesystem>
#include <string>

namespace pult::cli {

struct RoomDoor {
  std::filesystem::path config;
  std::filesystem::path run_dir;
  std::string timezone = "Europe/Berlin";
  std::string trouble; // the config does not parse; told when nobody answers
};

// `given` is --config; when empty $PULT_CONFIG, else /etc/pult/room.toml. Errc::kNotFound when there is no such file.
Result<RoomDoor> find_room(const std::string& given);

} // namespace pult::cli
