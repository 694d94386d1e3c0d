// What a sender says about itself in SRT's stream id: `#!::r=cam1,m=publish`, a plain `cam1`, or nothing.
//
// The standard form is SRT draft, appendix "SRT Access Control": comma-separated key=value after `#!::`. Policy beyond
// it, because boxes and people differ: a missing `m` means publish (the standard says request, yet encoders omit it),
// an id that was percent-encoded once too often (`%23!::r=cam1`: OBS does not decode) is decoded, and so are values.
// Bounded at 512 bytes, libsrt's own limit. Pure; any thread.
#pragma once

#include "base/result.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pult::ingest {

struct StreamId {
  std::string plain;                                     // an id that is not in the standard form; else empty
  std::vector<std::pair<std::string, std::string>> keys; // of the standard form, in order

  [[nodiscard]] bool empty() const { return plain.empty() && keys.empty(); }
  // The first value of that key; nullptr when it is not there.
  [[nodiscard]] const std::string* value(std::string_view key) const;
};

// kCorrupt with the reason in words: control characters, an unknown standard form, a part without "=", an empty key.
Result<StreamId> parse_stream_id(std::string_view text);

// For logs and pages: printable ASCII, everything else as "?", cut at 64 bytes.
std::string shown_stream_id(std::string_view text);

// "%41b" → "Ab"; what is no valid escape stays as it is.
std::string percent_decode(std::string_view text);

} // namespace pult::ingest
