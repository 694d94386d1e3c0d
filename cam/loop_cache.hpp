// Made loops on disk, so that a camera starts at once the second time: $XDG_CACHE_HOME/pult or ~/.cache/pult, one NUT
// file a format (any player opens it). A file is written under a temporary name and renamed: what stands under its name
// is whole. Nothing is ever removed here (about 20 MB a camera); deleting the folder at any time is safe. Start of the
// program only.
#pragma once

#include "cam/loop_maker.hpp"

#include <filesystem>

namespace pult::cam {

// Empty when neither $XDG_CACHE_HOME nor $HOME is set.
[[nodiscard]] std::filesystem::path cache_folder();
// The file's name says what it holds, and ends in a hash of everything that decides its bytes. Pure.
[[nodiscard]] std::string cache_file_name(const LoopFormat& format);

[[nodiscard]] Result<void> save_loop(const MediaLoop& loop, const std::filesystem::path& path);
[[nodiscard]] Result<MediaLoop> load_loop(const LoopFormat& format, const std::filesystem::path& path);

// From the cache, else made and put there. `problem` is told when the cache cannot be used; the loop is made all the
// same.
[[nodiscard]] Result<MediaLoop> cached_or_made_loop(const LoopFormat& format, const Progress& progress,
                                                    const std::function<void(const std::string&)>& problem);

// "<readable part of name>-<hash of all>.<suffix>". Pure.
[[nodiscard]] std::string cache_name(std::string_view name, std::string_view all, std::string_view suffix);
// `write` gets a temporary name beside `path`, which is renamed when it succeeds and removed when not.
[[nodiscard]] Result<void> put_in_cache(const std::filesystem::path& path,
                                        const std::function<Result<void>(const std::filesystem::path&)>& write);

} // namespace pult::cam
