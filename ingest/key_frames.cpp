#include "ingest/key_frames.hpp"

#include <algorithm>

namespace pult::ingest {

std::optional<std::uint64_t> KeyFrameFinder::push(const TsPacket& packet, std::uint64_t offset,
                                                  const ElementaryStream& video) {
  if (packet.pid != video.pid || !packet.has_payload || packet.damaged) return std::nullopt;
  if (packet.unit_start) begin_picture(packet, offset, video.pid);
  if (!scanning_ || pid_ != video.pid) return std::nullopt;
  const auto skipped = std::min(skip_, packet.payload.size());
  skip_ -= skipped;
  auto verdict = scan(packet.payload.subspan(skipped), video.codec);
  if (packet.unit_start && packet.random_access) verdict = Verdict::kKey;
  if (verdict == Verdict::kUnknown) return std::nullopt;
  scanning_ = false;
  if (verdict == Verdict::kNotKey) return std::nullopt;
  return picture_at_;
}

// ISO/IEC 13818-1, 2.4.3.6: nine bytes, of which the last counts the optional ones.
void KeyFrameFinder::begin_picture(const TsPacket& packet, std::uint64_t offset, std::uint16_t pid) {
  const auto& p = packet.payload;
  pid_ = pid;
  picture_at_ = offset;
  last_bytes_ = ~0u;
  scanning_ = p.size() >= 9 && p[0] == 0 && p[1] == 0 && p[2] == 1;
  skip_ = scanning_ ? std::size_t{9} + p[8] : 0;
}

KeyFrameFinder::Verdict KeyFrameFinder::scan(ByteView payload, Codec codec) {
  for (const auto byte : payload) {
    if ((last_bytes_ & 0xffffff) == 1) {
      const auto verdict = judge(byte, codec);
      if (verdict != Verdict::kUnknown) return verdict;
    }
    last_bytes_ = (last_bytes_ << 8) | byte;
  }
  return Verdict::kUnknown;
}

// What the byte behind a start code says: ITU-T H.264 table 7-1, H.265 table 7-1, H.262 table 6-1.
KeyFrameFinder::Verdict KeyFrameFinder::judge(std::uint8_t value, Codec codec) {
  if (codec == Codec::kMpeg2Video) {
    if (value == 0xb3) return Verdict::kKey;
    return value == 0x00 ? Verdict::kNotKey : Verdict::kUnknown;
  }
  if (codec == Codec::kHevc) {
    const int type = (value >> 1) & 0x3f;
    if ((type >= 16 && type <= 23) || type == 32) return Verdict::kKey;
    return type < 16 ? Verdict::kNotKey : Verdict::kUnknown;
  }
  const int type = value & 0x1f;
  if (type == 5 || type == 7) return Verdict::kKey;
  return type >= 1 && type <= 4 ? Verdict::kNotKey : Verdict::kUnknown;
}

} // namespace pult::ingest
