#include "packager/media_playlist.hpp"

#include <algorithm>
#include <cassert>
#include <ctime>
#include <fmt/format.h>
#include <iterator>
#include <numeric>

namespace pult::packager {
namespace {

constexpr int kVersion = 9;                // the lowest with EXT-X-SKIP (bis 8)
constexpr std::size_t kFewestSegments = 6; // of a live window, whatever the config says (Apple HLS Authoring 4.8)

// The longest run of sound that lies between two cuts of `pictures` pictures, over a whole period of both grids.
Nanoseconds longest_cut(const Grid& grid, int pictures) {
  Nanoseconds longest = grid.time_of(pictures);
  for (PictureIndex n = 0; n < pictures * std::int64_t{kSamplesPerSoundFrame}; n += pictures) {
    const auto frames = grid.sound_at_or_after(n + pictures) - grid.sound_at_or_after(n);
    longest = std::max(longest, time_of_sample(frames * kSamplesPerSoundFrame));
  }
  return longest;
}

void write_seconds(std::string& out, std::int64_t ticks, std::uint32_t timescale) {
  const auto units = (ticks * 100'000 + timescale / 2) / timescale;
  fmt::format_to(std::back_inserter(out), "{}.{:05}", units / 100'000, units % 100'000);
}

void write_wall(std::string& out, Nanoseconds wall) {
  const auto milliseconds = std::chrono::floor<std::chrono::milliseconds>(wall).count();
  const std::time_t seconds = milliseconds / 1000;
  std::tm utc{};
  ::gmtime_r(&seconds, &utc);
  fmt::format_to(std::back_inserter(out), "#EXT-X-PROGRAM-DATE-TIME:{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z\n",
                 utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec,
                 milliseconds % 1000);
}

double in_seconds(std::chrono::milliseconds time) {
  return static_cast<double>(time.count()) / 1000.0;
}

} // namespace

HlsTiming HlsTiming::of(const Cutting& cutting) {
  HlsTiming timing;
  timing.parts_per_segment = cutting.parts_per_segment();
  const auto segment = longest_cut(cutting.grid(), cutting.pictures_per_segment());
  timing.target_duration = std::max(std::chrono::round<std::chrono::seconds>(segment), std::chrono::seconds(1));
  const auto part = longest_cut(cutting.grid(), cutting.pictures_per_part());
  timing.part_target = std::chrono::ceil<std::chrono::milliseconds>(part);
  return timing;
}

std::int64_t SegmentEntry::duration() const {
  return std::accumulate(parts.begin(), parts.end(), std::int64_t{0},
                         [](std::int64_t sum, const PartEntry& part) { return sum + part.duration; });
}

std::string segment_uri(std::int64_t sequence) {
  return fmt::format("{}.m4s", sequence);
}

std::string part_uri(PartPlace place) {
  return fmt::format("{}.{}.m4s", place.sequence, place.part);
}

MediaPlaylist::MediaPlaylist(HlsTiming timing, std::uint32_t timescale, std::chrono::seconds window)
    : timing_(timing), timescale_(timescale), window_(window.count() * timescale) {}

void MediaPlaylist::list(SegmentEntry segment) {
  assert(!open_ && !ended_ && (empty() || segment.sequence == last().sequence + 1));
  const bool new_map = segment.discontinuity || empty() || last().init_name != segment.init_name;
  segments_.push_back({std::move(segment), new_map, {}});
}

void MediaPlaylist::append_segment(SegmentEntry segment) {
  list(std::move(segment));
  open_ = true;
  complete_segment();
}

void MediaPlaylist::begin_segment(SegmentEntry segment, PartEntry part) {
  list(std::move(segment));
  open_ = true;
  append_part(part);
}

void MediaPlaylist::append_part(PartEntry part) {
  assert(open_);
  segments_.back().entry.parts.push_back(part);
}

void MediaPlaylist::complete_segment() {
  assert(open_);
  open_ = false;
  write_wall(segments_.back().text, last().wall);
  write_uri(segments_.back().text, last());
  whole_duration_ += last().duration();
  trim();
}

void MediaPlaylist::end() {
  if (open_) complete_segment();
  ended_ = true;
}

// By whole segments and by what is complete only: a restarted packager comes to the same beginning.
void MediaPlaylist::trim() {
  while (whole_segments() > kFewestSegments && whole_duration_ - segments_.front().entry.duration() >= window_)
    drop_through(first_sequence());
}

void MediaPlaylist::drop_through(std::int64_t sequence) {
  while (whole_segments() > 0 && first_sequence() <= sequence) {
    whole_duration_ -= segments_.front().entry.duration();
    segments_.pop_front();
  }
}

PartPlace MediaPlaylist::next() const {
  if (empty()) return {};
  if (!open_) return {last().sequence + 1, 0};
  return {last().sequence, static_cast<int>(last().parts.size())};
}

PartPlace MediaPlaylist::last_part() const {
  return {last().sequence, static_cast<int>(last().parts.size()) - 1};
}

// Counted from the end: a long window costs no more than a short one.
std::size_t MediaPlaylist::first_ending_within(std::chrono::seconds distance) const {
  const auto most = distance.count() * timescale_;
  std::size_t first = segments_.size();
  for (std::int64_t behind = 0; first > 0 && behind < most; --first)
    behind += segments_[first - 1].entry.duration();
  return first;
}

// bis 6.2.5.1: only segments further from the end than the skip boundary.
std::size_t MediaPlaylist::skippable() const {
  return first_ending_within(timing_.can_skip_until());
}

std::string MediaPlaylist::text(const std::vector<RenditionReport>& others) const {
  return render(0, others);
}

std::string MediaPlaylist::delta_text(const std::vector<RenditionReport>& others) const {
  return render(skippable(), others);
}

void MediaPlaylist::write_header(std::string& out) const {
  const auto& first = segments_.front().entry;
  fmt::format_to(std::back_inserter(out),
                 "#EXTM3U\n"
                 "#EXT-X-VERSION:{}\n"
                 "#EXT-X-INDEPENDENT-SEGMENTS\n"
                 "#EXT-X-TARGETDURATION:{}\n"
                 "#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK={:.3f},HOLD-BACK={:.1f},"
                 "CAN-SKIP-UNTIL={:.1f}\n"
                 "#EXT-X-PART-INF:PART-TARGET={:.3f}\n"
                 "#EXT-X-MEDIA-SEQUENCE:{}\n"
                 "#EXT-X-DISCONTINUITY-SEQUENCE:{}\n",
                 kVersion, timing_.target_duration.count(), in_seconds(timing_.part_hold_back()),
                 in_seconds(timing_.hold_back()), in_seconds(timing_.can_skip_until()), in_seconds(timing_.part_target),
                 first.sequence, first.discontinuity_sequence - (first.discontinuity ? 1 : 0));
}

void MediaPlaylist::write_parts(std::string& out, const SegmentEntry& segment) const {
  for (std::size_t part = 0; part < segment.parts.size(); ++part) {
    out += "#EXT-X-PART:DURATION=";
    write_seconds(out, segment.parts[part].duration, timescale_);
    fmt::format_to(std::back_inserter(out), ",URI=\"{}\"{}\n", part_uri({segment.sequence, static_cast<int>(part)}),
                   segment.parts[part].independent ? ",INDEPENDENT=YES" : "");
  }
}

void MediaPlaylist::write_uri(std::string& out, const SegmentEntry& segment) const {
  out += "#EXTINF:";
  write_seconds(out, segment.duration(), timescale_);
  fmt::format_to(std::back_inserter(out), ",\n{}\n", segment_uri(segment.sequence));
}

void MediaPlaylist::write_segment(std::string& out, std::size_t i, bool with_parts) const {
  const auto& [segment, new_map, text] = segments_[i];
  if (segment.discontinuity) out += "#EXT-X-DISCONTINUITY\n";
  if (new_map || i == 0) fmt::format_to(std::back_inserter(out), "#EXT-X-MAP:URI=\"{}\"\n", segment.init_name);
  if (!with_parts) {
    out += text;
    return;
  }
  write_wall(out, segment.wall);
  write_parts(out, segment);
  if (!open_ || i + 1 < segments_.size()) write_uri(out, segment);
}

std::string MediaPlaylist::render(std::size_t skipped, const std::vector<RenditionReport>& others) const {
  if (empty()) return {};
  std::string out;
  out.reserve(1024 + 100 * (segments_.size() - skipped));
  write_header(out);
  if (skipped > 0) fmt::format_to(std::back_inserter(out), "#EXT-X-SKIP:SKIPPED-SEGMENTS={}\n", skipped);
  const auto first_with_parts = first_ending_within(timing_.parts_listed());
  for (std::size_t i = skipped; i < segments_.size(); ++i)
    write_segment(out, i, i >= first_with_parts);
  if (ended_) {
    out += "#EXT-X-ENDLIST\n";
    return out;
  }
  fmt::format_to(std::back_inserter(out), "#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"{}\"\n", part_uri(next()));
  for (const auto& other : others)
    fmt::format_to(std::back_inserter(out), "#EXT-X-RENDITION-REPORT:URI=\"{}\",LAST-MSN={},LAST-PART={}\n", other.uri,
                   other.last.sequence, other.last.part);
  return out;
}

} // namespace pult::packager
