#include "transcode/plain_line.hpp"

#include <algorithm>
#include <pango/pango.h>
#include <utility>

namespace pult::transcode {
namespace {

constexpr gunichar kReplacement = 0xFFFD;
constexpr const char* kEllipsis = "…";

bool is_bidi_control(gunichar c) {
  return (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
}

bool is_space(gunichar c) {
  return c < 0x20 || (c >= 0x7F && c < 0xA0) || g_unichar_isspace(c) != FALSE;
}

void append(std::string& out, gunichar c) {
  char bytes[6];
  out.append(bytes, static_cast<std::size_t>(g_unichar_to_utf8(c, bytes)));
}

// The next character, or U+FFFD for a byte that begins none.
gunichar take(std::string_view& text) {
  const auto c = text.front() == '\0' ? 0 : g_utf8_get_char_validated(text.data(), static_cast<gssize>(text.size()));
  const bool broken = c == static_cast<gunichar>(-1) || c == static_cast<gunichar>(-2);
  text.remove_prefix(broken ? 1 : static_cast<std::size_t>(std::max(1, g_unichar_to_utf8(c, nullptr))));
  return broken || (c & 0xFFFE) == 0xFFFE ? kReplacement : c;
}

} // namespace

std::string plain_line(std::string_view text) {
  std::string line;
  bool space = false;
  for (std::size_t count = 0; !text.empty();) {
    const auto c = take(text);
    if (is_bidi_control(c)) continue;
    if (is_space(c)) {
      space = !line.empty();
      continue;
    }
    if (++count > kMostCharacters) return line + kEllipsis;
    if (std::exchange(space, false)) line += ' ';
    append(line, c);
  }
  return line;
}

std::vector<std::size_t> character_ends(const std::string& line) {
  const auto count = static_cast<std::size_t>(g_utf8_strlen(line.data(), static_cast<gssize>(line.size())));
  std::vector<PangoLogAttr> attributes(count + 1);
  pango_get_log_attrs(line.data(), static_cast<int>(line.size()), -1, pango_language_get_default(), attributes.data(),
                      static_cast<int>(attributes.size()));
  std::vector<std::size_t> ends;
  const char* at = line.c_str();
  for (const auto& attribute : attributes) {
    if (attribute.is_cursor_position != 0) ends.push_back(static_cast<std::size_t>(at - line.c_str()));
    if (*at != '\0') at = g_utf8_next_char(at);
  }
  return ends;
}

std::string shortened(const std::string& line, const std::vector<std::size_t>& ends, std::size_t characters) {
  auto cut = line.substr(0, ends[std::min(characters, ends.size() - 1)]);
  while (cut.ends_with(' '))
    cut.pop_back();
  return cut + kEllipsis;
}

} // namespace pult::transcode
