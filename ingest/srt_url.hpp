// An encoder that we dial, as the config writes it: srt://10.0.0.5:7001?streamid=…&latency=200&passphrase=….
//
// `latency` is in milliseconds (as in SRT's own tools; ffmpeg's is in microseconds) and gives way to the feed's
// latency_ms; so does `passphrase` to the feed's. `mode`, if there, must be caller. Other keys are refused by name, so
// that nobody believes in one that does nothing. Pure; any thread.
#pragma once

#include "base/result.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace pult::ingest {

struct SrtUrl {
  std::string host; // without brackets
  int port = 0;
  std::string stream_id;
  std::string passphrase;
  std::optional<std::chrono::milliseconds> latency;
};

Result<SrtUrl> parse_srt_url(std::string_view url);

} // namespace pult::ingest
