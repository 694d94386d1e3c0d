#include "ingest/feed_report.hpp"

#include <boost/json/array.hpp>
#include <cmath>
#include <ctime>
#include <fmt/chrono.h>
#include <fmt/format.h>

namespace pult::ingest {
namespace {

namespace json = boost::json;
using std::chrono::seconds;

constexpr Nanoseconds kTablesWithin = seconds(2);   // faults: a picture within 2 s of the PMT
constexpr Nanoseconds kKeyFrameWithin = seconds(6); // longer, and a restarted decoder shows nothing for as long

double in_seconds(Nanoseconds t) {
  return std::chrono::duration<double>(t).count();
}

std::string refusal_text(const Refused& refused) {
  return fmt::format("{} was refused: {}", refused.host, refused.reason);
}

std::string nobody_sends(const FeedFacts& f) {
  if (!f.port_trouble.empty()) return f.port_trouble;
  if (!f.dial_trouble.empty()) return f.dial_trouble;
  if (f.last_refusal) return refusal_text(*f.last_refusal);
  if (f.state == FeedState::State::kWaiting) return fmt::format("nobody has sent yet; waiting at {}", f.where);
  return fmt::format("the sender is gone for {:.0f} s; waiting at {}", in_seconds(f.silent_for), f.where);
}

std::optional<std::string> stream_trouble(const FeedFacts& f) {
  const auto& ts = f.ts;
  if (f.undecrypted_lately > 0) return "packets cannot be decrypted: the key changed on the way; restart the encoder";
  if (ts.packets == 0 || !ts.valid) return "no valid transport stream: set the encoder to MPEG-TS over SRT";
  if (!ts.has_pmt && f.connected_for > kTablesWithin)
    return ts.has_pat ? "no PMT: the stream does not say what it carries" : "no PAT: the stream names no programme";
  if (ts.scrambled) return "the transport stream is scrambled: switch conditional access off";
  return std::nullopt;
}

std::optional<std::string> picture_trouble(const FeedFacts& f) {
  const auto& ts = f.ts;
  if (!ts.has_pmt) return "just connected";
  const auto unsupported = fmt::format("{} is unsupported: set the encoder to H.264 and AAC", ts.unsupported);
  if (!ts.video && !ts.unsupported.empty()) return unsupported;
  if (!ts.video && !ts.sound) return "neither picture nor sound that Pult knows";
  if (!ts.video) return "sound only, no picture";
  if (!ts.sound && !ts.unsupported.empty()) return unsupported;
  if (!ts.video_comes) return fmt::format("{} is promised but no picture comes", name(*ts.video));
  const auto since_key = ts.since_key_frame.value_or(f.connected_for);
  if (since_key > kKeyFrameWithin)
    return fmt::format("no key frame for {:.0f} s: set the encoder's key frame interval to 2 s", in_seconds(since_key));
  return std::nullopt;
}

std::optional<std::string> line_trouble(const FeedFacts& f) {
  if (f.dropped_lately > 0)
    return fmt::format("the line loses packets for good ({} in 10 s): raise latency_ms (now {}) or lower the bit rate",
                       f.dropped_lately, f.link.latency_ms);
  if (!f.ts.has_pcr && f.connected_for > kTablesWithin)
    return "the stream has no clock (PCR): picture and sound may drift apart; look at the encoder";
  if (f.continuity_lately > 0)
    return fmt::format("the stream is damaged before it reaches us ({} gaps in 10 s): look at the encoder",
                       f.continuity_lately);
  return std::nullopt;
}

json::object ts_json(const TsHealth& ts) {
  json::object out{{"valid", ts.valid},
                   {"packets", ts.packets},
                   {"sync_losses", ts.sync_losses},
                   {"skipped_bytes", ts.skipped_bytes},
                   {"continuity_errors", ts.continuity_errors},
                   {"damaged_packets", ts.damaged_packets},
                   {"pcr_jumps", ts.pcr_jumps},
                   {"pmt_changes", ts.pmt_changes},
                   {"pat", ts.has_pat},
                   {"pmt", ts.has_pmt},
                   {"scrambled", ts.scrambled}};
  if (ts.video) out["video"] = name(*ts.video);
  if (ts.sound) out["sound"] = name(*ts.sound);
  if (!ts.unsupported.empty()) out["unsupported"] = ts.unsupported;
  out["pcr"] = ts.has_pcr;
  out["video_comes"] = ts.video_comes;
  out["sound_comes"] = ts.sound_comes;
  const auto put_ms = [&out](const char* key, const std::optional<Nanoseconds>& t) {
    if (t) out[key] = std::chrono::duration_cast<std::chrono::milliseconds>(*t).count();
  };
  put_ms("key_frame_interval_ms", ts.key_frame_interval);
  put_ms("since_key_frame_ms", ts.since_key_frame);
  put_ms("longest_pcr_pause_ms", ts.longest_pcr_pause);
  return out;
}

} // namespace

std::string verdict(const FeedFacts& f) {
  if (f.peer.empty()) return nobody_sends(f);
  if (f.state != FeedState::State::kLive)
    return f.state == FeedState::State::kWaiting
               ? fmt::format("{} is connected but has sent nothing", f.peer)
               : fmt::format("{} is connected but silent for {:.0f} s", f.peer, in_seconds(f.silent_for));
  if (const auto trouble = stream_trouble(f)) return *trouble;
  if (const auto trouble = picture_trouble(f)) return *trouble;
  if (const auto trouble = line_trouble(f)) return *trouble;
  if (!f.decoder_connected) return "good, but its decoder does not answer";
  if (!f.ts.sound) return "good; no sound";
  if (!f.ts.sound_comes) return fmt::format("good, but {} is promised and no sound comes", name(*f.ts.sound));
  return "good";
}

bool connection_is_sound(const FeedFacts& f) {
  return !f.peer.empty() && f.state == FeedState::State::kLive && !stream_trouble(f);
}

json::object to_json(const FeedFacts& f) {
  json::object out{{"name", f.name},
                   {"state", name(f.state)},
                   {"since", utc_text(f.since_wall)},
                   {"verdict", verdict(f)},
                   {"peer", f.peer},
                   {"encrypted", f.encrypted},
                   {"kbps", f.ts.kbps},
                   {"rtt_ms", std::round(f.link.rtt_ms * 10) / 10},
                   {"lost", f.link.lost},
                   {"dropped", f.link.dropped},
                   {"retransmitted", f.link.retransmitted},
                   {"undecrypted", f.link.undecrypted},
                   {"buffer_ms", f.link.buffer_ms},
                   {"latency_ms", f.link.latency_ms},
                   {"connection", f.connection},
                   {"connections", f.connections},
                   {"takeovers", f.takeovers},
                   {"refused", f.refused},
                   {"decoder", f.decoder_connected},
                   {"decoder_dropped_bytes", f.decoder_dropped_bytes},
                   {"ts", ts_json(f.ts)}};
  if (f.last_refusal)
    out["last_refusal"] = {
        {"host", f.last_refusal->host}, {"code", f.last_refusal->code}, {"reason", f.last_refusal->reason}};
  return out;
}

std::string utc_text(Nanoseconds wall) {
  const auto t = static_cast<std::time_t>(std::chrono::duration_cast<seconds>(wall).count());
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(t));
}

} // namespace pult::ingest
