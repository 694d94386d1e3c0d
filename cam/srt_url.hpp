// Reads what a camera is told about where to send: srt://host:port?streamid=…&passphrase=…&latency=…
//
// The stream id may stand there as the crew reads it ("#!::r=cam1,m=publish") or percent-encoded: '#' ends nothing
// here, as people paste it both ways. Unknown parameters are refused with the nearest right one, as a typing error in a
// venue costs minutes. Pure, any thread.
#pragma once

#include "base/result.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace pult::cam {

struct SrtTarget {
  std::string host;
  uint16_t port = 0;
  std::string stream_id;  // decoded; at most 512 bytes (SRT draft 3.2.1.3)
  std::string passphrase; // empty: not encrypted; else 10 to 79 bytes (SRT draft 6.1.4)
  int key_bytes = 0;      // 16, 24 or 32; 0: libsrt's choice
  std::chrono::milliseconds latency{200};

  // For people: host:port as they wrote it, without secrets.
  [[nodiscard]] std::string where() const;
};

[[nodiscard]] Result<SrtTarget> parse_srt_url(std::string_view url);

// Says why a passphrase cannot be one.
[[nodiscard]] Result<void> check_passphrase(std::string_view passphrase);

// The feed's name for people: "cam1" of "#!::r=cam1,m=publish" and of "cam1"; empty when there is none.
[[nodiscard]] std::string feed_name_of(std::string_view stream_id);

// Where the passphrase's value stands in the URL, as written there; empty when there is none.
[[nodiscard]] std::string_view passphrase_in(std::string_view url);

} // namespace pult::cam
