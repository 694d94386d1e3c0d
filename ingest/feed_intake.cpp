#include "ingest/feed_intake.hpp"

#include <fmt/format.h>

namespace pult::ingest {
namespace {

constexpr std::size_t kLargestMessage = 1500; // an SRT payload is 1,456 bytes at most
constexpr Nanoseconds kGaveUpAfter = std::chrono::seconds(4);

// libsrt tells a closed connection from a dead one by nothing but the 5 s that it waited.
std::string why_gone(int code, Nanoseconds unheard) {
  if (code != SRT_ECONNLOST) return srt_strerror(code, 0);
  return unheard > kGaveUpAfter ? "no sign of life" : "the connection was closed";
}

bool encrypted(SRTSOCKET socket) {
  int state = SRT_KM_S_UNSECURED;
  int length = sizeof state;
  srt_getsockflag(socket, SRTO_RCVKMSTATE, &state, &length);
  return state == SRT_KM_S_SECURED;
}

} // namespace

Connected FeedIntake::adopt(SrtSocket socket, const PeerAddress& peer, Nanoseconds now) {
  Connected connected;
  connected.replaced = is_connected() ? peer_ : std::string();
  socket_ = std::move(socket); // closes the old one
  seat_.take(now);
  peer_ = peer.text();
  stats_ = {};
  connected.feed = feed_;
  connected.connection = ++connection_;
  connected.peer = peer_;
  connected.encrypted = encrypted(socket_.get());
  return connected;
}

std::optional<TsChunk> FeedIntake::read(std::optional<Disconnected>& gone) {
  Bytes bytes;
  Nanoseconds arrival{};
  while (bytes.size() + kLargestMessage <= feed_link::kMaxChunkBytes) {
    const auto old = bytes.size();
    bytes.resize(old + kLargestMessage);
    // Not blocking: SRTO_RCVSYN is off.
    const int n = srt_recvmsg(socket_.get(), reinterpret_cast<char*>(bytes.data() + old), kLargestMessage);
    bytes.resize(old + static_cast<std::size_t>(n > 0 ? n : 0));
    if (n > 0 && old == 0) arrival = monotonic_now();
    if (n > 0) continue;
    const int code = srt_getlasterror(nullptr);
    srt_clearlasterror();
    if (n == 0 || code != SRT_EASYNCRCV) {
      const auto unheard = monotonic_now() - Nanoseconds(seat_.heard_at.load());
      gone = close(why_gone(n == 0 ? int{SRT_ECONNLOST} : code, unheard));
    }
    break;
  }
  if (bytes.empty()) return std::nullopt;
  return TsChunk{arrival, connection_, share(std::move(bytes))};
}

std::optional<Measured> FeedIntake::measure(Nanoseconds now) {
  if (!is_connected()) return std::nullopt;
  SRT_TRACEBSTATS perf{};
  // Not cleared: then the "local" counters are totals, too.
  if (srt_bstats(socket_.get(), &perf, 0) == SRT_ERROR) {
    srt_clearlasterror();
    return std::nullopt;
  }
  const auto packets = static_cast<std::uint64_t>(perf.pktRecvTotal);
  if (packets != stats_.packets) seat_.heard_at = now.count();
  stats_ = {perf.msRTT,
            packets,
            static_cast<std::uint64_t>(perf.pktRcvLossTotal),
            static_cast<std::uint64_t>(perf.pktRcvRetrans),
            static_cast<std::uint64_t>(perf.pktRcvDropTotal),
            static_cast<std::uint64_t>(perf.pktRcvUndecryptTotal),
            perf.msRcvBuf,
            perf.msRcvTsbPdDelay};
  return Measured{feed_, connection_, stats_};
}

std::optional<Disconnected> FeedIntake::close(const std::string& reason) {
  if (!is_connected()) return std::nullopt;
  socket_.reset();
  seat_.leave();
  return Disconnected{feed_, connection_, reason, stats_};
}

} // namespace pult::ingest
