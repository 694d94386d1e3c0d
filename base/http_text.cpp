#include "base/http_text.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <fmt/format.h>
#include <limits>

namespace pult::http {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool same_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

// "http://host/a" → "/a"; an absolute form without a path has "/".
std::string_view without_authority(std::string_view target) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!same_ignoring_case(target.substr(0, scheme.size()), scheme)) continue;
    const auto slash = target.find_first_of("/?", scheme.size());
    if (slash == std::string_view::npos) return "/";
    return target[slash] == '/' ? target.substr(slash) : std::string_view{};
  }
  return target;
}

bool has_parent_segment(std::string_view path) {
  while (!path.empty()) {
    const auto slash = path.find('/');
    if (path.substr(0, slash) == "..") return true;
    if (slash == std::string_view::npos) break;
    path.remove_prefix(slash + 1);
  }
  return false;
}

bool allowed_in_path(unsigned char c) {
  return c >= 0x20 && c != 0x7f && c != '\\';
}

// More than we can count is as good as the most that we can.
std::optional<std::size_t> number(std::string_view text) {
  std::size_t value = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (end != text.data() + text.size() || failed == std::errc::invalid_argument) return std::nullopt;
  return failed == std::errc{} ? value : std::numeric_limits<std::size_t>::max();
}

RangeAnswer suffix_range(std::string_view digits, std::size_t size, ByteRange& range) {
  const auto length = number(digits);
  if (!length || *length == 0 || size == 0) return RangeAnswer::kUnsatisfiable;
  range.length = std::min(*length, size);
  range.first = size - range.length;
  return RangeAnswer::kPartial;
}

} // namespace

std::optional<std::string> percent_decode(std::string_view text) {
  if (text.find('%') == std::string_view::npos) return std::string(text);
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    const int high = i + 1 < text.size() ? hex_digit(text[i + 1]) : -1;
    const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
    if (high < 0 || low < 0) return std::nullopt;
    decoded += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return decoded;
}

std::optional<Target> parse_target(std::string_view target) {
  target = without_authority(target);
  if (target.empty() || target.front() != '/') return std::nullopt;
  const auto mark = target.find('?');
  auto path = percent_decode(target.substr(0, mark));
  if (!path || !std::all_of(path->begin(), path->end(), allowed_in_path) || has_parent_segment(*path))
    return std::nullopt;
  Target parsed{std::move(*path), {}};
  if (mark != std::string_view::npos) parsed.query = target.substr(mark + 1);
  return parsed;
}

std::optional<std::string> query_value(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const auto end = std::min(query.find('&'), query.size());
    const auto pair = query.substr(0, end);
    const auto equals = std::min(pair.find('='), pair.size());
    if (pair.substr(0, equals) == name)
      return percent_decode(equals < pair.size() ? pair.substr(equals + 1) : std::string_view{});
    query.remove_prefix(std::min(end + 1, query.size()));
  }
  return std::nullopt;
}

RangeAnswer parse_range(std::string_view header, std::size_t size, ByteRange& range) {
  constexpr std::string_view kUnit = "bytes=";
  if (!same_ignoring_case(header.substr(0, kUnit.size()), kUnit)) return RangeAnswer::kWhole;
  const auto spec = trimmed(header.substr(kUnit.size()));
  const auto dash = spec.find('-');
  if (spec.find(',') != std::string_view::npos) return RangeAnswer::kWhole;
  // What is no range may be ignored or refused (RFC 9110 14.2); refused, the asker learns of it.
  if (dash == std::string_view::npos) return RangeAnswer::kUnsatisfiable;
  if (dash == 0) return suffix_range(spec.substr(1), size, range);
  const auto first = number(spec.substr(0, dash));
  const auto last_text = spec.substr(dash + 1);
  const auto last = last_text.empty() ? std::optional(size) : number(last_text);
  if (!first || !last || (!last_text.empty() && *last < *first)) return RangeAnswer::kUnsatisfiable;
  if (*first >= size) return RangeAnswer::kUnsatisfiable;
  range.first = *first;
  range.length = std::min(*last, size - 1) - *first + 1;
  return RangeAnswer::kPartial;
}

std::string header_lines(std::initializer_list<std::pair<std::string_view, std::string_view>> fields) {
  std::string lines;
  for (const auto& [name, value] : fields)
    lines.append(name).append(": ").append(value).append("\r\n");
  return lines;
}

std::string without_field(std::string_view lines, std::string_view field) {
  std::string rest;
  while (!lines.empty()) {
    const auto line = lines.substr(0, std::min(lines.find('\n'), lines.size() - 1) + 1);
    if (!same_ignoring_case(line.substr(0, line.find(':')), field)) rest += line;
    lines.remove_prefix(line.size());
  }
  return rest;
}

std::string http_date(std::time_t when) {
  static constexpr std::array<const char*, 7> kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr std::array<const char*, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  std::tm utc{};
  ::gmtime_r(&when, &utc);
  return fmt::format("{}, {:02} {} {} {:02}:{:02}:{:02} GMT", kDays[static_cast<std::size_t>(utc.tm_wday)], utc.tm_mday,
                     kMonths[static_cast<std::size_t>(utc.tm_mon)], utc.tm_year + 1900, utc.tm_hour, utc.tm_min,
                     utc.tm_sec);
}

bool names_token(std::string_view header, std::string_view token) {
  while (!header.empty()) {
    const auto end = std::min(header.find(','), header.size());
    const auto item = header.substr(0, end);
    const auto parameters = std::min(item.find(';'), item.size());
    if (same_ignoring_case(trimmed(item.substr(0, parameters)), token)) {
      std::string rest(item.substr(parameters));
      std::erase_if(rest, [](char c) { return c == ' ' || c == '\t'; });
      return rest != ";q=0" && rest != ";q=0.0" && rest != ";q=0.00" && rest != ";q=0.000";
    }
    header.remove_prefix(std::min(end + 1, header.size()));
  }
  return false;
}

} // namespace pult::http
