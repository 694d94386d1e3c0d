#include "ingest/stream_id.hpp"

#include <algorithm>

namespace pult::ingest {
namespace {

constexpr std::string_view kStandard = "#!::";
constexpr std::size_t kMaxBytes = 512;
constexpr std::size_t kMaxShown = 64;

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool has_control_characters(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

Error malformed(std::string why) {
  return {Errc::kCorrupt, "stream id: " + std::move(why)};
}

Result<StreamId> parse_keys(std::string_view text) {
  StreamId id;
  while (!text.empty()) {
    const auto comma = text.find(',');
    const auto part = text.substr(0, comma);
    text = comma == std::string_view::npos ? std::string_view{} : text.substr(comma + 1);
    const auto equals = part.find('=');
    if (equals == std::string_view::npos) return malformed("a part without \"=\"");
    if (equals == 0) return malformed("a value without a key");
    id.keys.emplace_back(part.substr(0, equals), percent_decode(part.substr(equals + 1)));
    if (has_control_characters(id.keys.back().second)) return malformed("control characters");
  }
  if (id.keys.empty()) return malformed("nothing after \"#!::\"");
  return id;
}

} // namespace

const std::string* StreamId::value(std::string_view key) const {
  const auto found = std::find_if(keys.begin(), keys.end(), [key](const auto& pair) { return pair.first == key; });
  return found == keys.end() ? nullptr : &found->second;
}

Result<StreamId> parse_stream_id(std::string_view text) {
  if (text.size() > kMaxBytes) return malformed("longer than 512 bytes");
  if (has_control_characters(text)) return malformed("control characters");
  if (text.starts_with(kStandard)) return parse_keys(text.substr(kStandard.size()));
  const auto decoded = percent_decode(text);
  if (decoded.starts_with(kStandard)) return parse_keys(std::string_view(decoded).substr(kStandard.size()));
  // "#!:{…}" (nested) and whatever else begins like the standard is in a form that nobody sends.
  if (decoded.starts_with("#!")) return malformed("begins with \"#!\" but not with \"#!::\"");
  if (has_control_characters(decoded)) return malformed("control characters");
  return StreamId{decoded, {}};
}

std::string shown_stream_id(std::string_view text) {
  std::string shown(text.substr(0, kMaxShown));
  std::replace_if(
      shown.begin(), shown.end(), [](unsigned char c) { return c < 0x20 || c >= 0x7f; }, '?');
  return text.size() > kMaxShown ? shown + "..." : shown;
}

std::string percent_decode(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escape =
        text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 && hex_digit(text[i + 2]) >= 0;
    if (!escape) {
      decoded += text[i];
      continue;
    }
    decoded += static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
    i += 2;
  }
  return decoded;
}

} // namespace pult::ingest
