#include "control/cli/text_layout.hpp"

#include <algorithm>

namespace pult::cli {
namespace {

const char* code_of(Tint tint) {
  switch (tint) {
  case Tint::kGood:
    return "\x1b[32m";
  case Tint::kWarning:
    return "\x1b[33m";
  case Tint::kBad:
    return "\x1b[1;31m";
  case Tint::kQuiet:
    return "\x1b[2m";
  case Tint::kStrong:
    return "\x1b[1m";
  case Tint::kPlain:
    break;
  }
  return "";
}

std::vector<std::size_t> widths_of(const std::vector<std::vector<Cell>>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    if (widths.size() < row.size()) widths.resize(row.size());
    for (std::size_t i = 0; i + 1 < row.size(); ++i) // a row's last cell may be as long as it likes
      widths[i] = std::max(widths[i], columns_of(row[i].text));
  }
  return widths;
}

} // namespace

std::string tinted(std::string_view text, Tint tint, const Look& look) {
  if (!look.colour || tint == Tint::kPlain || text.empty()) return std::string(text);
  return code_of(tint) + std::string(text) + "\x1b[0m";
}

std::size_t columns_of(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

std::string padded(std::string text, std::size_t columns) {
  const auto has = columns_of(text);
  if (has < columns) text.append(columns - has, ' ');
  return text;
}

std::string table(const std::vector<std::vector<Cell>>& rows, std::string_view first, const Look& look) {
  const auto widths = widths_of(rows);
  std::string out;
  for (const auto& row : rows) {
    auto line = tinted(first, Tint::kQuiet, look);
    if (!out.empty()) line = std::string(columns_of(first), ' ');
    for (std::size_t i = 0; i < row.size(); ++i) {
      const bool last = i + 1 == row.size();
      line += tinted(last ? row[i].text : padded(row[i].text, widths[i]), row[i].tint, look);
      if (!last) line += "  ";
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + '\n';
  }
  return out;
}

} // namespace pult::cli
