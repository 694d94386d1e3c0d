// The tables [archive] and [schedule] of the room's config. Private to base/config.
#pragma once

#include "base/toml_table.hpp"

namespace pult {

// After [room]: names that are missing follow from the event and the room.
void read_archive(TomlTable& root, RoomConfig& config);
void read_schedule(TomlTable& root, RoomConfig& config);

// What files of an event are named after when nobody says: the initials of its words ("Ortenau Digital" → "od"), or the
// word when there is but one; [a-z0-9], 12 at most, "talk" when nothing is left.
[[nodiscard]] std::string acronym_of(std::string_view event);

} // namespace pult
