// One pass over a feed's bytes for all who want to know: packets, tables, key frames.
//
// A new sender connection needs a new reader: its tables and continuity begin anew. Pure; one thread.
#pragma once

#include "ingest/key_frames.hpp"
#include "ingest/ts_packets.hpp"
#include "ingest/ts_tables.hpp"

#include <functional>
#include <optional>

namespace pult::ingest {

// Where a decoder may enter, and the PAT and PMT packets that apply there.
struct EntryPoint {
  std::uint64_t offset = 0; // absolute, in bytes of this connection
  Bytes tables;
};

class TsReader {
 public:
  using OnPacket = std::function<void(const TsPacket&)>;

  // The last entry point that these bytes made known, if any. Its offset may lie before them.
  std::optional<EntryPoint> push(ByteView bytes, const OnPacket& on_packet = {});

  [[nodiscard]] const TsSplitter& splitter() const { return splitter_; }
  [[nodiscard]] const TsTables& tables() const { return tables_; }

 private:
  void take(const TsPacket& packet, std::uint64_t offset, std::optional<EntryPoint>& entry);

  TsSplitter splitter_;
  TsTables tables_;
  KeyFrameFinder key_frames_;
  Bytes tables_at_picture_; // as they were when the picture began that is being looked at
};

} // namespace pult::ingest
