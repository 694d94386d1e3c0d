// Columns and colours for text on a terminal. Pure; any thread.
#pragma once

#include "control/cli/screens.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace pult::cli {

enum class Tint { kPlain, kGood, kWarning, kBad, kQuiet, kStrong };
std::string tinted(std::string_view text, Tint tint, const Look& look);

// Columns that a text takes: code points, not bytes ("Bühne" is five).
std::size_t columns_of(std::string_view text);
std::string padded(std::string text, std::size_t columns);

struct Cell {
  std::string text;
  Tint tint = Tint::kPlain;
};
// Rows with aligned columns; the last cell of a row is not padded. `first` stands before the first row, the same
// number of blanks before the others.
std::string table(const std::vector<std::vector<Cell>>& rows, std::string_view first, const Look& look);

} // namespace pult::cli
