#include "packager/jobs/talk_file.hpp"

#include "packager/h264_headers.hpp"
#include "packager/jobs/codec_of_init.hpp"
#include "packager/jobs/file_sink.hpp"
#include "packager/jobs/sample_source.hpp"

#include <algorithm>
#include <optional>

namespace pult::packager::jobs {
namespace {

constexpr std::uint64_t kMoovBase = 256u << 10;  // tags, tracks, chapters
constexpr std::uint64_t kMoovPerSample = 8;      // sizes 4 bytes each, chunks of a part, changes of duration
constexpr std::uint64_t kMoovPerSampleMost = 40; // when the first guess was too small
constexpr const char* kMovieTimescale = "48000"; // holds pictures of all our rates and sound frames exactly
// An AAC-LC frame of stereo silence (ISO/IEC 14496-3: a channel pair element without anything in it).
constexpr std::array<std::uint8_t, 6> kSilence{0x21, 0x10, 0x04, 0x60, 0x8c, 0x1c};

Error stopped() {
  return {Errc::kUnavailable, "stopped"};
}

// One track on its way into the file.
struct Feed {
  const TrackPlan* plan = nullptr;
  SampleSource source;
  int stream = 0;
  std::string init_name; // of the parameter sets that the decoder has
  Bytes parameter_sets;  // of a later init section, to go in band
  std::int64_t written_to = 0;
  bool began = false;

  explicit Feed(const TrackPlan& track) : plan(&track), source(track) {}
  [[nodiscard]] bool video() const { return plan->track->description.kind == packet_link::TrackKind::kVideo; }
  [[nodiscard]] double seconds() const {
    return source.done() ? 1e18 : static_cast<double>(source.next_begin()) / plan->track->description.timescale;
  }
};

class Writer {
 public:
  Writer(const CutPlan& plan, const Progress& progress) : plan_(plan), progress_(progress) {}

  Result<void> open(const std::filesystem::path& file, std::vector<const TrackPlan*> tracks, const TalkTags& tags,
                    std::uint64_t moov_bytes);
  Result<void> run();
  Result<void> close();

 private:
  Result<void> add_track(const TrackPlan& track, const TalkTags& tags);
  void add_chapters(const TalkTags& tags);
  Result<void> take_part(Feed& feed);
  Result<void> note_init(Feed& feed, const RecordedFile& file);
  Result<void> silence(Feed& feed, std::int64_t until);
  Result<void> write(Feed& feed, ByteView bytes, std::int64_t dts, std::int64_t duration, bool sync);

