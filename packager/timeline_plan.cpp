// What each index of a row will be: live where a decoder may take it, else a fill.
#include "packager/timeline.hpp"

#include <algorithm>

namespace pult::packager {

std::pair<std::int64_t, std::int64_t> Timeline::indices(std::size_t track, PictureIndex begin, PictureIndex end) const {
  if (is_video(track)) return {begin, end};
  return {cutting_.grid().sound_at_or_after(begin), cutting_.grid().sound_at_or_after(end)};
}

PictureIndex Timeline::picture_of_sound(SoundIndex m) const {
  return m * kSamplesPerSoundFrame / cutting_.grid().samples_per_picture();
}

const Timeline::Packet* Timeline::find(std::size_t track, std::int64_t index) const {
  const auto at = tracks_[track].packets.find(index);
  return at == tracks_[track].packets.end() ? nullptr : &at->second;
}

const TrackToolsPtr& Timeline::in_force(std::size_t track, bool swapped) const {
  return swapped || !show_->published ? tracks_[track].newest : tracks_[track].tools;
}

bool Timeline::all_have_idr(PictureIndex n, bool swapped) const {
  std::optional<std::uint64_t> run;
  for (std::size_t t = 0; t < tracks_.size(); ++t) {
    if (!is_video(t) || tracks_[t].next > n) continue;
    const Packet* packet = find(t, n);
    if (packet == nullptr || !packet->picture.header.idr) return false;
    if (packet->tools->init_name != in_force(t, swapped)->init_name) return false;
    if (run && *run != packet->picture.run) return false;
    run = packet->picture.run;
  }
  return true;
}

bool Timeline::format_pending() const {
  return std::any_of(tracks_.begin(), tracks_.end(), [](const Track& track) {
    return track.tools && track.newest && track.tools->init_name != track.newest->init_name;
  });
}

bool Timeline::can_swap(PictureIndex begin) const {
  if (!show_->published || !cutting_.starts_segment(begin) || !format_pending()) return false;
  if (std::any_of(tracks_.begin(), tracks_.end(), [&](const Track& track) { return track.next != begin; }))
    return false;
  if (!crew_slate_ && all_have_idr(begin, true)) return true;
  return std::all_of(tracks_.begin(), tracks_.end(), [](const Track& track) {
    return track.kind != TrackKind::kVideo || RungFill(track.newest, track.slates, 25).can_fill();
  });
}

Timeline::RowPlan Timeline::plan(PictureIndex begin) const {
  RowPlan row;
  row.begin = begin;
  row.end = begin + cutting_.pictures_per_part();
  row.swaps_format = can_swap(begin);
  row.chosen.resize(tracks_.size());
  row.complete = !crew_slate_;
  // A restarted packager may find a row of which only some tracks were published: the others are made up for.
  const auto missing = [&](std::size_t t, bool video) { return is_video(t) == video && tracks_[t].next == begin; };
  for (std::size_t t = 0; t < tracks_.size(); ++t)
    if (missing(t, true) && !plan_rung(row, t)) row.complete = false;
  for (std::size_t t = 0; t < tracks_.size(); ++t)
    if (missing(t, false) && !plan_sound(row, t)) row.complete = false;
  return row;
}

// True when nothing is missing: live throughout, or filled up to the IDR that it waited for and live from there.
bool Timeline::plan_rung(RowPlan& row, std::size_t t) const {
  const Track& track = tracks_[t];
  const TrackToolsPtr& tools = in_force(t, row.swaps_format);
  RungState state = show_->published && !row.swaps_format ? track.rung->state() : RungState{};
  bool waiting = state.filling; // until the first live picture
  bool whole = true;
  for (PictureIndex n = row.begin; n < row.end; ++n) {
    const Packet* packet = crew_slate_ ? nullptr : find(t, n);
    const bool usable = packet != nullptr && packet->tools->init_name == tools->init_name &&
                        (continues(state, packet->picture, tools->video->sps) ||
                         (packet->picture.header.idr && all_have_idr(n, row.swaps_format)));
    row.chosen[t].push_back(usable ? packet : nullptr);
    if (usable) {
      follow(state, packet->picture);
      waiting = false;
    } else {
      state.filling = true;
      whole = whole && waiting;
    }
  }
  return whole && !waiting;
}

bool Timeline::filled_everywhere(const RowPlan& row, PictureIndex n) const {
  bool filled = false;
  for (std::size_t t = 0; t < tracks_.size(); ++t) {
    if (!is_video(t) || row.chosen[t].empty()) continue;
    if (row.chosen[t][static_cast<std::size_t>(n - row.begin)] != nullptr) return false;
    filled = true;
  }
  return filled;
}

bool Timeline::plan_sound(RowPlan& row, std::size_t t) const {
  bool whole = true;
  const auto [begin, end] = indices(t, row.begin, row.end);
  for (SoundIndex m = begin; m < end; ++m) {
    const bool silent = crew_slate_ || filled_everywhere(row, picture_of_sound(m));
    const Packet* packet = silent ? nullptr : find(t, m);
    if (packet != nullptr && packet->tools->init_name != in_force(t, row.swaps_format)->init_name) packet = nullptr;
    row.chosen[t].push_back(packet);
    whole = whole && (packet != nullptr || silent);
  }
  return whole;
}

} // namespace pult::packager
