#include "packager/timeline.hpp"

#include "packager/filled_runs.hpp"

#include <algorithm>
#include <cassert>

namespace pult::packager {

namespace {

using namespace std::chrono_literals;

constexpr auto kClosedAllowance = 250ms; // behind the usual moment: nobody is there who could send it
constexpr auto kLateAllowance =
    500ms; // somebody is; hls.js still plays what comes 0.7 s late, not what comes 0.9 s late
constexpr auto kLatePart = 600ms;
// A restarted packager waits that long for transcode, which redials after at most 250 ms, before it fills.
constexpr auto kRestartGrace = 300ms;
// Enough to read a second of packets from the socket.
constexpr auto kWakeGrace = 60ms;
// Behind by more than this the timeline leaps with a discontinuity: players have given up, and transcode keeps 30 s.
constexpr auto kLeapAfter = 30s;
// An IDR that does not come is asked for again.
constexpr auto kAskAgain = 1s;
constexpr auto kUsualAtFirst = 300ms;
constexpr auto kUsualAtMost = 600ms;
constexpr std::size_t kUsualRows = 32;
// Packets so far ahead of the timeline are a broken clock, not a burst.
constexpr auto kMostAhead = 40s;

} // namespace

Timeline::Timeline(Cutting cutting, const std::vector<packet_link::TrackKind>& tracks, TimelineOut& out)
    : cutting_(cutting), out_(out), usual_(kUsualAtFirst) {
  for (const auto kind : tracks)
    tracks_.emplace_back().kind = kind;
}

// Events.

void Timeline::link_opened(std::uint64_t run, std::vector<TrackToolsPtr> tools, Nanoseconds now) {
  assert(tools.size() == tracks_.size());
  connected_ = true;
  for (std::size_t t = 0; t < tracks_.size(); ++t) {
    const bool same = tracks_[t].newest && tracks_[t].newest->init_name == tools[t]->init_name;
    if (!same) tracks_[t].slates = {};
    tracks_[t].newest = std::move(tools[t]);
  }
  promised_.reset();
  // A new run begins with an IDR by itself; the known one must be asked at once.
  asked_at_ = run != run_ ? std::optional(now) : std::nullopt;
  run_ = run;
}

void Timeline::link_closed() {
  connected_ = false;
  promised_.reset();
  asked_at_.reset();
}

void Timeline::remember(std::size_t track, TrackToolsPtr tools, Slates slates) {
  tracks_[track].newest = std::move(tools);
  tracks_[track].slates = std::move(slates);
}

void Timeline::slate(std::size_t track, SlateKind kind, SharedBytes idr) {
  if (track >= tracks_.size() || !is_video(track) || !tracks_[track].newest) return void(++counters_.refused_packets);
  Track& rung = tracks_[track];
  auto header = parse_sample_header(*idr, *rung.newest->video);
  if (!header || !header->idr) return void(++counters_.refused_packets);
  rung.slates[static_cast<std::size_t>(kind)] = idr;
  if (rung.rung && rung.tools->init_name == rung.newest->init_name) rung.rung->set_slate(kind, std::move(idr));
}

void Timeline::packet(std::size_t track, std::uint64_t run, std::int64_t index, SharedBytes bytes) {
  if (!show_) return;
  if (track >= tracks_.size() || !tracks_[track].newest) return void(++counters_.refused_packets);
  Track& into = tracks_[track];
  const auto [next, ignored] = indices(track, into.next, into.next);
  if (index < next) {
    const bool before_show = index < indices(track, show_->span.first, show_->span.first).first;
    if (!before_show) ++counters_.late_packets;
    return;
  }
  const Nanoseconds ahead =
      is_video(track) ? cutting_.grid().time_of(index - next) : time_of_sample((index - next) * kSamplesPerSoundFrame);
  if (ahead > kMostAhead) return void(++counters_.refused_packets);
  Packet packet{{run, {}, std::move(bytes)}, into.newest};
  if (is_video(track)) {
    auto header = parse_sample_header(*packet.picture.sample, *into.newest->video);
    if (!header) return void(++counters_.refused_packets);
    packet.picture.header = *header;
  }
  const auto there = into.packets.find(index);
  if (there != into.packets.end() && there->second.picture.run > run) return void(++counters_.refused_packets);
  into.packets.insert_or_assign(index, std::move(packet));
}

void Timeline::idr_answer(std::uint32_t request, PictureIndex picture) {
  if (request == request_) promised_ = picture;
}

void Timeline::idr_promised(PictureIndex picture) {
  promised_ = picture;
}

std::vector<std::int64_t> Timeline::next_needed() const {
  std::vector<std::int64_t> next;
  if (!show_) return next;
  for (std::size_t t = 0; t < tracks_.size(); ++t)
    next.push_back(indices(t, tracks_[t].next, tracks_[t].next).first);
  return next;
}

// Shows.

void Timeline::begin_show(const std::string& show, std::int64_t first_sequence, bool discontinuity, Nanoseconds now) {
  const PictureIndex first = cutting_.next_segment_start(cutting_.grid().picture_at(now) + 1);
  show_ = Show{show, {first, first_sequence}, discontinuity, false, std::nullopt, false};
  for (Track& track : tracks_) {
    track.next = first;
    track.packets.clear();
    track.rung.reset();
    track.tools.reset();
  }
}

void Timeline::resume_show(const ResumePoint& point, Nanoseconds now) {
  assert(point.tracks.size() == tracks_.size());
  show_ = Show{point.show, point.span, false, true, std::nullopt, false};
  usual_ = point.usual;
  for (std::size_t t = 0; t < tracks_.size(); ++t) {
    const auto& from = point.tracks[t];
    tracks_[t].next = from.next;
    tracks_[t].tools = from.tools;
    if (!tracks_[t].newest) remember(t, from.tools, from.slates);
    if (!is_video(t)) continue;
    tracks_[t].rung.emplace(from.tools, from.slates, cutting_.grid().fps());
    tracks_[t].rung->resume(from.state, from.last_idr);
    run_ = std::max(run_, from.state.run);
  }
  // Died in the middle of a fill: transcode was away before, and its live is taken up at an IDR only.
  if (!any_filling()) no_fill_before_ = now + kRestartGrace;
}

void Timeline::end_show() {
  if (!show_) return;
  show_->end_wanted = true;
  if (!show_->published) finish_show();
}

void Timeline::crew_slate(std::optional<SlateKind> kind, Nanoseconds now) {
  const bool off = crew_slate_ && !kind;
  crew_slate_ = kind;
  if (!off || !show_) return;
  promised_.reset();
  asked_at_.reset();
  ask_for_idr(now);
}

void Timeline::finish_show() {
  const std::string id = show_->id;
  show_.reset();
  for (Track& track : tracks_)
    track.packets.clear();
  out_.show_ends(id);
}

bool Timeline::has_formats() const {
  return std::all_of(tracks_.begin(), tracks_.end(), [](const Track& track) { return track.newest != nullptr; });
}

bool Timeline::any_filling() const {
  return std::any_of(tracks_.begin(), tracks_.end(),
                     [](const Track& track) { return track.rung && track.rung->state().filling; });
}

bool Timeline::live() const {
  return show_ && show_->published && !any_filling();
}

std::optional<SlateKind> Timeline::slate_shown() const {
  for (const Track& track : tracks_)
    if (track.rung && track.rung->state().slate) return track.rung->state().slate;
  return std::nullopt;
}

PictureIndex Timeline::next_picture() const {
  PictureIndex next = tracks_.front().next;
  for (const Track& track : tracks_)
    next = std::min(next, track.next);
  return next;
}

// Cutting.

Nanoseconds Timeline::usual_moment(PictureIndex begin) const {
  return cutting_.grid().time_of(begin + cutting_.pictures_per_part() - 1) + usual_;
}

Nanoseconds Timeline::due(PictureIndex begin) const {
  const Nanoseconds usual = usual_moment(begin);
  if (crew_slate_) return usual;
  const PictureIndex end = begin + cutting_.pictures_per_part();
  const bool worth_waiting = !any_filling() || (promised_ && *promised_ < end);
  const auto allowance = connected_ && worth_waiting ? kLateAllowance : kClosedAllowance;
  return std::max<Nanoseconds>(usual + allowance, no_fill_before_);
}

void Timeline::woke_late(Nanoseconds now) {
  if (!show_ || graced_row_ == next_picture()) return;
  graced_row_ = next_picture();
  no_fill_before_ = std::max<Nanoseconds>(no_fill_before_, now + kWakeGrace);
}

std::optional<Nanoseconds> Timeline::advance(Nanoseconds now) {
  while (show_ && has_formats() && cut_next(now)) {
  }
  if (!show_ || !has_formats()) return std::nullopt;
  if (any_filling() && show_->published) ask_for_idr(now);
  return due(next_picture());
}

bool Timeline::cut_next(Nanoseconds now) {
  const PictureIndex begin = next_picture();
  if (show_->end_wanted && cutting_.starts_segment(begin)) {
    finish_show();
    return false;
  }
  if (now - usual_moment(begin) > kLeapAfter && cutting_.starts_segment(begin)) {
    leap(now);
    return true;
  }
  const RowPlan row = plan(begin);
  if (!row.complete && now < due(begin)) return false;
  commit(row, now);
  return true;
}

// Time that is lost for good: the segment before is whole, the next one begins at the present.
void Timeline::leap(Nanoseconds now) {
  const PictureIndex begin = next_picture();
  const PictureIndex first = cutting_.next_segment_start(cutting_.grid().picture_at(now));
  const std::int64_t sequence =
      show_->span.first_sequence + (begin - show_->span.first) / cutting_.pictures_per_segment();
  show_->discontinuity = show_->discontinuity || show_->published || begin != show_->span.first;
  show_->span = {first, sequence};
  if (show_->discontinuity) ++counters_.discontinuities;
  for (Track& track : tracks_) {
    track.next = first;
    track.packets.erase(
        track.packets.begin(),
        track.packets.lower_bound(indices(static_cast<std::size_t>(&track - tracks_.data()), first, first).first));
  }
  no_fill_before_ = {};
}

void Timeline::adopt_formats() {
  for (Track& track : tracks_) {
    track.tools = track.newest;
    if (track.kind == TrackKind::kVideo) track.rung.emplace(track.newest, track.slates, cutting_.grid().fps());
  }
  std::vector<TrackToolsPtr> tools;
  for (const Track& track : tracks_)
    tools.push_back(track.tools);
  out_.formats(tools);
}

void Timeline::commit(const RowPlan& row, Nanoseconds now) {
  if (!show_->published || row.swaps_format) adopt_formats();
  if (row.swaps_format) {
    show_->discontinuity = true;
    ++counters_.discontinuities;
  }
  for (std::size_t t = 0; t < tracks_.size(); ++t) {
    const bool shows = !is_video(t) || tracks_[t].rung->can_fill() || row.chosen[t].front() != nullptr;
    if (shows) continue;
    // Only before the first picture of all: the show begins a segment later.
    show_->span.first += cutting_.pictures_per_segment();
    for (Track& track : tracks_)
      track.next = show_->span.first;
    return;
  }
  const bool was_filling = any_filling();
  for (std::size_t t = 0; t < tracks_.size(); ++t)
    if (tracks_[t].next == row.begin) emit(t, row);
  show_->discontinuity = false;
  show_->published = true;
  if (any_filling() && !was_filling && !crew_slate_) ++counters_.faults;
  if (!any_filling()) {
    promised_.reset();
    asked_at_.reset();
  }
  measure(row, now, row.complete && !was_filling);
}

void Timeline::emit(std::size_t t, const RowPlan& row) {
  Track& track = tracks_[t];
  const auto [begin, end] = indices(t, row.begin, row.end);
  const std::int64_t unit = is_video(t) ? cutting_.grid().ticks_per_picture() : kSamplesPerSoundFrame;
  const PictureIndex offset = row.begin - show_->span.first;
  CutPart part;
  part.track = t;
  part.tools = track.tools;
  part.span = show_->span;
  part.sequence = show_->span.first_sequence + offset / cutting_.pictures_per_segment();
  part.number = static_cast<int>(offset % cutting_.pictures_per_segment() / cutting_.pictures_per_part());
  part.last_of_segment = part.number + 1 == cutting_.parts_per_segment();
  part.discontinuity_before = show_->discontinuity;
  part.first_picture = row.begin;
  part.begin = begin * unit;
  part.duration = (end - begin) * unit;
  part.usual = usual_;
  if (is_video(t)) {
    cut_rung(part, t, row);
  } else {
    cut_sound(part, t, row);
  }
  track.next = row.end;
  track.packets.erase(track.packets.begin(), track.packets.lower_bound(end));
  ++counters_.parts;
  out_.part(part);
}

void Timeline::cut_rung(CutPart& part, std::size_t t, const RowPlan& row) {
  RungFill& rung = *tracks_[t].rung;
  const auto& chosen = row.chosen[t];
  const Ticks90k unit = cutting_.grid().ticks_per_picture();
  for (std::size_t i = 0; i < chosen.size();) {
    const auto next_live = std::find_if(chosen.begin() + static_cast<std::ptrdiff_t>(i), chosen.end(),
                                        [](const Packet* packet) { return packet != nullptr; });
    const PictureIndex n = row.begin + static_cast<PictureIndex>(i);
    RungSample sample;
    if (chosen[i] != nullptr) {
      sample = rung.take_live(chosen[i]->picture);
    } else {
      const int missing = static_cast<int>(next_live - chosen.begin()) - static_cast<int>(i);
      auto filled = rung.fill({n, missing, i == 0, i == 0 && cutting_.starts_segment(n), crew_slate_});
      assert(filled); // can_fill() was asked
      sample = std::move(*filled);
      add_filled(part.filled, n, sample.pictures);
      counters_.filled_pictures += static_cast<std::uint64_t>(sample.pictures);
    }
    part.samples.push_back({std::move(sample.bytes), n * unit, sample.pictures * unit, sample.idr});
    i += static_cast<std::size_t>(sample.pictures);
  }
  part.independent = part.samples.front().sync;
  part.state = rung.state();
}

void Timeline::cut_sound(CutPart& part, std::size_t t, const RowPlan& row) {
  const auto& chosen = row.chosen[t];
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    const bool live = chosen[i] != nullptr;
    part.samples.push_back({live ? chosen[i]->picture.sample : tracks_[t].tools->silence,
                            part.begin + static_cast<std::int64_t>(i) * kSamplesPerSoundFrame, kSamplesPerSoundFrame,
                            true});
    if (live) continue;
    add_filled(part.filled, part.begin / kSamplesPerSoundFrame + static_cast<SoundIndex>(i), 1);
    ++counters_.filled_sounds;
  }
  part.independent = true;
}

