// The metronome: cuts the show's timeline into parts of live and filled pictures, each when it is due.
//
// A row is the parts of all tracks over the same pictures. It is cut as soon as all of it is there live, else when it
// is due: at the usual moment (last picture + what mixer and encoders usually take, measured) plus 250 ms when nobody
// is connected, plus 500 ms when somebody is and is late. Gaps are filled by rung_fill and by the silence packet; what
// comes late for a filled index is dropped and counted. Back to live on all rungs at one index, where all have an IDR;
// the sound from the first frame at or after it. A crew's slate lies over everything, at the usual moment.
// More than 30 s behind (stopped, restarted late), or other parameter sets: one honest discontinuity at a segment.
//
// Pure: driven by advance(now) and the events, `now` is programme time, results go to TimelineOut at once. No I/O, no
// clock, no lock; one thread.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/programme_time.hpp"
#include "packager/published.hpp"
#include "packager/rung_fill.hpp"

namespace pult::packager {

// A run of segments without a discontinuity inside: sequence numbers follow from the index.
struct Span {
  PictureIndex first = 0; // a segment start
  std::int64_t first_sequence = 0;
};

struct CutSample {
  SharedBytes bytes;
  std::int64_t dts = 0;
  std::int64_t duration = 0;
  bool sync = false;
};

// One part of one track, before it becomes bytes.
struct CutPart {
  std::size_t track = 0;
  TrackToolsPtr tools;
  Span span;
  std::int64_t sequence = 0;
  int number = 0;
  bool last_of_segment = false;
  bool independent = false;
  bool discontinuity_before = false;
  PictureIndex first_picture = 0;
  std::int64_t begin = 0; // on the track's timescale
  std::int64_t duration = 0;
  std::vector<CutSample> samples;
  std::vector<FilledRun> filled; // indices of the track that are not live
  RungState state;               // video: after the last picture
  Nanoseconds usual{};           // what mixer and encoders usually take, as known now
};

class TimelineOut {
 public:
  virtual ~TimelineOut() = default;
  // The formats of all tracks are in force from this row on; before the first row, and when one changes.
  virtual void formats(const std::vector<TrackToolsPtr>& tools) = 0;
  virtual void part(const CutPart& part) = 0;
  virtual void show_ends(const std::string& show) = 0;
  virtual void ask_idr(std::uint32_t request) = 0;
};

// Where a restarted packager goes on.
struct ResumePoint {
  struct Track {
    PictureIndex next = 0; // first picture of the next part
    TrackToolsPtr tools;
    Slates slates;
    RungState state;
    SharedBytes last_idr; // video
  };
  std::string show;
  Span span;
  Nanoseconds usual{};
  std::vector<Track> tracks; // in the order of the timeline's
};

class Timeline {
 public:
  struct Counters {
    std::uint64_t parts = 0;
    std::uint64_t filled_pictures = 0;
    std::uint64_t filled_sounds = 0;
    std::uint64_t late_packets = 0;    // for indices that were already published
    std::uint64_t refused_packets = 0; // malformed, too far ahead, unknown track
    std::uint64_t faults = 0;          // live → filled, not by the crew's wish
    std::uint64_t discontinuities = 0;
    std::uint64_t late_parts = 0; // published more than 0.6 s after their usual moment
    Nanoseconds worst_lateness{};
  };

  // `tracks` are the config's, renditions then sounds; the order of all lists here.
  Timeline(Cutting cutting, const std::vector<packet_link::TrackKind>& tracks, TimelineOut& out);

  // What transcode says. `tools` per track; `run` of its Hello.
  void link_opened(std::uint64_t run, std::vector<TrackToolsPtr> tools, Nanoseconds now);
  void link_closed();
  void slate(std::size_t track, SlateKind kind, SharedBytes idr);
  void packet(std::size_t track, std::uint64_t run, std::int64_t index, SharedBytes bytes);
  void idr_answer(std::uint32_t request, PictureIndex picture);
  void idr_promised(PictureIndex picture); // somebody else asked
  // What a Resume asks for: per track the next index that is not published; empty without a show.
  [[nodiscard]] std::vector<std::int64_t> next_needed() const;

  // The tools and slates of an earlier life, so that fills work before transcode answers.
  void remember(std::size_t track, TrackToolsPtr tools, Slates slates);
  // Opens a show at the next segment start. `discontinuity`: the show goes on after its timeline was lost.
  void begin_show(const std::string& show, std::int64_t first_sequence, bool discontinuity, Nanoseconds now);
  void resume_show(const ResumePoint& point, Nanoseconds now);
  void end_show(); // at the end of the present segment
  void crew_slate(std::optional<SlateKind> kind, Nanoseconds now);

