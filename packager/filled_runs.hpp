// Which indices of a part are not live, as text: "120+8,140+1" (first index, how many). Pure; any thread.
#pragma once

#include "packager/published.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pult::packager {

[[nodiscard]] std::string text_of(const std::vector<FilledRun>& runs); // "" for none
[[nodiscard]] std::optional<std::vector<FilledRun>> filled_runs_of(std::string_view text);
// Adds indices behind the last ones; a run that goes on becomes longer.
void add_filled(std::vector<FilledRun>& runs, std::int64_t first, std::int64_t count);

} // namespace pult::packager
