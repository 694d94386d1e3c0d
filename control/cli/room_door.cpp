#include "control/cli/room_door.hpp"

#include "base/run_dir.hpp"

#include <cstdlib>
#include <fmt/format.h>
#include <toml++/toml.h>

namespace pult::cli {
namespace {

std::filesystem::path config_path(const std::string& given) {
  if (!given.empty()) return given;
  if (const char* named = std::getenv("PULT_CONFIG"); named != nullptr && *named != 0) return named;
  return "/etc/pult/room.toml";
}

} // namespace

Result<RoomDoor> find_room(const std::string& given) {
  RoomDoor door;
  door.config = std::filesystem::absolute(config_path(given)).lexically_normal();
  std::error_code failed;
  if (!std::filesystem::is_regular_file(door.config, failed))
    return Error{Errc::kNotFound, fmt::format("no config at {}; name the room's with --config FILE or $PULT_CONFIG",
                                              door.config.string())};
  std::filesystem::path run_dir;
  try {
    const auto parsed = toml::parse_file(door.config.string());
    door.timezone = parsed["room"]["timezone"].value_or(door.timezone);
    if (const auto named = parsed["room"]["run_dir"].value<std::string>()) run_dir = door.config.parent_path() / *named;
  } catch (const toml::parse_error& wrong) {
    const auto where = wrong.source().begin;
    door.trouble =
        fmt::format("{}:{}:{}: {}", door.config.string(), where.line, where.column, std::string(wrong.description()));
  }
  door.run_dir = locate_run_dir(door.config, run_dir);
  return door;
}

} // namespace pult::cli
