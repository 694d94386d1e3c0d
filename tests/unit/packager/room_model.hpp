// A room in miniature for timeline tests: an encoder that obeys a script, and a decoder that holds the rules.
//
// Encoder: two rungs and a sound, packets at T(n) + 120 ms, IDRs at segments and on request; can be killed, restarted,
// stalled, and lose packets. Samples are real slice headers around made-up data. Judge: checks each published part as
// a strict decoder would, and that no bound of the timeline was broken. No clock: step() moves the time.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <set>

#include "packager/timeline.hpp"
#include "real_headers.hpp"

namespace pult::packager::test {

using namespace std::chrono_literals;

inline const Bytes kSilence{0x21, 0x10, 0x04, 0x60, 0x8c, 0x1c};

inline packet_link::Track video_track(const std::string& name, const Bytes& sps = kSps) {
  packet_link::Track track;
  track.name = name;
  track.extradata = *make_avcc({4, {sps}, {kPps}});
  track.width = 1920;
  track.height = 1080;
  return track;
}

inline packet_link::Track sound_track(const std::string& name) {
  packet_link::Track track;
  track.kind = TrackKind::kSound;
  track.name = name;
  track.extradata = {0x11, 0x90};
  track.silence = kSilence;
  return track;
}

// A slice with a real header; `mark` makes its data its own.
inline SharedBytes make_sample(const SliceHeader& header, std::uint32_t mark) {
  const Sps sps = *parse_sps(kSps);
  const Pps pps = *parse_pps(kPps);
  BitWriter writer;
  writer.ue(0);
  writer.ue(header.idr ? 7 : 5);
  writer.ue(pps.id);
  writer.u(sps.frame_num_bits, header.frame_num);
  if (header.idr) writer.ue(header.idr_pic_id);
  if (header.idr) writer.u(2, 0); // dec_ref_pic_marking
  if (!header.idr) writer.u(3, 0);
  writer.se(0);
  writer.ue(1);
  writer.align(true);
  for (int shift = 0; shift < 32; shift += 8)
    writer.u(8, mark >> shift & 255U);
  writer.u(8, 0xFF);
  return share(join_sample({make_nal(header.idr ? 0x65 : 0x41, writer.rbsp())}));
}

struct Origin { // of a live sample
  std::uint64_t run = 0;
  std::int64_t index = 0;
};
using Origins = std::map<const Bytes*, Origin>;

// Checks what is published, part by part.
class Judge : public TimelineOut {
 public:
  explicit Judge(Cutting cutting) : cutting_(cutting) {}

  void formats(const std::vector<TrackToolsPtr>& tools) override { formats_ = tools; }
  void part(const CutPart& part) override;
  void show_ends(const std::string& show) override { ended.push_back(show); }
  void ask_idr(std::uint32_t request) override {
    ++asked;
    if (on_ask) on_ask(request);
  }

  struct Seen { // one index of one track
    bool live = false;
    bool idr = false;
    Nanoseconds published{};
    std::optional<SlateKind> slate;
  };
  std::map<std::pair<std::size_t, std::int64_t>, Seen> seen; // by track and index
  std::vector<CutPart> parts;
  std::vector<std::string> ended;
  std::set<PictureIndex> discontinuities;
  int asked = 0;
  std::function<void(std::uint32_t)> on_ask;
  Origins origins;
  std::vector<SharedBytes> keep; // so that addresses in origins stay unique
  Nanoseconds now{};
  void forget_decoder() { rungs_.clear(); } // a discontinuity by another format

 private:
  struct Rung {
    SliceHeader last;
    std::optional<Origin> live; // of the last picture
  };
  void judge_picture(const CutPart& part, const CutSample& sample, PictureIndex n);
  void judge_order(const CutPart& part);

  Cutting cutting_;
  std::vector<TrackToolsPtr> formats_;
  std::map<std::size_t, Rung> rungs_;
  std::map<std::size_t, CutPart> last_;
};

class Room {
 public:
  static constexpr std::size_t kTracks = 3; // two rungs, one sound

  explicit Room(int fps = 25);

  void connect(); // a new encoder run, from the next meeting of the grids on
  void kill();
  void stall(Nanoseconds span) { stalled_until_ = now + span; }
  void send_slates();
  void run_for(Nanoseconds span);
  void sleep_for(Nanoseconds span) { judge.now = now += span; } // the packager's thread; nothing is read
  void restart_packager(Nanoseconds away);
  ResumePoint resume_point() const;

  Grid grid;
  Cutting cutting;
  Judge judge;
  std::unique_ptr<Timeline> timeline;
  Nanoseconds now = 10s;
  std::uint64_t run = 0;
  std::function<bool(std::size_t track, std::int64_t index)> loses = [](auto, auto) { return false; };
  Bytes sps = kSps; // of the encoders
  Nanoseconds latency = 120ms;

 private:
  void step();
  void produce();
  void deliver();
  void encode_picture(PictureIndex n);
  [[nodiscard]] std::vector<TrackToolsPtr> tools() const;
  void reconnect(Nanoseconds at);

  struct Pending {
    Nanoseconds ready{};
    std::size_t track = 0;
    std::uint64_t run = 0;
    std::int64_t index = 0;
    SharedBytes bytes;
  };
  bool up_ = false;
  PictureIndex next_picture_ = 0;
  SoundIndex next_sound_ = 0;
  SliceHeader last_;
  bool idr_wanted_ = true;
  std::uint32_t idr_id_ = 0;
  Nanoseconds stalled_until_{};
  std::deque<Pending> pending_;
  std::deque<Pending> sent_; // the last 30 s
  std::vector<std::uint32_t> requests_;
};

} // namespace pult::packager::test