// The usual moment follows the median of live rows, so that one hiccup does not move it and a slower machine does.
void Timeline::measure(const RowPlan& row, Nanoseconds now, bool all_live) {
  const Nanoseconds lateness = now - usual_moment(row.begin);
  counters_.worst_lateness = std::max(counters_.worst_lateness, lateness);
  if (lateness > kLatePart) ++counters_.late_parts;
  if (!all_live || now < no_fill_before_ + kLateAllowance) return;
  recent_.push_back(now - cutting_.grid().time_of(row.end - 1));
  if (recent_.size() > kUsualRows) recent_.pop_front();
  if (recent_.size() < kUsualRows / 4) return;
  std::vector<Nanoseconds> sorted(recent_.begin(), recent_.end());
  std::nth_element(sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 2), sorted.end());
  usual_ = std::clamp<Nanoseconds>(sorted[sorted.size() / 2], 0ms, kUsualAtMost);
}

void Timeline::ask_for_idr(Nanoseconds now) {
  if (!connected_ || crew_slate_) return;
  if (promised_ && *promised_ >= next_picture()) return; // it is on its way
  if (!promised_ && asked_at_ && now - *asked_at_ < kAskAgain) return;
  promised_.reset();
  asked_at_ = now;
  out_.ask_idr(++request_);
}

} // namespace pult::packager
