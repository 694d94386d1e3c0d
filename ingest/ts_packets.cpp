#include "ingest/ts_packets.hpp"

namespace pult::ingest {
namespace {

constexpr std::uint8_t kSyncByte = 0x47;
constexpr std::size_t kHeaderBytes = 4;

// ISO/IEC 13818-1, 2.4.3.4: length, flags, then the PCR as 33 bits at 90 kHz and 9 bits at 27 MHz.
void parse_adaptation(ByteView field, TsPacket& packet) {
  if (field.empty()) return;
  packet.discontinuity = (field[0] & 0x80) != 0;
  packet.random_access = (field[0] & 0x40) != 0;
  if ((field[0] & 0x10) == 0 || field.size() < 7) return;
  const auto base = (std::uint64_t{field[1]} << 25) | (std::uint64_t{field[2]} << 17) | (std::uint64_t{field[3]} << 9) |
                    (std::uint64_t{field[4]} << 1) | (field[5] >> 7);
  const auto extension = (std::uint64_t{field[5] & 1u} << 8) | field[6];
  packet.pcr = base * 300 + extension;
}

} // namespace

TsPacket parse_ts_packet(ByteView bytes) {
  TsPacket packet;
  packet.bytes = bytes;
  packet.damaged = (bytes[1] & 0x80) != 0;
  packet.unit_start = (bytes[1] & 0x40) != 0;
  packet.pid = static_cast<std::uint16_t>(((bytes[1] & 0x1f) << 8) | bytes[2]);
  packet.scrambled = (bytes[3] & 0xc0) != 0;
  packet.has_payload = (bytes[3] & 0x10) != 0;
  packet.continuity = bytes[3] & 0x0f;
  std::size_t payload_at = kHeaderBytes;
  if ((bytes[3] & 0x20) != 0) {
    payload_at += 1 + bytes[4];
    if (payload_at > kTsPacketBytes) {
      packet.damaged = true;
      packet.has_payload = false;
      return packet;
    }
    parse_adaptation(bytes.subspan(kHeaderBytes + 1, bytes[4]), packet);
  }
  if (packet.has_payload) packet.payload = bytes.subspan(payload_at);
  return packet;
}

void TsSplitter::push(ByteView bytes, const OnPacket& on_packet) {
  rest_.insert(rest_.end(), bytes.begin(), bytes.end());
  std::size_t at = 0;
  while (rest_.size() - at >= kTsPacketBytes) {
    if (synced_ && rest_[at] != kSyncByte) {
      synced_ = false;
      ++sync_losses_;
    }
    if (!synced_) {
      const auto found = find_sync(at);
      skipped_bytes_ += found - at;
      at = found;
      if (rest_.size() - at <= kTsPacketBytes) break; // the next packet's sync byte decides
      synced_ = true;
    }
    on_packet(parse_ts_packet(ByteView(rest_).subspan(at, kTsPacketBytes)), rest_offset_ + at);
    at += kTsPacketBytes;
  }
  rest_.erase(rest_.begin(), rest_.begin() + static_cast<std::ptrdiff_t>(at));
  rest_offset_ += at;
}

// The first place where a packet may begin: a sync byte, and another one a packet later if that much is there.
std::size_t TsSplitter::find_sync(std::size_t from) const {
  for (auto at = from; at < rest_.size(); ++at) {
    if (rest_[at] != kSyncByte) continue;
    if (at + kTsPacketBytes >= rest_.size() || rest_[at + kTsPacketBytes] == kSyncByte) return at;
  }
  return rest_.size();
}

} // namespace pult::ingest
