#include "ingest/srt_url.hpp"

#include "ingest/stream_id.hpp"

#include <charconv>

namespace pult::ingest {
namespace {

constexpr std::string_view kScheme = "srt://";
constexpr int kLongestLatencyMs = 8000;

Error malformed(std::string why) {
  return {Errc::kInvalidArgument, "SRT address: " + std::move(why)};
}

std::optional<int> number(std::string_view text, int least, int most) {
  int value = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failed != std::errc{} || end != text.data() + text.size() || value < least || value > most) return std::nullopt;
  return value;
}

Result<void> take_pair(std::string_view pair, SrtUrl& url) {
  const auto equals = pair.find('=');
  const auto key = pair.substr(0, equals);
  const auto value = percent_decode(equals == std::string_view::npos ? std::string_view{} : pair.substr(equals + 1));
  if (key == "streamid") {
    url.stream_id = value;
  } else if (key == "passphrase") {
    url.passphrase = value;
  } else if (key == "latency") {
    const auto latency = number(value, 0, kLongestLatencyMs);
    if (!latency) return malformed("latency is in milliseconds, 8000 at most");
    url.latency = std::chrono::milliseconds(*latency);
  } else if (key != "mode") {
    return malformed("unknown key \"" + shown_stream_id(key) + "\"");
  } else if (value != "caller") {
    return malformed("mode must be caller");
  }
  return {};
}

} // namespace

Result<SrtUrl> parse_srt_url(std::string_view text) {
  if (!text.starts_with(kScheme)) return malformed("must begin with srt://");
  text.remove_prefix(kScheme.size());
  const auto question = text.find('?');
  const auto authority = text.substr(0, question);
  auto query = question == std::string_view::npos ? std::string_view{} : text.substr(question + 1);
  const auto colon = authority.rfind(':');
  if (colon == std::string_view::npos) return malformed("needs a port");
  SrtUrl url;
  url.host = authority.substr(0, colon);
  if (url.host.size() > 2 && url.host.front() == '[' && url.host.back() == ']')
    url.host = url.host.substr(1, url.host.size() - 2);
  if (url.host.empty()) return malformed("needs a host");
  const auto port = number(authority.substr(colon + 1), 1, 65535);
  if (!port) return malformed("needs a port from 1 to 65535");
  url.port = *port;
  while (!query.empty()) {
    const auto ampersand = query.find('&');
    if (auto taken = take_pair(query.substr(0, ampersand), url); !taken) return taken.error();
    query = ampersand == std::string_view::npos ? std::string_view{} : query.substr(ampersand + 1);
  }
  return url;
}

} // namespace pult::ingest
