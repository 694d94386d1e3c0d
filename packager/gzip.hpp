// Whole buffers as gzip, for answers to clients that take it. Pure; any thread.
#pragma once

#include "base/bytes.hpp"

#include <string_view>

namespace pult::packager {

// Playlists are packed in the io thread: fast rather than small. Pages are packed once, at the start.
inline constexpr int kFastGzip = 1;
inline constexpr int kBestGzip = 9;

[[nodiscard]] Bytes gzip(std::string_view text, int level);

} // namespace pult::packager
