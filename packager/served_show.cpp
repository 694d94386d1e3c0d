#include "packager/served_show.hpp"

#include "packager/gzip.hpp"
#include "packager/multivariant_playlist.hpp"

#include <algorithm>
#include <numeric>
#include <spdlog/spdlog.h>

namespace pult::packager {
namespace {

// Without overflow for centuries of 90 kHz ticks.
Nanoseconds time_of_ticks(std::int64_t ticks, std::uint32_t timescale) {
  const auto rest = ticks % timescale;
  return std::chrono::seconds(ticks / timescale) + Nanoseconds(rest * 1'000'000'000 / timescale);
}

} // namespace

std::size_t ServedTrack::Segment::offset_of(std::size_t part) const {
  return std::accumulate(part_bytes.begin(), part_bytes.begin() + static_cast<std::ptrdiff_t>(part), std::size_t{0});
}

ServedTrack::ServedTrack(TrackDescription description, HlsTiming timing, std::chrono::seconds window,
                         IoExecutor executor)
    : description_(std::move(description)), playlist_(timing, description_.timescale, window),
      waiters_(std::move(executor)) {}

const ServedTrack::Segment* ServedTrack::segment(std::int64_t sequence) const {
  const auto found = segments_.find(sequence);
  return found != segments_.end() ? &found->second : nullptr;
}

SharedBytes ServedTrack::init(const std::string& name) const {
  const auto found = inits_.find(name);
  return found != inits_.end() ? found->second : nullptr;
}

ServedShow::ServedShow(Show show, Settings settings, asio::io_context& io, Window& window)
    : show_(std::move(show)), settings_(settings), io_(io), window_(window) {
  for (const auto& track : show_.tracks)
    tracks_.push_back(make_track(track));
}

std::unique_ptr<ServedTrack> ServedShow::make_track(const TrackDescription& track) const {
  return std::make_unique<ServedTrack>(track, settings_.timing, settings_.window, io_.get_executor());
}

void ServedShow::adopt(const StoredShow& stored) {
  for (std::size_t i = 0; i < tracks_.size() && i < stored.tracks.size(); ++i) {
    auto& track = *tracks_[i];
    track.inits_ = stored.tracks[i].inits;
    for (const auto& segment : stored.tracks[i].segments) {
      track.published_ += time_of_ticks(segment.entry.duration(), track.description_.timescale);
      track.segments_[segment.entry.sequence] = {segment.part_bytes, {},    segment.place,     false,
                                                 track.published_,   false, segment.entry.wall};
      track.discontinuities_ = segment.entry.discontinuity_sequence;
      track.playlist_.append_segment(segment.entry);
    }
    forget_old(track);
  }
  if (!stored.ended) return;
  ended_ = true;
  for (auto& track : tracks_)
    track->playlist_.end();
}

void ServedShow::describe(const Show& show) {
  std::vector<std::unique_ptr<ServedTrack>> tracks;
  for (const auto& track : show.tracks) {
    const auto same = std::find_if(tracks_.begin(), tracks_.end(), [&](const auto& known) {
      return known && known->description_.name == track.name && known->description_.timescale == track.timescale;
    });
    tracks.push_back(same != tracks_.end() ? std::move(*same) : make_track(track));
    tracks.back()->description_ = track;
  }
  for (auto& gone : tracks_)
    if (gone) retired_.push_back(std::move(gone)); // somebody may wait in it
  tracks_ = std::move(tracks);
  show_ = show;
}

void ServedShow::init_section(const InitSection& init) {
  if (init.track >= tracks_.size()) return;
  auto& track = *tracks_[init.track];
  track.inits_[init.name] = init.bytes;
  window_.keep_init(show_.id, track.description_.name, init);
}

void ServedShow::part(const PublishedPart& part) {
  if (part.track >= tracks_.size() || ended_) return;
  auto& track = *tracks_[part.track];
  const PartPlace place{part.sequence, part.number};
  const auto next = track.playlist_.next();
  if (!track.playlist_.empty() && place < next) return take_again(track, part);
  if (place == next && !track.playlist_.empty()) return append(track, part);
  if (part.number != 0) return; // the run directory's oldest segment may lack its beginning
  if (!track.playlist_.empty()) {
    // A hole: nothing before it can be played up to here.
    spdlog::warn("packager: {} goes on at segment {} after {}", track.description_.name, place.sequence, next.sequence);
    if (track.playlist_.segment_open()) track.playlist_.complete_segment();
    track.playlist_.drop_through(part.sequence);
  }
  append(track, part);
}

// Handed over again after a restart: the bytes are listed already, from disk.
void ServedShow::take_again(ServedTrack& track, const PublishedPart& part) {
  const auto found = track.segments_.find(part.sequence);
  if (found == track.segments_.end()) return;
  auto& parts = found->second.parts;
  if (parts.size() == static_cast<std::size_t>(part.number)) parts.push_back(part.bytes);
}

void ServedShow::append(ServedTrack& track, const PublishedPart& part) {
  const PartEntry entry{part.duration, part.independent};
  if (part.number == 0) {
    const auto before = track.playlist_.empty() ? 0 : track.playlist_.last().discontinuity_sequence;
    track.playlist_.begin_segment({part.sequence,
                                   wall_of(track, part.begin),
                                   part.discontinuity_before,
                                   before + (part.discontinuity_before ? 1 : 0),
                                   part.init_name,
                                   {}},
                                  entry);
  } else {
    track.playlist_.append_part(entry);
  }
  track.published_ += time_of_ticks(part.duration, track.description_.timescale);
  auto& segment = track.segments_[part.sequence];
  segment.parts.push_back(part.bytes);
  segment.part_bytes.push_back(part.bytes->size());
  segment.end = track.published_;
  segment.held = segment.held || held_;
  if (part.number == 0) segment.wall = wall_of(track, part.begin);
  track.changed_ = true;
  if (part.last_of_segment) complete(track);
}

void ServedShow::complete(ServedTrack& track) {
  track.playlist_.complete_segment();
  store(track, track.playlist_.last().sequence);
  forget_old(track);
}

void ServedShow::store(ServedTrack& track, std::int64_t sequence) {
  const auto& name = track.description_.name;
  auto& segment = track.segments_.at(sequence);
  // Also the segment in which the hold ended: a part of it was held.
  if (segment.held || held_) {
    segment.held = true;
    return;
  }
  const bool queued = window_.append(show_.id, name, track.playlist_.last(), segment.parts,
                                     [weak = weak_from_this(), name, sequence](const Result<WindowPlace>& place) {
                                       if (const auto self = weak.lock()) self->stored(name, sequence, place);
                                     });
  segment.unstorable = !queued;
}

void ServedShow::stored(const std::string& name, std::int64_t sequence, const Result<WindowPlace>& place) {
  auto* served = track(name);
  if (served == nullptr) return;
  const auto found = served->segments_.find(sequence);
  if (found == served->segments_.end()) return;
  if (place) found->second.stored = *place;
  found->second.unstorable = !place;
}

void ServedShow::hold(bool held) {
  if (std::exchange(held_, held) == held) return;
  for (auto& track : tracks_)
    forget_held(*track);
  publish();
}

// What is held has left the playlists when it is old, and with it all before: a playlist has no holes.
void ServedShow::forget_held(ServedTrack& track) {
  std::optional<std::int64_t> last;
  for (auto& [sequence, segment] : track.segments_) {
    const auto age = track.published_ - segment.end;
    if (age < kHeldWindow) break;
    if (held_ || segment.held) last = sequence;
    if (segment.held && age >= kInMemory) segment.parts.clear();
  }
  if (!last || track.playlist_.empty() || *last < track.playlist_.first_sequence()) return;
  track.playlist_.drop_through(*last);
  track.changed_ = true;
}

std::size_t ServedShow::forget_before(Nanoseconds wall) {
  std::size_t forgotten = 0;
  for (auto& track : tracks_) {
    auto& segments = track->segments_;
    std::optional<std::int64_t> last;
    for (const auto& [sequence, segment] : segments)
      if (segment.wall < wall) last = sequence;
    if (!last) continue;
    if (!track->playlist_.empty() && *last >= track->playlist_.first_sequence()) track->playlist_.drop_through(*last);
    forgotten += static_cast<std::size_t>(std::distance(segments.begin(), segments.upper_bound(*last)));
    segments.erase(segments.begin(), segments.upper_bound(*last));
    track->changed_ = true;
    window_.forget(show_.id, track->description_.name, *last + 1);
  }
  publish();
  return forgotten;
}

void ServedShow::forget_old(ServedTrack& track) {
  forget_held(track);
  const auto age = [&](const ServedTrack::Segment& segment) { return track.published_ - segment.end; };
  for (auto& [sequence, segment] : track.segments_) {
    if (age(segment) < kInMemory) break;
    const bool lost = segment.unstorable && age(segment) >= kUnstoredInMemory;
    if (segment.stored || lost) segment.parts.clear();
    if (lost) track.playlist_.drop_through(sequence);
  }
  const auto kept = settings_.window + kServedAfterWindow;
  bool removed = false;
  while (!track.segments_.empty() && age(track.segments_.begin()->second) > kept) {
    track.segments_.erase(track.segments_.begin());
    removed = true;
  }
  if (removed) window_.prune(show_.id, track.description_.name, track.segments_.begin()->first);
}

void ServedShow::end(Nanoseconds wall) {
  if (ended_) return;
  ended_ = true;
  for (auto& track : tracks_) {
    if (track->playlist_.segment_open()) complete(*track);
    track->playlist_.end();
    track->changed_ = true;
  }
  window_.end(show_, wall);
}

void ServedShow::publish() {
  // Reports name the other tracks: all texts first, then all who wait.
  const auto now = std::chrono::steady_clock::now();
  for (auto& track : tracks_) {
    if (!track->changed_) continue;
    track->rendered_ = {};
    track->changed_at_ = now;
  }
  for (auto& track : tracks_)
    if (std::exchange(track->changed_, false)) track->waiters_.wake_all();
}

void ServedShow::wake_all() {
  for (auto& track : tracks_)
    track->waiters_.wake_all();
}

bool ServedShow::has_master() const {
  return !tracks_.empty() && std::all_of(tracks_.begin(), tracks_.end(), [](const auto& track) {
    return track->playlist_.whole_segments() >= kSegmentsBeforeMaster;
  });
}

std::string ServedShow::master() const {
  return multivariant_playlist(show_, settings_.fps, settings_.segment);
}

ServedTrack* ServedShow::track(const std::string& name) {
  const auto found =
      std::find_if(tracks_.begin(), tracks_.end(), [&](const auto& t) { return t->description_.name == name; });
  return found != tracks_.end() ? found->get() : nullptr;
}

SharedBytes ServedShow::rendered(ServedTrack& track, bool delta, bool packed) {
  auto& text = track.rendered_[delta ? 1 : 0];
  if (!text.plain) {
    const auto others = reports(track);
    const auto plain = delta ? track.playlist_.delta_text(others) : track.playlist_.text(others);
    text.plain = share(Bytes(plain.begin(), plain.end()));
  }
  if (packed && !text.packed)
    text.packed = share(gzip({reinterpret_cast<const char*>(text.plain->data()), text.plain->size()}, kFastGzip));
  return packed ? text.packed : text.plain;
}

std::size_t ServedShow::waiting() const {
  return std::accumulate(tracks_.begin(), tracks_.end(), std::size_t{0},
                         [](std::size_t sum, const auto& track) { return sum + track->waiters_.size(); });
}

// The instant at which the room's grid was there; the same for all tracks.
Nanoseconds ServedShow::wall_of(const ServedTrack& track, std::int64_t begin) const {
  return settings_.epoch_wall + time_of_ticks(begin, track.description_.timescale);
}

std::vector<RenditionReport> ServedShow::reports(const ServedTrack& besides) const {
  std::vector<RenditionReport> reports;
  for (const auto& track : tracks_)
    if (track.get() != &besides && !track->playlist_.empty())
      reports.push_back({"../" + uri_escaped(track->description_.name) + "/index.m3u8", track->playlist_.last_part()});
  return reports;
}

} // namespace pult::packager
