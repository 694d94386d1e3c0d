#include "ingest/ts_monitor.hpp"

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace pult::ingest {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
constexpr Nanoseconds kValidFor = seconds(1);
constexpr Nanoseconds kComesFor = seconds(2);
constexpr Nanoseconds kRateWindow = seconds(1);
constexpr Nanoseconds kPcrTolerance = milliseconds(500);
constexpr std::uint64_t kPcrWrap = (std::uint64_t{1} << 33) * 300;

Nanoseconds pcr_time(std::uint64_t ticks) {
  return Nanoseconds(static_cast<std::int64_t>(ticks * 1000 / 27));
}

bool within(Nanoseconds event, Nanoseconds limit, Nanoseconds now) {
  return event.count() != 0 && now - event < limit;
}

} // namespace

void TsMonitor::packet(const TsPacket& packet, const TsTables& tables, Nanoseconds arrival) {
  ++packets_;
  ++window_packets_;
  last_packet_ = arrival;
  if (packet.damaged) {
    ++damaged_;
    return;
  }
  if (packet.pid == kNullPid) return;
  check_continuity(packet);
  if (packet.scrambled) last_scrambled_ = arrival;
  if (const auto* video = tables.video(); video != nullptr && video->pid == packet.pid) last_video_ = arrival;
  if (const auto* sound = tables.sound(); sound != nullptr && sound->pid == packet.pid) last_sound_ = arrival;
  if (packet.pcr && packet.pid == tables.pcr_pid()) check_pcr(*packet.pcr, packet.discontinuity, arrival);
}

void TsMonitor::bytes(std::size_t count, Nanoseconds arrival) {
  window_bytes_ += count;
  const auto span = arrival - window_begin_;
  if (span < kRateWindow) return;
  kbps_ = static_cast<int>(window_bytes_ * 8'000'000 / static_cast<std::uint64_t>(span.count()));
  window_begin_ = arrival;
  last_window_bytes_ = std::exchange(window_bytes_, 0);
  last_window_packets_ = std::exchange(window_packets_, 0);
}

// In noise, sync bytes stand a packet apart by chance every 60 kB or so: those few are no stream.
bool TsMonitor::mostly_packets() const {
  const auto packets = window_packets_ + last_window_packets_;
  return 2 * packets * kTsPacketBytes >= window_bytes_ + last_window_bytes_;
}

void TsMonitor::key_frame(Nanoseconds arrival) {
  if (last_key_frame_) key_frame_interval_ = arrival - *last_key_frame_;
  last_key_frame_ = arrival;
}

TsHealth TsMonitor::health(const TsReader& reader, Nanoseconds now) const {
  TsHealth health;
  const auto& tables = reader.tables();
  health.valid = within(last_packet_, kValidFor, now) && mostly_packets();
  health.packets = packets_;
  health.sync_losses = reader.splitter().sync_losses();
  health.skipped_bytes = reader.splitter().skipped_bytes();
  health.continuity_errors = continuity_errors_;
  health.damaged_packets = damaged_;
  health.pcr_jumps = pcr_jumps_;
  health.pmt_changes = tables.pmt_changes();
  health.has_pat = tables.has_pat();
  health.has_pmt = tables.has_pmt();
  health.scrambled = within(last_scrambled_, kComesFor, now);
  if (const auto* video = tables.video()) health.video = video->codec;
  if (const auto* sound = tables.sound()) health.sound = sound->codec;
  health.unsupported = tables.unsupported();
  health.has_pcr = pcr_ && within(pcr_arrival_, kComesFor, now);
  health.video_comes = within(last_video_, kComesFor, now);
  health.sound_comes = within(last_sound_, kComesFor, now);
  health.key_frame_interval = key_frame_interval_;
  if (last_key_frame_) health.since_key_frame = now - *last_key_frame_;
  health.longest_pcr_pause = longest_pcr_pause_;
  health.kbps = kbps_at(now);
  return health;
}

int TsMonitor::kbps_at(Nanoseconds now) const {
  return now - window_begin_ > 2 * kRateWindow ? 0 : kbps_;
}

// 2.4.3.3: counts packets with payload; stands still without, may jump where announced.
void TsMonitor::check_continuity(const TsPacket& packet) {
  const auto [found, is_new] = pids_.try_emplace(packet.pid, Pid{packet.continuity});
  auto& pid = found->second;
  if (is_new || packet.discontinuity) {
    pid = {packet.continuity};
    return;
  }
  if (!packet.has_payload) return;
  const bool same = packet.continuity == pid.continuity;
  const bool next = packet.continuity == ((pid.continuity + 1) & 0x0f);
  if (!next && !(same && !pid.repeated)) ++continuity_errors_;
  pid.repeated = same;
  pid.continuity = packet.continuity;
}

void TsMonitor::check_pcr(std::uint64_t pcr, bool announced, Nanoseconds arrival) {
  if (pcr_) {
    const auto pause = arrival - pcr_arrival_;
    longest_pcr_pause_ = std::max(longest_pcr_pause_.value_or(Nanoseconds{}), pause);
    const auto advance = pcr_time((pcr + kPcrWrap - *pcr_) % kPcrWrap);
    // A step back is a very long step ahead, modulo the wrap.
    const bool jumped = std::chrono::abs(advance - pause) > kPcrTolerance;
    if (jumped && !announced) ++pcr_jumps_;
  }
  pcr_ = pcr;
  pcr_arrival_ = arrival;
}

} // namespace pult::ingest
