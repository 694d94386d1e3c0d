#include "packager/jobs/feed_track.hpp"

#include "base/mixer_delay.hpp"
#include "packager/h264_headers.hpp"
#include "packager/recording/recording_file.hpp"
#include "packager/track_tools.hpp"

#include <algorithm>
#include <fmt/chrono.h>
#include <fmt/format.h>

namespace pult::packager::jobs {
namespace {

using namespace std::chrono_literals;

constexpr auto kBefore = 15s; // for a key frame, and to know the feed's clock
constexpr auto kBehind = 2s;
constexpr auto kStale = 1s;       // a picture that stands longer is no slow camera
constexpr double kQuality = 18;   // CRF: an eye sees no difference
constexpr double kPeakRate = 1.5; // of the top rung's

std::string clock_text(Nanoseconds wall) {
  return fmt::format("{:%F %T} UTC", fmt::gmtime(std::chrono::duration_cast<std::chrono::seconds>(wall).count()));
}

Grid grid_of(int fps) {
  return Grid::of(fps).value_or(*Grid::of(25));
}

struct EncodedPicture {
  PictureIndex index = 0;
  Bytes sample; // length-prefixed NAL units
  bool key = false;
};

// x264 as the house encodes: no B pictures, closed groups, one SPS and one PPS.
class Encoder {
 public:
  explicit Encoder(const FeedCut& cut) : cut_(cut) {}

  Result<void> open() {
    const AVCodec* x264 = avcodec_find_encoder_by_name("libx264");
    context_.reset(x264 != nullptr ? avcodec_alloc_context3(x264) : nullptr);
    if (context_ == nullptr || packet_ == nullptr) return Error{Errc::kLibrary, "libavcodec has no x264"};
    context_->width = cut_.width;
    context_->height = cut_.height;
    context_->pix_fmt = AV_PIX_FMT_YUV420P;
    context_->time_base = {1, cut_.fps};
    context_->framerate = {cut_.fps, 1};
    context_->sample_aspect_ratio = {1, 1};
    context_->color_range = AVCOL_RANGE_MPEG;
    context_->color_primaries = AVCOL_PRI_BT709;
    context_->color_trc = AVCOL_TRC_BT709;
    context_->colorspace = AVCOL_SPC_BT709;
    context_->max_b_frames = 0;
    context_->gop_size = 600; // key frames come where they are asked for
    context_->thread_count = 1;
    context_->rc_max_rate = static_cast<std::int64_t>(cut_.kbps * 1000 * kPeakRate);
    context_->rc_buffer_size = static_cast<int>(context_->rc_max_rate);
    context_->flags |= AV_CODEC_FLAG_GLOBAL_HEADER | AV_CODEC_FLAG_CLOSED_GOP;
    AvDictionary options;
    options.set("preset", "veryfast");
    options.set("profile", "high");
    options.set("crf", std::to_string(kQuality));
    options.set("forced-idr", "1");
    options.set("x264-params", "scenecut=0");
    if (const int code = avcodec_open2(context_.get(), x264, options.get()); code < 0) return av_error("x264", code);
    return {};
  }

  // The parameter sets, as the packager knows a track's.
  [[nodiscard]] Result<TrackToolsPtr> tools() const {
    AvcConfig config;
    const ByteView headers(context_->extradata, static_cast<std::size_t>(context_->extradata_size));
    for (const auto nal : split_annex_b(headers)) {
      if (nal.empty()) continue;
      const int type = nal[0] & 0x1F;
      if (type == 7) config.sps.emplace_back(nal.begin(), nal.end());
      if (type == 8) config.pps.emplace_back(nal.begin(), nal.end());
    }
    auto avcc = make_avcc(config);
    if (!avcc) return avcc.error();
    packet_link::Track track;
    track.name = cut_.feed;
    track.extradata = std::move(*avcc);
    track.width = cut_.width;
    track.height = cut_.height;
    return make_track_tools(track, "");
  }

  Result<void> give(AVFrame* frame, PictureIndex index, bool key) {
    if (frame != nullptr) {
      frame->pts = index;
      frame->pict_type = key ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE;
    }
    const int code = avcodec_send_frame(context_.get(), frame);
    return code < 0 ? Result<void>(av_error("x264", code)) : Result<void>{};
  }

  // Nothing: none is ready.
  std::optional<EncodedPicture> take() {
    if (avcodec_receive_packet(context_.get(), packet_.get()) < 0) return std::nullopt;
    EncodedPicture picture;
    picture.index = packet_->pts;
    picture.key = (packet_->flags & AV_PKT_FLAG_KEY) != 0;
    std::vector<ByteView> nals;
    for (const auto nal : split_annex_b({packet_->data, static_cast<std::size_t>(packet_->size)}))
      if (const int type = nal[0] & 0x1F; type == 1 || type == 5) nals.push_back(nal);
    picture.sample = join_sample(nals);
    av_packet_unref(packet_.get());
    return picture;
  }

 private:
  const FeedCut& cut_;
  AvCodecPtr context_;
  AvPacketPtr packet_{av_packet_alloc()};
};

// Writes encoded pictures as a recording, one part for each group of pictures.
class Tape {
 public:
  Tape(const FeedCut& cut, RecordingTrack& track, TrackToolsPtr tools)
      : grid_(grid_of(cut.fps)), per_segment_(Cutting::of(grid_, cut.segment, cut.segment).pictures_per_segment()),
        track_(track), tools_(std::move(tools)) {
    track_.keep_init({0, tools_->init_name, tools_->init});
  }

  [[nodiscard]] bool starts_group(PictureIndex n) const { return n % per_segment_ == 0; }
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
    const auto number = static_cast<std::uint32_t>(first / per_segment_ + 1);
    auto muxer = FragmentMuxer::create(tools_->format, number);
    if (!muxer) return muxer.error();
    std::vector<MediaSample> samples;
    for (const auto& picture : group_)
      samples.push_back({picture.sample, grid_.ticks_of(picture.index), grid_.ticks_per_picture(), picture.key});
    auto bytes = muxer->part(samples);
    if (!bytes) return bytes.error();
    PublishedPart part;
    part.sequence = first / per_segment_;
    part.last_of_segment = part.independent = true;
    part.first_picture = first;
    part.begin = grid_.ticks_of(first);
    part.duration = grid_.ticks_per_picture() * static_cast<std::int64_t>(group_.size());
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

  Grid grid_;
  int per_segment_;
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
  const auto grid = grid_of(cut.fps);
  const auto begin = grid.picture_at_or_after(cut.marks.in - cut.epoch_wall);
  const auto end = grid.picture_at_or_after(cut.marks.out - cut.epoch_wall);
  const auto runs =
      iso_runs(cut.feed_folder, cut.marks.in - kMixerDelay - cut.delay - kBefore, cut.marks.out + kBehind);
  if (runs.empty()) return nothing_of(cut);
  Encoder encoder(cut);
  if (auto opened = encoder.open(); !opened) return opened.error();
  const auto tools = encoder.tools();
  if (!tools) return tools.error();
  TrackDescription description;
  description.name = cut.feed;
  RecordingTrack track(folder, description, cut.epoch_wall);
  Tape tape(cut, track, *tools);
  FeedPictures pictures(runs, cut.width, cut.height);
  Nearest nearest(pictures);
  // Parts hold whole groups, so what an earlier life wrote ends where a group begins.
  auto n = begin;
  if (track.last_recorded() >= begin)
    n = Cutting::of(grid, cut.segment, cut.segment).next_segment_start(track.last_recorded() + 1);
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
    auto done = encoder.give(shown->frame.get(), n, n == first || tape.starts_group(n));
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