  const CutPlan& plan_;
  const Progress& progress_;
  std::unique_ptr<FileSink> sink_;
  AvOutputPtr context_;
  AvPacketPtr packet_{av_packet_alloc()};
  std::vector<Feed> feeds_;
  Bytes joined_; // parameter sets and a picture
};

Result<void> Writer::add_track(const TrackPlan& track, const TalkTags& tags) {
  const auto init = read_init(*track.parts.front().file);
  if (!init) return init.error();
  auto codec = codec_of_init(*init);
  if (!codec) return codec.error();
  AVStream* stream = avformat_new_stream(context_.get(), nullptr);
  if (stream == nullptr) return Error{Errc::kLimit, "out of memory"};
  avcodec_parameters_copy(stream->codecpar, codec->get());
  stream->codecpar->codec_tag = 0;
  const auto& description = track.track->description;
  stream->time_base = {1, static_cast<int>(description.timescale)};
  if (!description.language.empty()) av_dict_set(&stream->metadata, "language", description.language.c_str(), 0);
  if (description.kind == packet_link::TrackKind::kSound)
    av_dict_set(&stream->metadata, "handler_name", description.name.c_str(), 0);
  if (feeds_.empty()) stream->disposition |= AV_DISPOSITION_DEFAULT;
  feeds_.emplace_back(track);
  feeds_.back().stream = stream->index;
  feeds_.back().init_name = track.parts.front().file->init_name;
  (void)tags;
  return {};
}

void Writer::add_chapters(const TalkTags& tags) {
  if (tags.chapters.empty()) return;
  const auto count = tags.chapters.size();
  auto** list = static_cast<AVChapter**>(av_calloc(count, sizeof(AVChapter*)));
  if (list == nullptr) return;
  context_->chapters = list;
  for (std::size_t i = 0; i < count; ++i) {
    auto* chapter = static_cast<AVChapter*>(av_mallocz(sizeof(AVChapter)));
    if (chapter == nullptr) return;
    chapter->id = static_cast<std::int64_t>(i);
    chapter->time_base = {1, 1000};
    const auto end = i + 1 < count ? tags.chapters[i + 1].at : plan_.length();
    chapter->start = tags.chapters[i].at.count() / 1'000'000;
    chapter->end = end.count() / 1'000'000;
    av_dict_set(&chapter->metadata, "title", tags.chapters[i].title.c_str(), 0);
    list[i] = chapter;
    context_->nb_chapters = static_cast<unsigned>(i + 1);
  }
}

Result<void> Writer::open(const std::filesystem::path& file, std::vector<const TrackPlan*> tracks, const TalkTags& tags,
                          std::uint64_t moov_bytes) {
  AVFormatContext* raw = nullptr;
  if (const int code = avformat_alloc_output_context2(&raw, nullptr, "mp4", nullptr); code < 0)
    return av_error("talk file", code);
  context_.reset(raw);
  auto sink = FileSink::create(file);
  if (!sink) return sink.error();
  sink_ = std::move(*sink);
  context_->pb = sink_->io();
  context_->flags |= AVFMT_FLAG_BITEXACT | AVFMT_FLAG_CUSTOM_IO;
  context_->avoid_negative_ts = AVFMT_AVOID_NEG_TS_DISABLED; // what is before the mark is left to the edit list
  for (const auto* track : tracks)
    if (auto added = add_track(*track, tags); !added) return added;
  const std::pair<const char*, const std::string&> named[] = {
      {"title", tags.title}, {"artist", tags.artist},           {"album", tags.album},
      {"date", tags.date},   {"description", tags.description}, {"copyright", tags.copyright}};
  for (const auto& [key, value] : named)
    if (!value.empty()) av_dict_set(&context_->metadata, key, value.c_str(), 0);
  add_chapters(tags);
  AvDictionary options;
  options.set("moov_size", std::to_string(moov_bytes));
  options.set("movie_timescale", kMovieTimescale);
  options.set("video_track_timescale", "90000");
  if (const int code = avformat_write_header(context_.get(), options.get()); code < 0)
    return av_error("talk file: write header", code);
  return {};
}

Result<void> Writer::write(Feed& feed, ByteView bytes, std::int64_t dts, std::int64_t duration, bool sync) {
  AVPacket& packet = *packet_;
  packet.data = const_cast<std::uint8_t*>(bytes.data()); // libavformat reads only
  packet.size = static_cast<int>(bytes.size());
  packet.stream_index = feed.stream;
  packet.dts = packet.pts = dts;
  packet.duration = duration;
  packet.flags = sync ? AV_PKT_FLAG_KEY : 0;
  const AVRational ours{1, static_cast<int>(feed.plan->track->description.timescale)};
  av_packet_rescale_ts(&packet, ours, context_->streams[feed.stream]->time_base);
  const int code = av_write_frame(context_.get(), &packet);
  av_packet_unref(&packet);
  if (code < 0) return av_error("talk file: write", code);
  feed.written_to = dts + duration;
  feed.began = true;
  return {};
}

// A decoder that is told nothing of a hole in the sound would play what follows too early.
Result<void> Writer::silence(Feed& feed, std::int64_t until) {
  while (feed.began && feed.written_to + kSamplesPerSoundFrame <= until) {
    auto done = write(feed, kSilence, feed.written_to, kSamplesPerSoundFrame, true);
    if (!done) return done;
  }
  return {};
}

// Another encoder's parameter sets: taken out of its avcC (ISO/IEC 14496-15, 5.3.3.1) to go in band.
Result<void> Writer::note_init(Feed& feed, const RecordedFile& file) {
  if (file.init_name == feed.init_name || !feed.video()) return {};
  feed.init_name = file.init_name;
  const auto init = read_init(file);
  if (!init) return init.error();
  const auto codec = codec_of_init(*init);
  if (!codec) return codec.error();
  const ByteView avcc((*codec)->extradata, static_cast<std::size_t>((*codec)->extradata_size));
  const auto config = parse_avcc(avcc);
  if (!config) return config.error();
  std::vector<ByteView> sets(config->sps.begin(), config->sps.end());
  sets.insert(sets.end(), config->pps.begin(), config->pps.end());
  feed.parameter_sets = join_sample(sets);
  return {};
}

Result<void> Writer::take_part(Feed& feed) {
  if (auto noted = note_init(feed, *feed.source.next_part().file); !noted) return noted;
  auto samples = feed.source.take_part();
  if (!samples) return samples.error();
  sink_->lend(feed.source.bytes());
  const auto before = feed.video() ? INT64_MIN : -2 * std::int64_t{kSamplesPerSoundFrame};
  for (const auto& sample : *samples) {
    if (sample.dts >= feed.plan->length) break;
    if (sample.dts + sample.duration <= before) continue;     // only the decoder's overlap is needed
    if (!feed.began && !sample.sync) continue;                // nothing decodes before an IDR
    if (feed.began && sample.dts < feed.written_to) continue; // two epochs may overlap by what a clock was set back
    if (!feed.video())
      if (auto filled = silence(feed, sample.dts); !filled) return filled;
    auto bytes = sample.bytes;
    if (sample.sync && !feed.parameter_sets.empty()) {
      joined_ = feed.parameter_sets;
      joined_.insert(joined_.end(), bytes.begin(), bytes.end());
      bytes = joined_;
    }
    const auto duration = std::min(sample.duration, feed.video() ? feed.plan->length - sample.dts : sample.duration);
    if (auto written = write(feed, bytes, sample.dts, duration, sample.sync); !written) return written;
  }
  return sink_->take_back();
}

Result<void> Writer::run() {
  const double length = std::chrono::duration<double>(plan_.length()).count();
  for (;;) {
    auto next = std::min_element(feeds_.begin(), feeds_.end(),
                                 [](const Feed& a, const Feed& b) { return a.seconds() < b.seconds(); });
    if (next->source.done()) return {};
    if (!progress_(std::clamp(next->seconds() / length, 0.0, 1.0))) return stopped();
    if (auto taken = take_part(*next); !taken) return taken;
  }
}

Result<void> Writer::close() {
  for (auto& feed : feeds_) {
    if (!feed.began)
      return Error{Errc::kRefused, "no " + feed.plan->track->description.name + " of this time was recorded"};
    if (!feed.video())
      if (auto filled = silence(feed, feed.plan->length); !filled) return filled;
  }
  if (const int code = av_write_trailer(context_.get()); code < 0) return av_error("talk file: write moov", code);
  return sink_->sync();
}

std::uint64_t samples_of(const std::vector<const TrackPlan*>& tracks, int fps) {
  std::uint64_t samples = 0;
  for (const auto* track : tracks) {
    const auto scale = static_cast<std::int64_t>(track->track->description.timescale);
    const bool video = track->track->description.kind == packet_link::TrackKind::kVideo;
    samples += static_cast<std::uint64_t>(track->length / (video ? scale / fps : kSamplesPerSoundFrame)) + 500;
  }
  return samples;
}

Result<void> write_once(const std::filesystem::path& file, const CutPlan& plan,
                        const std::vector<const TrackPlan*>& tracks, const TalkTags& tags, const Progress& progress,
                        std::uint64_t per_sample) {
  Writer writer(plan, progress);
  auto done = writer.open(file, tracks, tags, kMoovBase + samples_of(tracks, plan.fps) * per_sample);
  if (done) done = writer.run();
  if (done) done = writer.close();
  return done;
}

} // namespace

Result<FileFacts> write_talk_file(const std::filesystem::path& file, const CutPlan& plan, const TrackPlan* video,
                                  const std::vector<const TrackPlan*>& sounds, const TalkTags& tags,
                                  const Progress& progress) {
  std::vector<const TrackPlan*> tracks;
  if (video != nullptr) tracks.push_back(video);
  for (const auto* sound : sounds)
    if (!sound->parts.empty()) tracks.push_back(sound);
  if (tracks.empty()) return Error{Errc::kRefused, "no sound of this time was recorded"};
  auto temporary = file;
  temporary += ".part";
  auto done = write_once(temporary, plan, tracks, tags, progress, kMoovPerSample);
  // libavformat says so with EINVAL, when all else is written.
  if (!done && done.error().message.find("write moov") != std::string::npos)
    done = write_once(temporary, plan, tracks, tags, progress, kMoovPerSampleMost);
  std::error_code failed;
  if (!done) {
    std::filesystem::remove(temporary, failed);
    return done.error();
  }
  std::filesystem::rename(temporary, file, failed);
  if (failed) return Error{Errc::kIo, "rename to " + file.string() + ": " + failed.message()};
  FileFacts facts;
  facts.bytes = std::filesystem::file_size(file, failed);
  facts.length = plan.length();
  if (video != nullptr) {
    facts.width = video->track->description.width;
    facts.height = video->track->description.height;
  }
  return facts;
}

} // namespace pult::packager::jobs
