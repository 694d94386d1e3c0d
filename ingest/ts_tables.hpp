// Reads PAT and PMT out of a transport stream, and keeps the packets that carried them.
//
// The first program of the PAT is the feed's. Sections are taken only whole and with a right CRC-32 (ISO/IEC 13818-1,
// 2.4.4), so garbage changes nothing; what they say holds until the next whole section. The raw packets are kept
// because a decoder that joins late must see them before the first picture. Pure; one thread.
#pragma once

#include "base/bytes.hpp"
#include "ingest/ts_packets.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace pult::ingest {

enum class Codec { kH264, kHevc, kMpeg2Video, kAac, kMpegAudio, kAc3, kOpus, kOther };

[[nodiscard]] bool is_video(Codec codec);
[[nodiscard]] bool is_sound(Codec codec);
[[nodiscard]] std::string_view name(Codec codec); // "H.264"

struct ElementaryStream {
  std::uint16_t pid = 0;
  std::uint8_t type = 0; // stream_type, 2.4.4.9
  Codec codec = Codec::kOther;
  std::string_view known_as; // of kOther, when it has a name that people know: "DTS", "AV1"
  friend bool operator==(const ElementaryStream&, const ElementaryStream&) = default;
};

// Gathers one PID's sections from its packets; a section is at most 1,024 bytes.
class SectionReader {
 public:
  // The whole section, when this packet completes one with a right CRC.
  std::optional<Bytes> push(const TsPacket& packet);
  // The packets that carried the last whole section.
  [[nodiscard]] const Bytes& packets() const { return packets_; }
  [[nodiscard]] std::uint64_t broken() const { return broken_; }

 private:
  Bytes section_, gathering_, packets_;
  bool started_ = false;
  std::uint64_t broken_ = 0;
};

class TsTables {
 public:
  void push(const TsPacket& packet);

  [[nodiscard]] bool has_pat() const { return pmt_pid_.has_value(); }
  [[nodiscard]] bool has_pmt() const { return has_pmt_; }
  [[nodiscard]] std::uint16_t pcr_pid() const { return pcr_pid_; }
  [[nodiscard]] const std::vector<ElementaryStream>& streams() const { return streams_; }
  [[nodiscard]] const ElementaryStream* video() const; // the first
  [[nodiscard]] const ElementaryStream* sound() const; // the first
  // The first picture or sound that Pult does not decode, by its name; empty when there is none.
  [[nodiscard]] std::string_view unsupported() const;
  [[nodiscard]] std::uint64_t pmt_changes() const { return pmt_changes_; }
  [[nodiscard]] std::uint64_t broken_sections() const { return pat_.broken() + pmt_.broken(); }
  // PAT and PMT packets as they came; empty until both are known.
  [[nodiscard]] Bytes packets() const;

 private:
  void take_pat(ByteView section);
  void take_pmt(ByteView section);

  SectionReader pat_, pmt_;
  std::optional<std::uint16_t> pmt_pid_;
  bool has_pmt_ = false;
  std::uint16_t pcr_pid_ = kNullPid;
  std::vector<ElementaryStream> streams_;
  std::uint64_t pmt_changes_ = 0;
};

// CRC-32/MPEG-2; 0 over a section with its CRC.
std::uint32_t mpeg_crc32(ByteView bytes);

} // namespace pult::ingest
