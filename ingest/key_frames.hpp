// Finds where a video stream can be entered: the start of the PES packet that holds a key frame.
//
// A key frame is one that the sender's multiplexer marked (random_access_indicator), or whose payload begins so: H.264
// with an IDR or an SPS before its first slice, HEVC with an IRAP picture or a VPS, MPEG-2 with a sequence header. Only
// the beginning of each picture is looked at, up to its first slice. Pure; one thread.
#pragma once

#include "ingest/ts_packets.hpp"
#include "ingest/ts_tables.hpp"

#include <cstdint>
#include <optional>

namespace pult::ingest {

class KeyFrameFinder {
 public:
  // The absolute offset of the PES packet that turned out to be a key frame; once for each, at most some packets late.
  std::optional<std::uint64_t> push(const TsPacket& packet, std::uint64_t offset, const ElementaryStream& video);

 private:
  enum class Verdict { kUnknown, kKey, kNotKey };
  void begin_picture(const TsPacket& packet, std::uint64_t offset, std::uint16_t pid);
  Verdict scan(ByteView payload, Codec codec);
  static Verdict judge(std::uint8_t start_code_value, Codec codec);

  std::uint64_t picture_at_ = 0;
  std::uint16_t pid_ = kNullPid;
  bool scanning_ = false;
  std::size_t skip_ = 0;           // of the PES header, not yet seen
  std::uint32_t last_bytes_ = ~0u; // the payload's last three bytes: start codes cross packets
};

} // namespace pult::ingest
