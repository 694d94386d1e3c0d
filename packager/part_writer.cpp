#include "packager/part_writer.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <sstream>

#include "base/file.hpp"

namespace pult::packager {

namespace {

// The samples lie at the end of a fragment, one behind the other: where the last IDR is among them.
IdrPlace last_idr_place(const CutPart& part, std::size_t fragment_bytes) {
  std::uint64_t behind = 0;
  for (auto sample = part.samples.rbegin(); sample != part.samples.rend(); ++sample) {
    behind += sample->bytes->size();
    if (sample->sync) return {fragment_bytes - behind, sample->bytes->size()};
  }
  return {};
}

} // namespace

std::vector<TrackDescription> describe_tracks(const RoomConfig& config) {
  std::vector<TrackDescription> tracks;
  for (const auto& rendition : config.renditions) {
    auto& track = tracks.emplace_back();
    track.name = rendition.name;
    track.width = rendition.size.width;
    track.height = rendition.size.height;
    track.kbps = rendition.video_kbps;
  }
  for (const auto& sound : config.sounds) {
    auto& track = tracks.emplace_back();
    track.kind = TrackKind::kSound;
    track.name = sound.name;
    track.kbps = sound.kbps;
    track.language = sound.language;
    track.timescale = kSampleRate;
  }
  return tracks;
}

bool PartWriter::valid_id(const std::string& show) {
  return !show.empty() && show.size() <= 64 && std::all_of(show.begin(), show.end(), [](unsigned char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

Result<std::unique_ptr<PartWriter>> PartWriter::open(const std::filesystem::path& run_dir, const std::string& show,
                                                     const RoomConfig& config, const RoomEpoch& epoch, Sinks sinks) {
  if (!valid_id(show)) return Error{Errc::kInvalidArgument, "show id: letters, digits, - and _ only, at most 64"};
  const Cutting cutting = config.cutting();
  std::unique_ptr<PartWriter> writer(new PartWriter(run_dir / "live" / show, show, epoch, cutting, std::move(sinks)));
  const int segments = static_cast<int>(kKeptLive.count()) * config.fps / cutting.pictures_per_segment() + 1;
  for (auto& description : describe_tracks(config)) {
    auto store = TrackStore::open(writer->folder_ / description.name, segments);
    if (!store) return store.error();
    writer->tracks_.push_back({std::move(description), std::move(*store), TrackMuxer(cutting), {}});
  }
  return writer;
}

// --- the show's record ---

std::optional<PartWriter::Record> PartWriter::read_record() const {
  auto text = read_file(folder_ / "show");
  if (!text) return std::nullopt;
  std::istringstream in(*text);
  Record record;
  std::string boot;
  std::int64_t monotonic = 0;
  if (!(in >> record.first >> record.first_sequence >> boot >> monotonic)) return std::nullopt;
  if (boot != epoch_.boot_id || monotonic != epoch_.monotonic.count()) return std::nullopt;
  return record;
}

bool PartWriter::ended() const {
  std::error_code ignored;
  return std::filesystem::exists(folder_ / "ended", ignored);
}

void PartWriter::announce(const Record& record) {
  Show show{show_, {}, record.first, record.first_sequence};
  for (const Track& track : tracks_) {
    show.tracks.push_back(track.description);
  }
  for (PartSink* sink : all_)
    sink->show_begins(show);
  announced_ = true;
}

void PartWriter::begin(const CutPart& first) {
  const PictureIndex segments = (first.first_picture) / cutting_.pictures_per_segment();
  const Record record{segments * cutting_.pictures_per_segment(), first.sequence};
  const auto text =
      fmt::format("{} {} {} {}\n", record.first, record.first_sequence, epoch_.boot_id, epoch_.monotonic.count());
  if (auto kept = replace_file(folder_ / "show", text); !kept) spdlog::error("{}", kept.error().message);
  announce(record);
}

void PartWriter::hand_init(std::size_t track, const std::string& name, const SharedBytes& bytes) {
  if (tracks_[track].handed_init == name) return;
  tracks_[track].handed_init = name;
  for (PartSink* sink : all_)
    sink->init_section({track, name, bytes});
}

// --- writing ---

void PartWriter::formats(const std::vector<TrackToolsPtr>& tools) {
  for (std::size_t t = 0; t < tracks_.size(); ++t)
    tracks_[t].description.codec = tools[t]->codec;
}

std::optional<PublishedPart> PartWriter::write(const CutPart& part) {
  Track& track = tracks_[part.track];
  auto bytes = track.muxer.fragment(part);
  if (!bytes) {
    ++failures_;
    spdlog::error("track {}: {}", track.description.name, bytes.error().message);
    return std::nullopt;
  }
  const KeptPart kept{published(part, share(std::move(*bytes))), part.span, part.state, part.usual, {}};
  if (auto done = track.store.append(kept, last_idr_place(part, kept.part.bytes->size())); !done) {
    ++failures_;
    spdlog::error("track {}: {}", track.description.name, done.error().message);
  }
  highest_sequence_ = std::max(highest_sequence_, part.sequence);
  if (!announced_) begin(part);
  hand_init(part.track, part.tools->init_name, part.tools->init);
  for (PartSink* sink : sinks_.window)
    sink->part(kept.part);
  return kept.part;
}

void PartWriter::end() {
  if (auto kept = write_file(folder_ / "ended", ""); !kept) spdlog::error("{}", kept.error().message);
  for (PartSink* sink : sinks_.window)
    sink->show_ends(show_);
}

void PartWriter::remove_others() const {
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator(folder_.parent_path(), failed)) {
    std::error_code ignored;
    if (entry.path() != folder_) std::filesystem::remove_all(entry.path(), ignored);
  }
}

// --- resuming ---

Result<std::optional<ResumePoint>> PartWriter::resume(const FormatStore& formats) {
  std::vector<std::vector<KeptPart>> kept;
  bool whole = true;
  for (Track& track : tracks_) {
    auto parts = track.store.load();
    if (!parts) return parts.error();
    for (KeptPart& part : *parts)
      part.part.track = kept.size();
    if (!parts->empty()) highest_sequence_ = std::max(highest_sequence_, parts->back().part.sequence);
    whole = whole && !parts->empty();
    kept.push_back(std::move(*parts));
  }
  const auto record = read_record();
  auto point = whole && record ? point_of(kept, formats) : std::nullopt;
  if (!point) {
    std::error_code ignored; // of another epoch, or torn before the first row was whole: nobody goes on from it
    for (const Track& track : tracks_)
      std::filesystem::remove_all(folder_ / track.description.name, ignored);
    for (Track& track : tracks_)
      std::filesystem::create_directories(folder_ / track.description.name, ignored);
    return point;
  }
  for (std::size_t t = 0; t < tracks_.size(); ++t)
    tracks_[t].description.codec = point->tracks[t].tools->codec;
  announce(*record);
  hand_over(kept, formats);
  return point;
}

std::optional<ResumePoint> PartWriter::point_of(const std::vector<std::vector<KeptPart>>& kept,
                                                const FormatStore& formats) const {
  ResumePoint point;
  point.show = show_;
  PictureIndex furthest = 0;
  for (std::size_t t = 0; t < tracks_.size(); ++t) {
    const KeptPart& last = kept[t].back();
    auto format = formats.load(tracks_[t].description.name, tracks_[t].description.language, last.part.init_name);
    if (!format) {
      spdlog::warn("cannot go on where the show was: {}", format.error().message);
      return std::nullopt;
    }
    const PictureIndex next = last.part.first_picture + cutting_.pictures_per_part();
    point.tracks.push_back({next, format->tools, format->slates, last.state, TrackStore::last_idr(kept[t])});
    if (next <= furthest) continue;
    furthest = next;
    point.span = last.span;
    point.usual = last.usual;
  }
  return point;
}

// In the order in which they were published: row by row.
void PartWriter::hand_over(const std::vector<std::vector<KeptPart>>& kept, const FormatStore& formats) {
  std::vector<const KeptPart*> order;
  for (const auto& track : kept)
    for (const KeptPart& part : track)
      order.push_back(&part);
  std::stable_sort(order.begin(), order.end(),
                   [](const KeptPart* a, const KeptPart* b) { return a->part.first_picture < b->part.first_picture; });
  for (const KeptPart* part : order) {
    const auto& description = tracks_[part->part.track].description;
    if (tracks_[part->part.track].handed_init != part->part.init_name) {
      auto format = formats.load(description.name, description.language, part->part.init_name);
      if (!format) continue;
      hand_init(part->part.track, part->part.init_name, format->tools->init);
    }
    for (PartSink* sink : all_)
      sink->part(part->part);
  }
}

} // namespace pult::packager
