// The media playlist of one track: which segments and parts there are, and their text (RFC 8216bis, low latency).
//
// A line that was once rendered never changes; the window moves by whole segments at its beginning. All constants come
// from the cutting, so they are equal in all tracks and never change. PART lines go three target durations back; delta
// updates skip what lies wholly beyond the skip boundary and are plain where that is nothing.
// Pure: text out of what was appended. One thread.
#pragma once

#include "base/programme_time.hpp"

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

namespace pult::packager {

// What SERVER-CONTROL, PART-INF and TARGETDURATION say.
struct HlsTiming {
  int parts_per_segment = 0;
  std::chrono::seconds target_duration{};
  std::chrono::milliseconds part_target{}; // the longest part, rounded up: sound parts are cut at whole sound frames

  [[nodiscard]] std::chrono::milliseconds part_hold_back() const { return 3 * part_target; }
  [[nodiscard]] std::chrono::seconds hold_back() const { return 3 * target_duration; }
  [[nodiscard]] std::chrono::seconds can_skip_until() const { return 6 * target_duration; }
  [[nodiscard]] std::chrono::seconds parts_listed() const { return 3 * target_duration; }
  [[nodiscard]] std::chrono::seconds longest_wait() const { return 3 * target_duration; } // of a blocked request

  static HlsTiming of(const Cutting& cutting);
};

// A part's or segment's place in a playlist.
struct PartPlace {
  std::int64_t sequence = 0;
  int part = 0;
  // clang-tidy 14 takes the comparison with 0 that <=> stands for, for a pointer.
  friend auto operator<=>(const PartPlace&, const PartPlace&) = default; // NOLINT(modernize-use-nullptr)
};

struct PartEntry {
  std::int64_t duration = 0; // on the track's timescale
  bool independent = false;
};

struct SegmentEntry {
  std::int64_t sequence = 0;
  Nanoseconds wall{}; // PROGRAM-DATE-TIME of the first picture or sound frame
  bool discontinuity = false;
  std::int64_t discontinuity_sequence = 0; // tags of the show up to and including this segment's
  std::string init_name;
  std::vector<PartEntry> parts;

  [[nodiscard]] std::int64_t duration() const;
};

// What the other tracks' playlists end with.
struct RenditionReport {
  std::string uri; // relative to this playlist
  PartPlace last;
};

class MediaPlaylist {
 public:
  MediaPlaylist(HlsTiming timing, std::uint32_t timescale, std::chrono::seconds window);

  // A whole segment, directly behind the last one.
  void append_segment(SegmentEntry segment);
  // The first part of a new segment; the last one must be complete. parts of `segment` is empty.
  void begin_segment(SegmentEntry segment, PartEntry part);
  void append_part(PartEntry part); // to the open segment
  void complete_segment();
  // ENDLIST. A segment that is still open becomes a shorter one.
  void end();
  // Forgets all segments up to that one: they are not to be had any more.
  void drop_through(std::int64_t sequence);

  [[nodiscard]] bool empty() const { return segments_.empty(); }
  [[nodiscard]] bool ended() const { return ended_; }
  [[nodiscard]] bool segment_open() const { return open_; }
  [[nodiscard]] std::size_t whole_segments() const { return segments_.size() - (open_ ? 1 : 0); }
  [[nodiscard]] std::int64_t first_sequence() const { return segments_.front().entry.sequence; }
  [[nodiscard]] const SegmentEntry& last() const { return segments_.back().entry; }
  [[nodiscard]] PartPlace next() const;      // of the part to come; (0, 0) when empty
  [[nodiscard]] PartPlace last_part() const; // not for an empty one

  [[nodiscard]] std::string text(const std::vector<RenditionReport>& others) const;
  // The same with EXT-X-SKIP; equal to text() when there is nothing to skip.
  [[nodiscard]] std::string delta_text(const std::vector<RenditionReport>& others) const;

 private:
  struct Listed {
    SegmentEntry entry;
    bool new_map = false; // differs from the segment before it
    std::string text;     // of a complete one, without map and parts: a long window is written once
  };
  void list(SegmentEntry segment);
  void trim();
  [[nodiscard]] std::string render(std::size_t skipped, const std::vector<RenditionReport>& others) const;
  void write_header(std::string& out) const;
  void write_segment(std::string& out, std::size_t i, bool with_parts) const;
  void write_parts(std::string& out, const SegmentEntry& segment) const;
  void write_uri(std::string& out, const SegmentEntry& segment) const;
  [[nodiscard]] std::size_t skippable() const;
  // The first segment whose end is less than that from the playlist's end.
  [[nodiscard]] std::size_t first_ending_within(std::chrono::seconds distance) const;

  HlsTiming timing_;
  std::uint32_t timescale_;
  std::int64_t window_; // in ticks
  std::deque<Listed> segments_;
  std::int64_t whole_duration_ = 0; // of the complete ones
  bool open_ = false;
  bool ended_ = false;
};

// URIs as the playlists name them, relative to the track's folder.
[[nodiscard]] std::string segment_uri(std::int64_t sequence);
[[nodiscard]] std::string part_uri(PartPlace place);

} // namespace pult::packager
