// What the poller thread tells the io thread, in order: the only thing that crosses between them in that direction.
#pragma once

#include "ingest/replay_ring.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

namespace pult::ingest {

// libsrt's numbers for one connection; totals since it was made. Of the losses only `dropped` is damage: the rest came
// again in time.
struct LinkStats {
  double rtt_ms = 0;
  std::uint64_t packets = 0;
  std::uint64_t lost = 0;
  std::uint64_t retransmitted = 0;
  std::uint64_t dropped = 0;
  std::uint64_t undecrypted = 0;
  int buffer_ms = 0;
  int latency_ms = 0; // as agreed with the sender: the higher of both sides
};

struct Connected {
  std::size_t feed = 0;
  std::uint32_t connection = 0;
  std::string peer;
  std::string replaced; // the peer whose seat it took; empty when the seat was free
  bool encrypted = false;
};
struct Arrived {
  std::size_t feed = 0;
  TsChunk chunk;
};
struct Disconnected {
  std::size_t feed = 0;
  std::uint32_t connection = 0;
  std::string reason;
  LinkStats last;
};
struct Measured {
  std::size_t feed = 0;
  std::uint32_t connection = 0;
  LinkStats stats;
};
struct Refused {
  std::optional<std::size_t> feed; // that was asked for, when there is one
  std::string host;                // of the sender, without its port: what repeats is counted by it
  std::string stream_id;           // as shown
  int code = 0;
  std::string reason;
};
struct DialFailed {
  std::size_t feed = 0;
  std::string reason;
};
struct PortState {
  int port = 0; // as bound; 0: not listening
  std::string reason;
};

using PollerEvent = std::variant<Connected, Arrived, Disconnected, Measured, Refused, DialFailed, PortState>;

} // namespace pult::ingest
