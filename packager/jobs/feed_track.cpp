#include "packager/jobs/feed_track.hpp"

#include "base/mixer_delay.hpp"
#include "packager/jobs/grid_encoder.hpp"
#include "packager/recording/recording_file.hpp"

#include <algorithm>
#include <fmt/chrono.h>
#include <fmt/format.h>

namespace pult::packager::jobs {
namespace {

using namespace std::chrono_literals;

constexpr auto kBefore = 15s; // for a key frame, and to know the feed's clock
constexpr auto kBehind = 2s;
constexpr auto kStale = 1s; // a picture that stands longer is no slow camera

std::string clock_text(Nanoseconds wall) {
  return fmt::format("{:%F %T} UTC", fmt::gmtime(std::chrono::duration_cast<std::chrono::seconds>(wall).count()));
}

// Writes encoded pictures as a recording, one part for each group of pictures.
class Tape {
 public:
  Tape(const FeedCut& cut, RecordingTrack& track, TrackToolsPtr tools)
      : cutting_(cut.cutting), track_(track), tools_(std::move(tools)) {
    track_.keep_init({0, tools_->init_name, tools_->init});
  }

  void note_filled(PictureIndex n) {
    if (!filled_.empty() && filled_.back().first + filled_.back().count == n) {
      ++filled_.back().count;
    } else {
      filled_.push_back({n, 1});
    }
  }

  Result<void> take(EncodedPicture picture) {
    if (picture.key)
      if (auto written = flush(); !written) return written;
    group_.push_back(std::move(picture));
    return {};
  }

  Result<void> flush() {
    if (group_.empty()) return {};
    const auto first = group_.front().index;
    const auto& grid = cutting_.grid();
    const auto segment = first / cutting_.pictures_per_segment();
    auto muxer = FragmentMuxer::create(tools_->format, static_cast<std::uint32_t>(segment + 1));
    if (!muxer) return muxer.error();
    std::vector<MediaSample> samples;
    for (const auto& picture : group_)
      samples.push_back({picture.sample, grid.ticks_of(picture.index), grid.ticks_per_picture(), picture.key});
    auto bytes = muxer->part(samples);
    if (!bytes) return bytes.error();
    PublishedPart part;
    part.sequence = segment;
    part.last_of_segment = part.independent = true;
    part.first_picture = first;
    part.begin = grid.ticks_of(first);
    part.duration = grid.ticks_per_picture() * static_cast<std::int64_t>(group_.size());
    part.filled = filled_in(first, first + static_cast<PictureIndex>(group_.size()));
    part.init_name = tools_->init_name;
    part.bytes = share(std::move(*bytes));
    group_.clear();
    return track_.append(part);
  }

 private:
  // What of these pictures is filled; forgotten then.
  std::vector<FilledRun> filled_in(PictureIndex begin, PictureIndex end) {
    std::vector<FilledRun> runs;
    while (!filled_.empty() && filled_.front().first < end) {
      auto& run = filled_.front();
      const auto behind = std::min(run.first + run.count, end);
      runs.push_back({std::max(run.first, begin), behind - std::max(run.first, begin)});
      run.count -= behind - run.first;
      run.first = behind;
      if (run.count > 0) break;
      filled_.erase(filled_.begin());
    }
    return runs;
  }

  Cutting cutting_;
  RecordingTrack& track_;
  TrackToolsPtr tools_;
  std::vector<EncodedPicture> group_;
  std::vector<FilledRun> filled_;
};

// The feed's picture that is nearest to a time, for times that rise.
class Nearest {
 public:
  explicit Nearest(FeedPictures& pictures) : pictures_(pictures) {}

  Result<void> look(Nanoseconds arrived) {
    while (!over_ && (ahead_.frame == nullptr || ahead_.arrived <= arrived)) {
      if (ahead_.frame != nullptr) now_ = std::move(ahead_);
      auto next = pictures_.next();
      if (!next) return next.error();
      ahead_ = std::move(*next);
      over_ = ahead_.frame == nullptr;
    }
    return {};
  }
  // After look() of the same time; null where the feed has no picture at all.
  [[nodiscard]] const FeedPicture* at(Nanoseconds arrived) const {
    if (now_.frame == nullptr) return ahead_.frame != nullptr ? &ahead_ : nullptr;
    const bool later = ahead_.frame != nullptr && ahead_.arrived - arrived < arrived - now_.arrived;
    return later ? &ahead_ : &now_;
  }

