// The parts of HTTP that are only text: request targets, queries, ranges, dates. What comes in is a stranger's.
// Pure; any thread.
#pragma once

#include <cstddef>
#include <ctime>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace pult::http {

struct Target {
  std::string path;  // percent-decoded, begins with "/"
  std::string query; // as sent, without "?"
};

// Origin-form ("/a?b") or absolute-form ("http://host/a?b", RFC 9112 3.2.2). Nothing for what must be answered 400: a
// bad escape, NUL or another control character, a backslash, a ".." segment (all after decoding), any other form.
[[nodiscard]] std::optional<Target> parse_target(std::string_view target);

// Nothing for a bad escape.
[[nodiscard]] std::optional<std::string> percent_decode(std::string_view text);

// The decoded value of the first parameter of that name; nothing when it is missing or badly escaped.
[[nodiscard]] std::optional<std::string> query_value(std::string_view query, std::string_view name);

struct ByteRange {
  std::size_t first = 0;
  std::size_t length = 0;
  friend bool operator==(const ByteRange&, const ByteRange&) = default;
};
enum class RangeAnswer { kWhole, kPartial, kUnsatisfiable };

// Reads a Range header for a body of `size` bytes (RFC 9110 14.1.2). Other units and several ranges are ignored; what
// is no range of bytes is refused like one beyond the end (the RFC allows both, nginx does the same).
[[nodiscard]] RangeAnswer parse_range(std::string_view header, std::size_t size, ByteRange& range);

// Header fields as they are sent, each line with its end; without_field() leaves out the lines of one field.
[[nodiscard]] std::string header_lines(std::initializer_list<std::pair<std::string_view, std::string_view>> fields);
[[nodiscard]] std::string without_field(std::string_view lines, std::string_view field);

// IMF-fixdate: "Sun, 06 Nov 1994 08:49:37 GMT".
[[nodiscard]] std::string http_date(std::time_t when);

// True when a comma-separated header names the token, ignoring case and parameters with q=0 ("gzip;q=0" does not).
[[nodiscard]] bool names_token(std::string_view header, std::string_view token);

} // namespace pult::http
