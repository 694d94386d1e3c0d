// Transport streams made by hand for the tests of ingest: PAT, PMT and PES packets with what a test wants wrong in
// them.
#pragma once

#include "ingest/ts_packets.hpp"
#include "ingest/ts_tables.hpp"

#include <map>
#include <utility>
#include <vector>

namespace pult::ingest::test {

inline constexpr std::uint16_t kPmtPid = 0x1000;
inline constexpr std::uint16_t kVideoPid = 0x100;
inline constexpr std::uint16_t kSoundPid = 0x101;

class TsBuilder {
 public:
  // One packet; the payload is padded by adaptation field stuffing.
  TsBuilder& packet(std::uint16_t pid, Bytes payload, bool unit_start = false, bool random_access = false) {
    Bytes p{0x47, static_cast<std::uint8_t>((unit_start ? 0x40 : 0) | (pid >> 8)), static_cast<std::uint8_t>(pid)};
    p.push_back(static_cast<std::uint8_t>(0x30 | (continuity_[pid]++ & 0x0f)));
    const std::size_t stuffing = kTsPacketBytes - 6 - payload.size();
    p.push_back(static_cast<std::uint8_t>(1 + stuffing));
    p.push_back(random_access ? 0x40 : 0x00);
    p.insert(p.end(), stuffing, 0xff);
    p.insert(p.end(), payload.begin(), payload.end());
    return append(p);
  }

  TsBuilder& pcr(std::uint16_t pid, std::uint64_t ticks) {
    const auto base = ticks / 300;
    const auto extension = ticks % 300;
    Bytes p{0x47,
            static_cast<std::uint8_t>(pid >> 8),
            static_cast<std::uint8_t>(pid),
            static_cast<std::uint8_t>(0x20 | ((continuity_[pid] + 15) & 0x0f)),
            183,
            0x10};
    for (const int shift : {25, 17, 9, 1})
      p.push_back(static_cast<std::uint8_t>(base >> shift));
    p.push_back(static_cast<std::uint8_t>(((base & 1) << 7) | 0x7e | (extension >> 8)));
    p.push_back(static_cast<std::uint8_t>(extension));
    p.resize(kTsPacketBytes, 0xff);
    return append(p);
  }

  TsBuilder& pat(std::uint16_t pmt_pid = kPmtPid) {
    return section(kPatPid, {0x00, 0, 0, 0, 1, 0xc1, 0, 0, 0, 1, hi(pmt_pid), lo(pmt_pid)});
  }

  TsBuilder& pmt(const std::vector<std::pair<std::uint8_t, std::uint16_t>>& streams, std::uint16_t pid = kPmtPid) {
    Bytes s{0x02, 0, 0, 0, 1, 0xc1, 0, 0, hi(streams.front().second), lo(streams.front().second), 0xf0, 0};
    for (const auto& [type, stream_pid] : streams)
      s.insert(s.end(), {type, hi(stream_pid), lo(stream_pid), 0xf0, 0});
    return section(pid, s);
  }
  TsBuilder& tables() { return pat().pmt({{0x1b, kVideoPid}, {0x0f, kSoundPid}}); }

  // A picture of one packet: PES header, then the given NAL header bytes, each with its start code.
  TsBuilder& picture(const std::vector<std::uint8_t>& nal_headers, bool random_access = false) {
    Bytes payload = pes_header(0xe0);
    for (const auto header : nal_headers)
      payload.insert(payload.end(), {0, 0, 0, 1, header, 0x88, 0x84});
    return packet(kVideoPid, payload, true, random_access);
  }
  TsBuilder& key_picture() { return picture({0x09, 0x67, 0x68, 0x65}); }
  TsBuilder& other_picture() { return picture({0x09, 0x41}); }
  TsBuilder& sound() { return packet(kSoundPid, pes_header(0xc0), true); }

  TsBuilder& section(std::uint16_t pid, Bytes body) {
    const auto length = body.size() - 3 + 4;
    body[1] = static_cast<std::uint8_t>(0xb0 | (length >> 8));
    body[2] = static_cast<std::uint8_t>(length);
    const auto crc = mpeg_crc32(body);
    for (const int shift : {24, 16, 8, 0})
      body.push_back(static_cast<std::uint8_t>(crc >> shift));
    body.insert(body.begin(), 0); // pointer_field
    while (body.size() > 182) {
      packet(pid, Bytes(body.begin(), body.begin() + 182), !split_);
      body.erase(body.begin(), body.begin() + 182);
      split_ = true;
    }
    packet(pid, body, !split_);
    split_ = false;
    return *this;
  }

  TsBuilder& raw(const Bytes& bytes) { return append(bytes); }
  // The next packet of that PID is missing.
  TsBuilder& lose(std::uint16_t pid) {
    ++continuity_[pid];
    return *this;
  }

  static Bytes pes_header(std::uint8_t stream_id) {
    return {0, 0, 1, stream_id, 0, 0, 0x80, 0x80, 5, 0x21, 0, 1, 0, 1};
  }

  [[nodiscard]] Bytes take() { return std::exchange(bytes_, {}); }
  [[nodiscard]] const Bytes& bytes() const { return bytes_; }

 private:
  static std::uint8_t hi(std::uint16_t pid) { return static_cast<std::uint8_t>(0xe0 | (pid >> 8)); }
  static std::uint8_t lo(std::uint16_t pid) { return static_cast<std::uint8_t>(pid); }
  TsBuilder& append(const Bytes& bytes) {
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
    return *this;
  }

  Bytes bytes_;
  std::map<std::uint16_t, std::uint8_t> continuity_;
  bool split_ = false;
};

} // namespace pult::ingest::test
