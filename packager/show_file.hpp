// `show.json`: what a show is (its tracks) and when it ended, beside what is kept of it. Blocking; any thread but io
// threads.
#pragma once

#include "base/result.hpp"
#include "packager/published.hpp"

#include <filesystem>
#include <optional>

namespace pult::packager {

struct KnownShow {
  Show show;                        // id and tracks; where it began is in the index beside it
  std::optional<Nanoseconds> ended; // wall time
};

// Into that folder, which is made when it is missing; readers see the old or the new one.
Result<void> write_show_file(const std::filesystem::path& folder, const Show& show, std::optional<Nanoseconds> ended);
Result<KnownShow> read_show_file(const std::filesystem::path& file);

} // namespace pult::packager
