#include "transcode/decode/psi_watch.hpp"

#include <algorithm>

namespace pult::transcode::decode {
namespace {

constexpr std::uint8_t kSync = 0x47;
constexpr int kPatPid = 0;
constexpr std::uint8_t kPatTable = 0x00;
constexpr std::uint8_t kMapTable = 0x02;
constexpr std::size_t kSectionHead = 8; // ISO/IEC 13818-1, 2.4.4: table_id to last_section_number
constexpr std::size_t kCrc = 4;

// ISO/IEC 13818-1 annex A; zero over a section with its CRC.
std::uint32_t crc32(ByteView bytes) {
  std::uint32_t crc = 0xffffffffu;
  for (const auto byte : bytes) {
    crc ^= static_cast<std::uint32_t>(byte) << 24;
    for (int i = 0; i < 8; ++i)
      crc = (crc << 1) ^ ((crc & 0x80000000u) != 0 ? 0x04c11db7u : 0u);
  }
  return crc;
}

int pid_of(ByteView packet) {
  return (packet[1] & 0x1f) << 8 | packet[2];
}

// The payload of a packet; empty when it has none.
ByteView payload_of(ByteView packet) {
  const auto control = packet[3] >> 4 & 3;
  if ((control & 1) == 0) return {};
  const std::size_t begin = (control & 2) != 0 ? 5u + packet[4] : 4u;
  return begin < packet.size() ? packet.subspan(begin) : ByteView{};
}

// The whole, current section that begins in this packet; empty when there is none.
ByteView section_of(ByteView packet) {
  if ((packet[1] & 0x40) == 0) return {};
  auto payload = payload_of(packet);
  if (payload.empty() || payload[0] + 1u >= payload.size()) return {};
  payload = payload.subspan(payload[0] + 1u);
  if (payload.size() < kSectionHead + kCrc) return {};
  const std::size_t length = 3u + ((payload[1] & 0x0fu) << 8 | payload[2]);
  if (length > payload.size() || length < kSectionHead + kCrc || (payload[5] & 1) == 0) return {};
  const auto section = payload.first(length);
  return crc32(section) == 0 ? section : ByteView{};
}

std::uint32_t crc_field(ByteView section) {
  std::uint32_t value = 0;
  for (const auto byte : section.last(kCrc))
    value = value << 8 | byte;
  return value;
}

} // namespace

std::optional<std::size_t> PsiWatch::scan(ByteView bytes) {
  std::size_t at = 0;
  while (at < bytes.size()) {
    if (torn_bytes_ == 0) {
      const auto* sync = std::find(bytes.data() + at, bytes.data() + bytes.size(), kSync);
      at = static_cast<std::size_t>(sync - bytes.data());
      if (bytes.size() - at >= kPacket) {
        const bool changed = inspect(bytes.subspan(at, kPacket));
        at += kPacket;
        if (changed) return at;
        continue;
      }
    }
    const auto more = std::min(kPacket - torn_bytes_, bytes.size() - at);
    std::copy_n(bytes.data() + at, more, torn_.data() + torn_bytes_);
    torn_bytes_ += more;
    at += more;
    if (torn_bytes_ < kPacket) break;
    torn_bytes_ = 0;
    if (inspect(torn_)) return at;
  }
  return std::nullopt;
}

bool PsiWatch::inspect(ByteView packet) {
  const int pid = pid_of(packet);
  if (pid != kPatPid && pid != map_pid_) return false;
  const auto section = section_of(packet);
  if (section.empty()) return false;
  return pid == kPatPid ? take_pat(section, packet) : take_map(section, packet);
}

bool PsiWatch::take_pat(ByteView section, ByteView packet) {
  if (section[0] != kPatTable) return false;
  for (std::size_t i = kSectionHead; i + 4 <= section.size() - kCrc; i += 4) {
    const int programme = section[i] << 8 | section[i + 1];
    if (programme == 0) continue; // the network table
    map_pid_ = (section[i + 2] & 0x1f) << 8 | section[i + 3];
    pat_packet_.assign(packet.begin(), packet.end());
    break;
  }
  return false;
}

bool PsiWatch::take_map(ByteView section, ByteView packet) {
  if (section[0] != kMapTable) return false;
  const bool first = map_packet_.empty();
  const auto crc = crc_field(section);
  const bool changed = !first && crc != map_crc_;
  map_crc_ = crc;
  map_packet_.assign(packet.begin(), packet.end());
  return changed;
}

Bytes PsiWatch::tables() const {
  Bytes both = pat_packet_;
  both.insert(both.end(), map_packet_.begin(), map_packet_.end());
  return both;
}

} // namespace pult::transcode::decode
