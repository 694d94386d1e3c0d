// "Did you mean …?": the nearest right name to a misspelt one. Pure; any thread.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace pult {

// Levenshtein distance, case ignored.
std::size_t edit_distance(std::string_view a, std::string_view b);
// The nearest of `names`, when it is near enough to be meant (a third of its letters differ at most, or a prefix).
std::optional<std::string> nearest(std::string_view wrong, std::span<const std::string> names);
// "; did you mean \"x\"?" or "" when nothing is near.
std::string did_you_mean(std::string_view wrong, std::span<const std::string> names);

} // namespace pult
