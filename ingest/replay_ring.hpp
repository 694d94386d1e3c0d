// A feed's bytes since its last key frame, so that a decoder that is started anew has a picture at once.
//
// Bounds: 10 s and 16 MiB. A feed that sends no key frame within them is not kept any further (a start in the middle
// decodes to nothing) until the next one. What replay() gives begins with the PAT and PMT that applied at the key
// frame, at its PES packet, byte for byte; it ends where live goes on. Pure; one thread.
#pragma once

#include "base/bytes.hpp"
#include "base/clock.hpp"
#include "ingest/ts_reader.hpp"

#include <cstdint>
#include <deque>
#include <vector>

namespace pult::ingest {

// Bytes as they arrived together. Shared: the same chunk waits for the decoder and in the ring.
struct TsChunk {
  Nanoseconds arrival{};
  std::uint32_t connection = 0;
  SharedBytes bytes;
};

class ReplayRing {
 public:
  static constexpr Nanoseconds kMaxAge = std::chrono::seconds(10);
  static constexpr std::size_t kMaxBytes = 16u << 20;

  // A new connection: nothing of the old one is of use to a decoder.
  void clear();
  // `entry` is what TsReader found when it was given these bytes.
  void push(TsChunk chunk, const std::optional<EntryPoint>& entry);

  // Empty when there is no key frame to begin with.
  [[nodiscard]] std::vector<TsChunk> replay() const;
  [[nodiscard]] bool has_key_frame() const { return !tables_.empty(); }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }
  [[nodiscard]] std::uint64_t given_up() const { return given_up_; } // spans that were too long to keep

 private:
  struct Kept {
    std::uint64_t offset; // of the chunk's first byte
    TsChunk chunk;
  };
  void begin_at(const EntryPoint& entry);
  void drop_front();
  void keep_bounds();

  std::deque<Kept> kept_;
  std::size_t bytes_ = 0;
  std::uint64_t next_offset_ = 0;
  std::uint64_t begin_ = 0; // of the key frame
  Bytes tables_;            // empty: no key frame
  std::uint64_t given_up_ = 0;
};

} // namespace pult::ingest