  // This thread woke late itself: what arrived meanwhile waits in the socket, so the next row gets a moment more, once.
  void woke_late(Nanoseconds now);
  // Cuts all that can be cut by now. The time to come again, if nothing arrives before.
  [[nodiscard]] std::optional<Nanoseconds> advance(Nanoseconds now);

  [[nodiscard]] bool on_air() const { return show_.has_value(); }
  [[nodiscard]] const std::string& show() const { return show_->id; }
  [[nodiscard]] const Span& span() const { return show_->span; }
  [[nodiscard]] bool has_formats() const; // every track's encoder is known
  [[nodiscard]] bool live() const;        // no rung stands in
  [[nodiscard]] std::optional<SlateKind> slate_shown() const;
  [[nodiscard]] PictureIndex next_picture() const; // of the next row
  [[nodiscard]] Nanoseconds usual() const { return usual_; }
  [[nodiscard]] const Counters& counters() const { return counters_; }

 private:
  struct Packet {
    LivePicture picture; // for sound: run and sample only
    TrackToolsPtr tools;
  };
  struct Track {
    packet_link::TrackKind kind = packet_link::TrackKind::kVideo;
    TrackToolsPtr newest;         // of the present encoder run
    Slates slates;                // in the newest format
    std::optional<RungFill> rung; // video, in the format in force
    TrackToolsPtr tools;          // in force
    PictureIndex next = 0;        // first picture of the next part
    std::map<std::int64_t, Packet> packets;
    std::uint64_t filled = 0;
  };
  struct Show {
    std::string id;
    Span span;
    bool discontinuity = false; // before the next part, which starts a segment
    bool published = false;     // anything yet, of this span
    std::optional<PictureIndex> end;
    bool end_wanted = false;
  };
  // What each index of a row will be: a packet, or null for a fill.
  struct RowPlan {
    PictureIndex begin = 0;
    PictureIndex end = 0;
    bool swaps_format = false;
    bool complete = false;
    std::vector<std::vector<const Packet*>> chosen; // per track, from the row's first index
  };

  [[nodiscard]] bool is_video(std::size_t track) const { return tracks_[track].kind == TrackKind::kVideo; }
  [[nodiscard]] const Packet* find(std::size_t track, std::int64_t index) const;
  [[nodiscard]] std::pair<std::int64_t, std::int64_t> indices(std::size_t track, PictureIndex begin,
                                                              PictureIndex end) const;
  [[nodiscard]] PictureIndex picture_of_sound(SoundIndex m) const;
  [[nodiscard]] const TrackToolsPtr& in_force(std::size_t track, bool swapped) const;
  [[nodiscard]] bool all_have_idr(PictureIndex n, bool swapped) const;
  [[nodiscard]] bool format_pending() const;
  [[nodiscard]] bool can_swap(PictureIndex begin) const;

  [[nodiscard]] RowPlan plan(PictureIndex begin) const;
  [[nodiscard]] bool plan_rung(RowPlan& plan, std::size_t track) const;
  [[nodiscard]] bool plan_sound(RowPlan& plan, std::size_t track) const;
  [[nodiscard]] bool filled_everywhere(const RowPlan& plan, PictureIndex n) const;

  [[nodiscard]] Nanoseconds usual_moment(PictureIndex begin) const;
  [[nodiscard]] Nanoseconds due(PictureIndex begin) const;
  [[nodiscard]] bool any_filling() const;
  bool cut_next(Nanoseconds now);
  void commit(const RowPlan& plan, Nanoseconds now);
  void adopt_formats();
  void emit(std::size_t track, const RowPlan& plan);
  void cut_rung(CutPart& part, std::size_t track, const RowPlan& plan);
  void cut_sound(CutPart& part, std::size_t track, const RowPlan& plan);
  void measure(const RowPlan& plan, Nanoseconds now, bool all_live);
  void leap(Nanoseconds now);
  void ask_for_idr(Nanoseconds now);
  void finish_show();

  Cutting cutting_;
  TimelineOut& out_;
  std::vector<Track> tracks_;
  std::optional<Show> show_;
  std::optional<SlateKind> crew_slate_;
  bool connected_ = false;
  std::uint64_t run_ = 0;

  Nanoseconds usual_;
  std::deque<Nanoseconds> recent_; // what the last live rows took
  Nanoseconds no_fill_before_{};   // grace for a link that is about to come back, or for a late wake
  PictureIndex graced_row_ = -1;

  std::uint32_t request_ = 0;
  std::optional<Nanoseconds> asked_at_;
  std::optional<PictureIndex> promised_; // picture of the IDR that was promised
  Counters counters_;
};

} // namespace pult::packager
