#include "ingest/ts_tables.hpp"

#include <algorithm>

namespace pult::ingest {
namespace {

constexpr std::size_t kMaxSectionBytes = 1024;
constexpr std::size_t kCrcBytes = 4;
constexpr std::uint8_t kPatTable = 0x00;
constexpr std::uint8_t kPmtTable = 0x02;

std::uint16_t u16(ByteView bytes, std::size_t at) {
  return static_cast<std::uint16_t>((bytes[at] << 8) | bytes[at + 1]);
}

std::size_t section_bytes(ByteView start) {
  return 3 + (u16(start, 1) & 0x0fff);
}

struct Named {
  std::string_view key;
  std::string_view name;
};

// By registration (SMPTE RA), then by stream_type (2.4.4.9 and its amendments, ATSC A/53): what an encoder may send
// instead of what Pult decodes. Data, captions and splice marks are no fault and have no name here.
constexpr std::array<Named, 8> kRegistered = {{{"DTS1", "DTS"},
                                               {"DTS2", "DTS"},
                                               {"DTS3", "DTS"},
                                               {"BSSD", "SMPTE 302M"},
                                               {"AC-4", "AC-4"},
                                               {"AV01", "AV1"},
                                               {"VP09", "VP9"},
                                               {"VC-1", "VC-1"}}};

std::string_view name_of_type(std::uint8_t type) {
  switch (type) {
  case 0x10:
    return "MPEG-4 Visual";
  case 0x21:
    return "JPEG 2000";
  case 0x33:
    return "VVC";
  case 0x82:
  case 0x85:
  case 0x8a:
    return "DTS";
  case 0xd1:
    return "Dirac";
  case 0xea:
    return "VC-1";
  default:
    return {};
  }
}

// Calls take(tag, body) for each descriptor.
template <typename Take>
void each_descriptor(ByteView descriptors, Take take) {
  while (descriptors.size() >= 2) {
    const std::size_t length = descriptors[1];
    if (descriptors.size() < 2 + length) break;
    take(descriptors[0], descriptors.subspan(2, length));
    descriptors = descriptors.subspan(2 + length);
  }
}

// The four letters of the registration descriptor; empty when there is none.
std::string_view registration(ByteView descriptors) {
  std::string_view letters;
  each_descriptor(descriptors, [&](std::uint8_t tag, ByteView body) {
    if (tag == 0x05 && body.size() >= 4) letters = {reinterpret_cast<const char*>(body.data()), 4};
  });
  return letters;
}

// A private stream says what it is by a descriptor: AC-3 (tag 0x6a), or a registration "AC-3", "Opus", "HEVC".
Codec codec_by_descriptors(ByteView descriptors) {
  const auto registered = registration(descriptors);
  if (registered == "AC-3" || registered == "EAC3") return Codec::kAc3;
  if (registered == "Opus") return Codec::kOpus;
  if (registered == "HEVC") return Codec::kHevc;
  auto codec = Codec::kOther;
  each_descriptor(descriptors, [&](std::uint8_t tag, ByteView) {
    if (tag == 0x6a || tag == 0x7a) codec = Codec::kAc3;
  });
  return codec;
}

std::string_view known_as(std::uint8_t type, ByteView descriptors) {
  const auto registered = registration(descriptors);
  for (const auto& [key, name] : kRegistered)
    if (key == registered) return name;
  return name_of_type(type);
}

Codec codec_of(std::uint8_t type, ByteView descriptors) {
  switch (type) {
  case 0x01:
  case 0x02:
    return Codec::kMpeg2Video;
  case 0x03:
  case 0x04:
    return Codec::kMpegAudio;
  case 0x0f:
  case 0x11:
    return Codec::kAac;
  case 0x1b:
    return Codec::kH264;
  case 0x24:
    return Codec::kHevc;
  case 0x81:
  case 0x87:
    return Codec::kAc3;
  default:
    return codec_by_descriptors(descriptors);
  }
}

} // namespace

bool is_video(Codec codec) {
  return codec == Codec::kH264 || codec == Codec::kHevc || codec == Codec::kMpeg2Video;
}

bool is_sound(Codec codec) {
  return codec == Codec::kAac || codec == Codec::kMpegAudio || codec == Codec::kAc3 || codec == Codec::kOpus;
}

std::string_view name(Codec codec) {
  static constexpr std::array<std::string_view, 8> kNames = {"H.264", "HEVC", "MPEG-2", "AAC",
                                                             "MP2",   "AC-3", "Opus",   "unknown"};
  return kNames.at(static_cast<std::size_t>(codec));
}

std::optional<Bytes> SectionReader::push(const TsPacket& packet) {
  if (!packet.has_payload || packet.damaged || packet.scrambled || packet.payload.empty()) return std::nullopt;
  auto data = packet.payload;
  if (packet.unit_start) {
    const std::size_t pointer = data[0];
    if (1 + pointer >= data.size()) return std::nullopt;
    data = data.subspan(1 + pointer);
    section_.clear();
    gathering_.clear();
    started_ = true;
  }
  if (!started_) return std::nullopt;
  section_.insert(section_.end(), data.begin(), data.end());
  gathering_.insert(gathering_.end(), packet.bytes.begin(), packet.bytes.end());
  if (section_.size() < 3) return std::nullopt;
  const auto wanted = section_bytes(section_);
  if (section_.size() < wanted && wanted <= kMaxSectionBytes) return std::nullopt;
  started_ = false;
  if (wanted > kMaxSectionBytes || mpeg_crc32(ByteView(section_).first(wanted)) != 0) {
    ++broken_;
    return std::nullopt;
  }
  packets_ = gathering_;
  return Bytes(section_.begin(), section_.begin() + static_cast<std::ptrdiff_t>(wanted));
}

void TsTables::push(const TsPacket& packet) {
  if (packet.pid == kPatPid) {
    if (const auto section = pat_.push(packet)) take_pat(*section);
  } else if (pmt_pid_ && packet.pid == *pmt_pid_) {
    if (const auto section = pmt_.push(packet)) take_pmt(*section);
  }
}

const ElementaryStream* TsTables::video() const {
  const auto found = std::find_if(streams_.begin(), streams_.end(), [](const auto& s) { return is_video(s.codec); });
  return found == streams_.end() ? nullptr : &*found;
}

const ElementaryStream* TsTables::sound() const {
  const auto found = std::find_if(streams_.begin(), streams_.end(), [](const auto& s) { return is_sound(s.codec); });
  return found == streams_.end() ? nullptr : &*found;
}

std::string_view TsTables::unsupported() const {
  const auto found = std::find_if(streams_.begin(), streams_.end(), [](const auto& s) { return !s.known_as.empty(); });
  return found == streams_.end() ? std::string_view{} : found->known_as;
}

Bytes TsTables::packets() const {
  if (!has_pmt_) return {};
  auto both = pat_.packets();
  both.insert(both.end(), pmt_.packets().begin(), pmt_.packets().end());
  return both;
}

// 2.4.4.3: eight bytes of header, then (program_number, PID) pairs; program 0 is the network's.
void TsTables::take_pat(ByteView section) {
  if (section.size() < 8 + kCrcBytes || section[0] != kPatTable) return;
  for (std::size_t at = 8; at + 4 <= section.size() - kCrcBytes; at += 4) {
    if (u16(section, at) == 0) continue;
    const std::uint16_t pid = u16(section, at + 2) & 0x1fff;
    if (pmt_pid_ == pid) return;
    pmt_pid_ = pid;
    pmt_ = {};
    has_pmt_ = false;
    return;
  }
}

// 2.4.4.8: twelve bytes of header, program descriptors, then the streams with theirs.
void TsTables::take_pmt(ByteView section) {
  if (section.size() < 12 + kCrcBytes || section[0] != kPmtTable) return;
  const auto end = section.size() - kCrcBytes;
  std::vector<ElementaryStream> streams;
  for (std::size_t at = 12 + (u16(section, 10) & 0x0fff); at + 5 <= end;) {
    const std::size_t info = u16(section, at + 3) & 0x0fff;
    if (at + 5 + info > end) break;
    const std::uint16_t pid = u16(section, at + 1) & 0x1fff;
    const auto descriptors = section.subspan(at + 5, info);
    const auto codec = codec_of(section[at], descriptors);
    streams.push_back(
        {pid, section[at], codec, codec == Codec::kOther ? known_as(section[at], descriptors) : std::string_view{}});
    at += 5 + info;
  }
  pcr_pid_ = u16(section, 8) & 0x1fff;
  if (has_pmt_ && streams != streams_) ++pmt_changes_;
  has_pmt_ = true;
  streams_ = std::move(streams);
}

std::uint32_t mpeg_crc32(ByteView bytes) {
  std::uint32_t crc = 0xffffffffu;
  for (const auto byte : bytes) {
    crc ^= std::uint32_t{byte} << 24;
    for (int bit = 0; bit < 8; ++bit)
      crc = (crc & 0x80000000u) != 0 ? (crc << 1) ^ 0x04c11db7u : crc << 1;
  }
  return crc;
}

} // namespace pult::ingest
