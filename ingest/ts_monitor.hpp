// Watches a feed's transport stream: is it one, is it whole, does it say what it carries, can it be entered.
//
// For the crew's verdict, never for a decision about media: the decoder judges for itself. One monitor a connection.
// Counts are over the connection, rates over the last second or two. Pure; one thread.
#pragma once

#include "base/clock.hpp"
#include "ingest/ts_reader.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace pult::ingest {

struct TsHealth {
  bool valid = false; // packets came within the last second, and more of them than of other bytes
  std::uint64_t packets = 0;
  std::uint64_t sync_losses = 0;
  std::uint64_t skipped_bytes = 0;     // outside of packets
  std::uint64_t continuity_errors = 0; // packets missing or out of order, by PID
  std::uint64_t damaged_packets = 0;   // transport_error_indicator
  std::uint64_t pcr_jumps = 0;         // against the arrival time by more than 500 ms
  std::uint64_t pmt_changes = 0;
  bool has_pat = false, has_pmt = false, scrambled = false;
  std::optional<Codec> video, sound;
  std::string_view unsupported;                  // picture or sound that Pult does not decode: "DTS"
  bool has_pcr = false;                          // within the last two seconds
  bool video_comes = false, sound_comes = false; // packets of it within the last two seconds
  std::optional<Nanoseconds> key_frame_interval; // the last one
  std::optional<Nanoseconds> since_key_frame;    // empty: none yet
  std::optional<Nanoseconds> longest_pcr_pause;  // of the connection
  int kbps = 0;
};

class TsMonitor {
 public:
  explicit TsMonitor(Nanoseconds now) : started_(now), window_begin_(now) {}

  void packet(const TsPacket& packet, const TsTables& tables, Nanoseconds arrival);
  void bytes(std::size_t count, Nanoseconds arrival);
  void key_frame(Nanoseconds arrival);

  [[nodiscard]] TsHealth health(const TsReader& reader, Nanoseconds now) const;
  [[nodiscard]] Nanoseconds age(Nanoseconds now) const { return now - started_; }

 private:
  void check_continuity(const TsPacket& packet);
  void check_pcr(std::uint64_t pcr, bool announced, Nanoseconds arrival);
  [[nodiscard]] bool mostly_packets() const;
  [[nodiscard]] int kbps_at(Nanoseconds now) const;

  struct Pid {
    std::uint8_t continuity = 0;
    bool repeated = false; // 2.4.3.3: a packet may be sent twice, not thrice
  };

  Nanoseconds started_;
  std::unordered_map<std::uint16_t, Pid> pids_; // at most 8,192
  std::uint64_t packets_ = 0, continuity_errors_ = 0, damaged_ = 0, pcr_jumps_ = 0;
  Nanoseconds last_packet_{}, last_video_{}, last_sound_{}, last_scrambled_{};
  std::optional<std::uint64_t> pcr_;
  Nanoseconds pcr_arrival_{};
  std::optional<Nanoseconds> longest_pcr_pause_, key_frame_interval_, last_key_frame_;
  Nanoseconds window_begin_;
  std::uint64_t window_bytes_ = 0;
  std::uint64_t window_packets_ = 0;
  std::uint64_t last_window_bytes_ = 0; // of the window before
  std::uint64_t last_window_packets_ = 0;
  int kbps_ = 0;
};

} // namespace pult::ingest
