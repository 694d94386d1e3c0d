#include "cam/srt_url.hpp"

#include "base/nearest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

namespace pult::cam {
namespace {

constexpr std::string_view kScheme = "srt://";
constexpr size_t kLongestStreamId = 512;   // SRT draft 3.2.1.3
constexpr size_t kShortestPassphrase = 10; // SRT draft 6.1.4, as libsrt enforces it
constexpr size_t kLongestPassphrase = 79;
constexpr int kLongestLatencyMs = 60'000; // beyond this nobody waits for a camera

const std::array<std::string, 5> kParameters{"streamid", "passphrase", "pbkeylen", "latency", "mode"};

Error wrong(std::string message) {
  return {Errc::kInvalidArgument, std::move(message)};
}

std::optional<int> number(std::string_view text, int least, int most) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < least || value > most) return std::nullopt;
  return value;
}

Result<std::string> percent_decoded(std::string_view text) {
  std::string plain;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      plain += text[i];
      continue;
    }
    unsigned byte = 0;
    const auto digits = text.substr(i + 1, 2);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), byte, 16);
    if (error != std::errc{} || digits.size() != 2 || end != digits.data() + 2)
      return wrong(fmt::format("\"{}\": % without two hex digits after it", text));
    plain += static_cast<char>(byte);
    i += 2;
  }
  return plain;
}

// "[::1]:9000", "cam.example:9000"
Result<void> read_address(std::string_view address, SrtTarget& target) {
  const auto colon = address.rfind(':');
  const bool bracketed = address.starts_with('[');
  if (colon == std::string_view::npos || (bracketed && address.find(']') != colon - 1))
    return wrong(fmt::format("\"{}\": a port is missing, as in srt://host:9000", address));
  auto host = address.substr(0, colon);
  if (bracketed) host = host.substr(1, host.size() - 2);
  const auto port = number(address.substr(colon + 1), 1, 65535);
  if (host.empty()) return wrong(fmt::format("\"{}\": a host is missing, as in srt://host:9000", address));
  if (!port) return wrong(fmt::format("\"{}\": the port is a number from 1 to 65535", address));
  target.host = host;
  target.port = static_cast<uint16_t>(*port);
  return {};
}

Result<void> read_stream_id(std::string value, SrtTarget& target) {
  if (value.size() > kLongestStreamId)
    return wrong(fmt::format("the stream id has {} bytes, at most {} are allowed", value.size(), kLongestStreamId));
  target.stream_id = std::move(value);
  return {};
}

Result<void> read_parameter(std::string_view key, std::string value, SrtTarget& target) {
  if (key == "streamid") return read_stream_id(std::move(value), target);
  if (key == "passphrase") {
    target.passphrase = std::move(value);
    return check_passphrase(target.passphrase);
  }
  if (key == "pbkeylen") {
    target.key_bytes = number(value, 16, 32).value_or(0);
    return target.key_bytes % 8 == 0 && target.key_bytes > 0 ? Result<void>{}
                                                             : wrong("pbkeylen is 16, 24 or 32 (bytes)");
  }
  if (key == "latency") {
    const auto ms = number(value, 0, kLongestLatencyMs);
    if (!ms) return wrong(fmt::format("latency \"{}\": milliseconds from 0 to {}", value, kLongestLatencyMs));
    target.latency = std::chrono::milliseconds{*ms};
    return {};
  }
  if (key == "mode")
    return value == "caller" ? Result<void>{}
                             : wrong(fmt::format("mode \"{}\": a camera only calls (mode=caller)", value));
  return wrong(fmt::format("unknown URL parameter \"{}\"{}", key, did_you_mean(key, kParameters)));
}

// Calls take(key, raw value) for each parameter until it fails.
template <typename Take>
Result<void> each_parameter(std::string_view query, Take take) {
  while (!query.empty()) {
    const auto pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(pair.size() + 1, query.size()));
    const auto equals = pair.find('=');
    if (pair.empty()) continue;
    if (equals == std::string_view::npos) return wrong(fmt::format("URL parameter \"{}\" has no value", pair));
    if (auto taken = take(pair.substr(0, equals), pair.substr(equals + 1)); !taken) return taken;
  }
  return {};
}

std::string_view query_of(std::string_view url) {
  const auto question = url.find('?');
  return question == std::string_view::npos ? std::string_view{} : url.substr(question + 1);
}

} // namespace

std::string SrtTarget::where() const {
  return host.find(':') == std::string::npos ? fmt::format("{}:{}", host, port) : fmt::format("[{}]:{}", host, port);
}

Result<SrtTarget> parse_srt_url(std::string_view url) {
  if (!url.starts_with(kScheme)) return wrong(fmt::format("\"{}\": the address begins with srt://", url.substr(0, 20)));
  SrtTarget target;
  auto address = url.substr(kScheme.size());
  address = address.substr(0, address.find('?'));
  if (address.ends_with('/')) address.remove_suffix(1);
  if (auto read = read_address(address, target); !read) return read.error();
  auto read = each_parameter(query_of(url), [&](std::string_view key, std::string_view raw) -> Result<void> {
    auto value = percent_decoded(raw);
    if (!value) return value.error();
    return read_parameter(key, std::move(*value), target);
  });
  if (!read) return read.error();
  return target;
}

Result<void> check_passphrase(std::string_view passphrase) {
  if (passphrase.size() >= kShortestPassphrase && passphrase.size() <= kLongestPassphrase) return {};
  return wrong(fmt::format("the passphrase has {} bytes; SRT wants {} to {}", passphrase.size(), kShortestPassphrase,
                           kLongestPassphrase));
}

std::string feed_name_of(std::string_view stream_id) {
  if (!stream_id.starts_with("#!::")) return std::string(stream_id);
  for (auto rest = stream_id.substr(4); !rest.empty();) {
    const auto field = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(field.size() + 1, rest.size()));
    if (field.starts_with("r=")) return std::string(field.substr(2));
  }
  return {};
}

std::string_view passphrase_in(std::string_view url) {
  std::string_view found;
  (void)each_parameter(query_of(url), [&](std::string_view key, std::string_view raw) -> Result<void> {
    if (key == "passphrase") found = raw;
    return {};
  });
  return found;
}

} // namespace pult::cam
