// Finds the 188-byte packets in a transport stream as it came: whole, torn, shifted, or not one at all.
//
// Offsets are absolute, in bytes since the splitter was made, so that who keeps the raw bytes can cut them at a packet.
// Sync is taken where two packets follow each other and lost at the first byte that is not 0x47 (ISO/IEC 13818-1,
// 2.4.3.2). Never more than two packets are kept back. Pure; one thread.
#pragma once

#include "base/bytes.hpp"

#include <cstdint>
#include <functional>
#include <optional>

namespace pult::ingest {

inline constexpr std::size_t kTsPacketBytes = 188;
inline constexpr std::uint16_t kPatPid = 0;
inline constexpr std::uint16_t kNullPid = 0x1fff;

// One packet's header and adaptation field; views into the caller's bytes.
struct TsPacket {
  ByteView bytes;
  std::uint16_t pid = 0;
  std::uint8_t continuity = 0;
  bool damaged = false; // transport_error_indicator, or an adaptation field longer than the packet
  bool unit_start = false;
  bool discontinuity = false;
  bool random_access = false;
  bool has_payload = false;
  bool scrambled = false;
  std::optional<std::uint64_t> pcr; // 27 MHz ticks
  ByteView payload;
};

// `bytes` is one packet that begins with 0x47.
TsPacket parse_ts_packet(ByteView bytes);

class TsSplitter {
 public:
  using OnPacket = std::function<void(const TsPacket&, std::uint64_t offset)>;

  void push(ByteView bytes, const OnPacket& on_packet);

  [[nodiscard]] bool synced() const { return synced_; }
  [[nodiscard]] std::uint64_t sync_losses() const { return sync_losses_; } // after the first sync
  [[nodiscard]] std::uint64_t skipped_bytes() const { return skipped_bytes_; }

 private:
  std::size_t find_sync(std::size_t from) const;

  Bytes rest_;
  std::uint64_t rest_offset_ = 0; // of rest_'s first byte
  bool synced_ = false;
  std::uint64_t sync_losses_ = 0;
  std::uint64_t skipped_bytes_ = 0;
};

} // namespace pult::ingest
