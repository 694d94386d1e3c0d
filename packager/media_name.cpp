#include "packager/media_name.hpp"

#include <charconv>

namespace pult::packager {
namespace {

constexpr std::string_view kEnding = ".m4s";

template <typename T>
bool take_number(std::string_view& text, T& value) {
  if (text.empty()) return false;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  const auto length = static_cast<std::size_t>(end - text.data());
  const bool plain = failed == std::errc{} && text[0] != '-' && (text[0] != '0' || length == 1);
  if (plain) text.remove_prefix(length);
  return plain;
}

} // namespace

std::optional<MediaName> parse_media_name(std::string_view name) {
  MediaName media;
  if (!take_number(name, media.sequence)) return std::nullopt;
  if (name == kEnding) return media;
  if (!name.starts_with('.')) return std::nullopt;
  name.remove_prefix(1);
  int part = 0;
  if (!take_number(name, part) || name != kEnding) return std::nullopt;
  media.part = part;
  return media;
}

} // namespace pult::packager
