// Watches a transport stream for its tables, so that a changed programme map is known before the demuxer sees it.
//
// tsdemux ends its pads on a new map and a young parser then fails for good; knowing before lets the decoder build a
// new pipeline whose first packets are the new tables, and the key frame behind them is not lost. Reads the first
// programme of the PAT; tables that do not fit one packet or fail their CRC are ignored (tsdemux still has its say).
// Pure; one thread.
#pragma once

#include "base/bytes.hpp"

#include <array>
#include <cstdint>
#include <optional>

namespace pult::transcode::decode {

class PsiWatch {
 public:
  static constexpr std::size_t kPacket = 188;

  // Takes the next bytes of the stream, whole or torn packets. The offset in them just behind the packet that brought
  // a map other than the one before; nothing when all is as it was. Call again with the rest.
  std::optional<std::size_t> scan(ByteView bytes);

  [[nodiscard]] bool has_map() const { return !map_packet_.empty(); }
  // The last PAT and map, as packets, for the head of a new pipeline.
  [[nodiscard]] Bytes tables() const;
  // Forgets the map: a new connection.
  void reset() { *this = PsiWatch(); }

 private:
  bool inspect(ByteView packet); // true: another map
  bool take_pat(ByteView section, ByteView packet);
  bool take_map(ByteView section, ByteView packet);

  std::array<std::uint8_t, kPacket> torn_{};
  std::size_t torn_bytes_ = 0;
  int map_pid_ = -1;
  std::uint32_t map_crc_ = 0;
  Bytes pat_packet_;
  Bytes map_packet_;
};

} // namespace pult::transcode::decode