 private:
  FeedPictures& pictures_;
  FeedPicture now_, ahead_;
  bool over_ = false;
};

Error nothing_of(const FeedCut& cut) {
  const auto span = iso_span(cut.feed_folder);
  const auto there = span ? fmt::format("it has from {} to {}", clock_text(span->first), clock_text(span->second))
                          : std::string("there is none; [archive] iso keeps feeds");
  return {Errc::kRefused, fmt::format("the recording of feed \"{}\" has no picture of this talk: {}", cut.feed, there)};
}

Result<RecordedTrack> read_back(const FeedCut& cut, const std::filesystem::path& folder, const std::string& codec) {
  RecordedTrack track;
  track.description.name = cut.feed;
  track.description.codec = codec;
  track.description.width = cut.width;
  track.description.height = cut.height;
  track.description.kbps = cut.kbps;
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator(folder, failed))
    if (entry.path().extension() == ".index")
      if (auto file = read_recorded_file(entry.path()); file && !file->parts.empty())
        track.files.push_back(std::move(*file));
  std::sort(track.files.begin(), track.files.end(),
            [](const RecordedFile& a, const RecordedFile& b) { return a.parts.front().begin < b.parts.front().begin; });
  if (track.files.empty()) return nothing_of(cut);
  return track;
}

} // namespace

Result<RecordedTrack> make_feed_track(const FeedCut& cut, const std::filesystem::path& folder,
                                      const Progress& progress) {
  const auto& grid = cut.cutting.grid();
  const auto begin = grid.picture_at_or_after(cut.marks.in - cut.epoch_wall);
  const auto end = grid.picture_at_or_after(cut.marks.out - cut.epoch_wall);
  const auto runs =
      iso_runs(cut.feed_folder, cut.marks.in - kMixerDelay - cut.delay - kBefore, cut.marks.out + kBehind);
  if (runs.empty()) return nothing_of(cut);
  auto opened = GridEncoder::open({grid.fps(), cut.width, cut.height, cut.kbps});
  if (!opened) return opened.error();
  auto& encoder = *opened;
  const auto tools = encoder.tools(cut.feed);
  if (!tools) return tools.error();
  TrackDescription description;
  description.name = cut.feed;
  RecordingTrack track(folder, description, cut.epoch_wall);
  Tape tape(cut, track, *tools);
  FeedPictures pictures(runs, cut.width, cut.height);
  Nearest nearest(pictures);
  // Parts hold whole groups, so what an earlier life wrote ends where a group begins.
  auto n = begin;
  if (track.last_recorded() >= begin) n = cut.cutting.next_segment_start(track.last_recorded() + 1);
  const auto first = n;
  const auto write_ready = [&]() -> Result<void> {
    while (auto picture = encoder.take())
      if (auto taken = tape.take(std::move(*picture)); !taken) return taken;
    return {};
  };
  for (; n < end; ++n) {
    if (!progress(static_cast<double>(n - begin) / static_cast<double>(end - begin)))
      return Error{Errc::kUnavailable, "stopped"};
    const auto arrived = cut.epoch_wall + grid.time_of(n) - kMixerDelay - cut.delay;
    if (auto looked = nearest.look(arrived); !looked) return looked.error();
    const auto* shown = nearest.at(arrived);
    if (shown == nullptr) return nothing_of(cut);
    if (std::chrono::abs(arrived - shown->arrived) > kStale) tape.note_filled(n);
    auto done = encoder.give(shown->frame.get(), n, n == first || cut.cutting.starts_segment(n));
    if (done) done = write_ready();
    if (!done) return done.error();
  }
  auto done = encoder.give(nullptr, 0, false);
  if (done) done = write_ready();
  if (done) done = tape.flush();
  if (done) done = track.sync();
  if (!done) return done.error();
  return read_back(cut, folder, (*tools)->codec);
}

} // namespace pult::packager::jobs
