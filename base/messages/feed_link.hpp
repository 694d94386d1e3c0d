// The crossing ingest → decode: one feed's transport stream with arrival times.
//
// ingest dials `decode@<feed>.media.sock`. After the hello it replays the feed's bytes since its last key frame (at
// most 10 s, chunks marked `replayed`), then goes on live. Arrival times are CLOCK_MONOTONIC, so they compare over
// restarts; the connection number changes with every new sender connection, and with it the feed's clock. Pure; any
// thread.
#pragma once

#include "base/bytes.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/wire.hpp"

#include <string>

namespace pult::feed_link {

inline constexpr std::uint16_t kHello = 1;
inline constexpr std::uint16_t kChunk = 2;
inline constexpr std::uint32_t kVersion = 1;
// Chunks gather what arrived within a few milliseconds; 1,316 bytes at least, never more than this.
inline constexpr std::size_t kMaxChunkBytes = 128u << 10;

struct Hello {
  std::uint32_t version = kVersion;
  std::string feed;
};

struct Chunk {
  Nanoseconds arrival{};        // of the first byte; CLOCK_MONOTONIC
  std::uint32_t connection = 0; // counts the feed's sender connections since ingest started, mixed with its start
  bool replayed = false;
  ByteView bytes; // whole or torn 188-byte packets, as they came
};

Bytes encode(const Hello& hello);
Bytes encode(const Chunk& chunk);
Result<Hello> decode_hello(ByteView payload);
Result<Chunk> decode_chunk(ByteView payload); // bytes is a view into the payload

} // namespace pult::feed_link
