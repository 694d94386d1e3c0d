#include "control/plain_text.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace pult::control {
namespace {

// Bytes of the UTF-8 sequence at `text`, 0 when it is none (overlong forms and surrogates included).
std::size_t sequence_bytes(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  const std::size_t bytes = lead < 0x80 ? 1 : lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if ((lead >= 0x80 && lead < 0xc2) || lead > 0xf4 || text.size() < bytes) return 0;
  for (std::size_t i = 1; i < bytes; ++i)
    if ((static_cast<unsigned char>(text[i]) & 0xc0) != 0x80) return 0;
  const auto second = bytes > 1 ? static_cast<unsigned char>(text[1]) : 0x80;
  const bool overlong = (lead == 0xe0 && second < 0xa0) || (lead == 0xf0 && second < 0x90);
  const bool outside = (lead == 0xed && second >= 0xa0) || (lead == 0xf4 && second >= 0x90);
  return overlong || outside ? 0 : bytes;
}

// Bidirectional overrides (U+202A–202E, U+2066–2069) would turn a line of the log around.
bool turns_text_around(std::string_view sequence) {
  if (sequence.size() != 3 || sequence[0] != '\xe2') return false;
  const auto second = static_cast<unsigned char>(sequence[1]);
  const auto third = static_cast<unsigned char>(sequence[2]);
  return (second == 0x80 && third >= 0xaa && third <= 0xae) || (second == 0x81 && third >= 0xa6 && third <= 0xa9);
}

bool is_control(std::string_view sequence) {
  const auto lead = static_cast<unsigned char>(sequence[0]);
  if (sequence.size() == 1) return lead < 0x20 || lead == 0x7f;
  return sequence.size() == 2 && lead == 0xc2 && static_cast<unsigned char>(sequence[1]) < 0xa0; // U+0080 to U+009F
}

Result<std::size_t> count_characters(std::string_view what, std::string_view text) {
  std::size_t count = 0;
  for (; !text.empty(); ++count) {
    const auto bytes = sequence_bytes(text);
    if (bytes == 0) return Error{Errc::kInvalidArgument, fmt::format("{} is not valid UTF-8", what)};
    const auto sequence = text.substr(0, bytes);
    if (is_control(sequence))
      return Error{Errc::kInvalidArgument, fmt::format("{} has a control character at place {}", what, count + 1)};
    if (turns_text_around(sequence))
      return Error{Errc::kInvalidArgument,
                   fmt::format("{} has a character at place {} that turns the text around", what, count + 1)};
    text.remove_prefix(bytes);
  }
  return count;
}

} // namespace

std::string harmless(std::string_view text, std::size_t longest) {
  std::string out;
  while (!text.empty()) {
    const auto bytes = sequence_bytes(text);
    const auto sequence = text.substr(0, std::max<std::size_t>(bytes, 1));
    const auto lead = static_cast<unsigned char>(sequence[0]);
    const bool control = bytes == 1 && (lead < 0x20 || lead == 0x7f);
    if (out.size() + sequence.size() > longest) return out + "…";
    if (bytes == 0)
      out += '?';
    else if (control || turns_text_around(sequence))
      out += ' ';
    else
      out += sequence;
    text.remove_prefix(sequence.size());
  }
  return out;
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const auto bytes = sequence_bytes(text);
    if (bytes == 0) return false;
    text.remove_prefix(bytes);
  }
  return true;
}

Result<void> check_plain_text(std::string_view what, std::string_view text, std::size_t longest) {
  const auto characters = count_characters(what, text);
  if (!characters) return characters.error();
  if (*characters <= longest) return {};
  return Error{Errc::kInvalidArgument, fmt::format("{} has {} characters; {} at most", what, *characters, longest)};
}

} // namespace pult::control
