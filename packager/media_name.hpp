// The names of segments ("12.m4s") and parts ("12.3.m4s") in URLs: numbers as the playlists write them and no others,
// so that each object has one URL. Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace pult::packager {

struct MediaName {
  std::int64_t sequence = 0;
  std::optional<int> part; // nothing: the whole segment
  friend bool operator==(const MediaName&, const MediaName&) = default;
};

[[nodiscard]] std::optional<MediaName> parse_media_name(std::string_view name);

} // namespace pult::packager
