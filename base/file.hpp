// Whole small files: read at once, replaced atomically. For configuration and state, never for media. Any thread but io
// threads.
#pragma once

#include "base/result.hpp"

#include <filesystem>
#include <string>
#include <string_view>

namespace pult {

// The whole file; at most 16 MiB (a config or state file that is larger is not one).
Result<std::string> read_file(const std::filesystem::path& path);
// Creates or truncates; no fsync. `mode` applies to a new file.
Result<void> write_file(const std::filesystem::path& path, std::string_view text, unsigned mode = 0600);
// Readers see the old or the new text, never half: temporary name, optional fsync, rename.
Result<void> replace_file(const std::filesystem::path& path, std::string_view text, bool durable = false);

} // namespace pult
