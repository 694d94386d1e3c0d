// A line of text as people sent it, made fit to be drawn: what is no text is shown as a replacement or left out.
//
// Broken UTF-8 and characters that XML forbids become U+FFFD; control characters, tabs and line breaks become one
// space; explicit bidi controls are left out, lest a name turns itself around (Arabic and Hebrew need none). Pure; any
// thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace pult::transcode {

// Longer texts fit on no picture; they are cut, with an ellipsis.
inline constexpr std::size_t kMostCharacters = 400;

std::string plain_line(std::string_view text);

// Where a line may be cut without breaking what people see as one character: byte offsets, rising, the first is 0, the
// last the line's length. `line` is valid UTF-8.
std::vector<std::size_t> character_ends(const std::string& line);

// The line's first `characters`, and an ellipsis.
std::string shortened(const std::string& line, const std::vector<std::size_t>& ends, std::size_t characters);

} // namespace pult::transcode
