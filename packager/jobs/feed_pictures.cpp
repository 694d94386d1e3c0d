#include "packager/jobs/feed_pictures.hpp"

#include "base/unique_fd.hpp"

extern "C" {
#include <libavfilter/avfilter.h>
#include <libavfilter/buffersink.h>
#include <libavfilter/buffersrc.h>
#include <libavutil/pixdesc.h>
}

#include <algorithm>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

namespace pult::packager::jobs {
namespace {

constexpr int kIoBuffer = 188 * 348; // 64 KiB of whole packets

struct AvFilterDeleter {
  void operator()(AVFilterGraph* graph) const { avfilter_graph_free(&graph); }
};
struct AvFilterEndsDeleter {
  void operator()(AVFilterInOut* ends) const { avfilter_inout_free(&ends); }
};
using AvFilterEndsPtr = std::unique_ptr<AVFilterInOut, AvFilterEndsDeleter>;

// The bytes of a run, as libavformat reads them.
class RunReader {
 public:
  explicit RunReader(const IsoRun& run) : run_(run) {}

  static int read(void* self, std::uint8_t* into, int most) { return static_cast<RunReader*>(self)->take(into, most); }

 private:
  int take(std::uint8_t* into, int most) {
    for (;;) {
      if (piece_ == run_.pieces.size()) return AVERROR_EOF;
      const auto& piece = run_.pieces[piece_];
      if (done_ == piece.length) {
        ++piece_;
        done_ = 0;
        fd_.reset();
        continue;
      }
      if (!fd_) fd_ = UniqueFd(::open(piece.media.c_str(), O_RDONLY | O_CLOEXEC));
      if (!fd_) return AVERROR(errno);
      const auto wanted = std::min<std::uint64_t>(static_cast<std::uint64_t>(most), piece.length - done_);
      const auto got = ::pread(fd_.get(), into, wanted, static_cast<off_t>(piece.offset + done_));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return AVERROR(errno);
      if (got == 0) { // shorter than its index says: what follows is read all the same
        done_ = piece.length;
        continue;
      }
      done_ += static_cast<std::uint64_t>(got);
      return static_cast<int>(got);
    }
  }

  const IsoRun& run_;
  std::size_t piece_ = 0;
  std::uint64_t done_ = 0;
  UniqueFd fd_;
};

// What a filter graph was made for; another form needs another one.
struct Form {
  int width = 0, height = 0, format = -1;
  AVRational aspect{0, 1};
  friend bool operator==(const Form& a, const Form& b) {
    return a.width == b.width && a.height == b.height && a.format == b.format && a.aspect.num == b.aspect.num &&
           a.aspect.den == b.aspect.den;
  }
};

// Brings every picture to house form.
class Shaper {
 public:
  Shaper(int width, int height, AVRational time_base) : width_(width), height_(height), time_base_(time_base) {}

  Result<void> give(AVFrame& frame) {
    const Form form{frame.width, frame.height, frame.format, frame.sample_aspect_ratio};
    if (!graph_ || !(form == form_))
      if (auto made = make(form); !made) return made;
    const int code = av_buffersrc_add_frame_flags(source_, &frame, AV_BUFFERSRC_FLAG_KEEP_REF);
    return code < 0 ? Result<void>(av_error("shape a feed's picture", code)) : Result<void>{};
  }
  // Null: none is ready.
  AvFramePtr take() {
    if (!graph_) return nullptr;
    AvFramePtr frame(av_frame_alloc());
    if (frame == nullptr || av_buffersink_get_frame(sink_, frame.get()) < 0) return nullptr;
    frame->pts = av_rescale_q(frame->pts, av_buffersink_get_time_base(sink_), time_base_); // yadif counts in halves
    return frame;
  }

 private:
  Result<void> make(const Form& form) {
    graph_.reset(avfilter_graph_alloc());
    if (!graph_) return Error{Errc::kLimit, "out of memory"};
    graph_->nb_threads = 1;
    const auto aspect = form.aspect.num > 0 && form.aspect.den > 0 ? form.aspect : AVRational{1, 1};
    const auto in = fmt::format("video_size={}x{}:pix_fmt={}:time_base={}/{}:pixel_aspect={}/{}", form.width,
                                form.height, form.format, time_base_.num, time_base_.den, aspect.num, aspect.den);
    const auto shape = fmt::format(
        "yadif=deint=interlaced,scale=w='trunc(iw*sar/2)*2':h=ih,setsar=1,"
        "scale={0}:{1}:force_original_aspect_ratio=decrease:force_divisible_by=2:out_color_matrix=bt709:out_range=tv,"
        "pad={0}:{1}:(ow-iw)/2:(oh-ih)/2,format=yuv420p",
        width_, height_);
    int code =
        avfilter_graph_create_filter(&source_, avfilter_get_by_name("buffer"), "in", in.c_str(), nullptr, graph_.get());
    if (code >= 0)
      code = avfilter_graph_create_filter(&sink_, avfilter_get_by_name("buffersink"), "out", nullptr, nullptr,
                                          graph_.get());
    AvFilterEndsPtr outputs(avfilter_inout_alloc()), inputs(avfilter_inout_alloc());
    if (code < 0 || !outputs || !inputs) return av_error("shape a feed's pictures", std::min(code, AVERROR(ENOMEM)));
    *outputs = {av_strdup("in"), source_, 0, nullptr};
    *inputs = {av_strdup("out"), sink_, 0, nullptr};
    auto* ins = inputs.release();
    auto* outs = outputs.release();
    code = avfilter_graph_parse_ptr(graph_.get(), shape.c_str(), &ins, &outs, nullptr);
    inputs.reset(ins);
    outputs.reset(outs);
    if (code >= 0) code = avfilter_graph_config(graph_.get(), nullptr);
    if (code < 0) {
      graph_.reset();
      return av_error("shape a feed's pictures", code);
    }
    form_ = form;
    return {};
  }

  int width_, height_;
  AVRational time_base_;
  Form form_;
  std::unique_ptr<AVFilterGraph, AvFilterDeleter> graph_;
  AVFilterContext* source_ = nullptr;
  AVFilterContext* sink_ = nullptr;
};

} // namespace

// One run on its way through demuxer, decoder and shaper.
struct FeedPictures::Stream {
  explicit Stream(const IsoRun& of) : run(of), reader(of) {}

  const IsoRun& run;
  RunReader reader;
  AvIoPtr io;
  AvInputPtr input;
  AvCodecPtr decoder;
  std::unique_ptr<Shaper> shaper;
  AvPacketPtr packet{av_packet_alloc()};
  AvFramePtr frame{av_frame_alloc()};
  FeedTime time;
  std::size_t next_place = 0;
  int video = -1;
  bool ended = false;

  // False: there is no picture in it that we can decode.
  bool open(int width, int height) {
    auto* buffer = static_cast<std::uint8_t*>(av_malloc(kIoBuffer));
    io.reset(buffer != nullptr ? avio_alloc_context(buffer, kIoBuffer, 0, &reader, &RunReader::read, nullptr, nullptr)
                               : nullptr);
    AVFormatContext* raw = avformat_alloc_context();
    if (io == nullptr || raw == nullptr || packet == nullptr || frame == nullptr) return false;
    raw->pb = io.get();
    if (avformat_open_input(&raw, nullptr, av_find_input_format("mpegts"), nullptr) < 0) return false;
    input.reset(raw);
    if (avformat_find_stream_info(raw, nullptr) < 0) return false;
    const AVCodec* codec = nullptr;
    video = av_find_best_stream(raw, AVMEDIA_TYPE_VIDEO, -1, -1, &codec, 0);
    if (video < 0 || codec == nullptr) return false;
    decoder.reset(avcodec_alloc_context3(codec));
    if (!decoder || avcodec_parameters_to_context(decoder.get(), raw->streams[video]->codecpar) < 0) return false;
    decoder->thread_count = 1; // what is left over beside the programme
    decoder->pkt_timebase = raw->streams[video]->time_base;
    if (avcodec_open2(decoder.get(), codec, nullptr) < 0) return false;
    shaper = std::make_unique<Shaper>(width, height, time_base());
    return true;
  }

  [[nodiscard]] AVRational time_base() const { return input->streams[video]->time_base; }
  [[nodiscard]] Nanoseconds stamp(std::int64_t ticks) const {
    return Nanoseconds(av_rescale_q(ticks, time_base(), {1, 1'000'000'000}));
  }

  void note_time() {
    const auto& places = run.places;
    if (packet->dts == AV_NOPTS_VALUE || packet->pos < 0) return;
    const auto at = static_cast<std::uint64_t>(packet->pos);
    if (next_place == places.size() || places[next_place].offset > at) return;
    while (next_place + 1 < places.size() && places[next_place + 1].offset <= at)
      ++next_place;
    time.note(places[next_place++].arrived, stamp(packet->dts));
  }

  // One picture from the decoder to the shaper; false: it has none now.
  Result<bool> decode() {
    if (avcodec_receive_frame(decoder.get(), frame.get()) < 0) return false;
    frame->pts = frame->best_effort_timestamp;
    auto given = frame->pts != AV_NOPTS_VALUE ? shaper->give(*frame) : Result<void>{};
    av_frame_unref(frame.get());
    if (!given) return given.error();
    return true;
  }

  Result<void> read() {
    const int code = av_read_frame(input.get(), packet.get());
    if (code < 0) {
      ended = true;
      avcodec_send_packet(decoder.get(), nullptr);
      return code == AVERROR_EOF ? Result<void>{} : Result<void>(av_error("read the feed's recording", code));
    }
    if (packet->stream_index == video) {
      note_time();
      (void)avcodec_send_packet(decoder.get(), packet.get()); // what is broken is left out
    }
    av_packet_unref(packet.get());
    return {};
  }

  // An empty frame: over.
  Result<FeedPicture> next() {
    for (;;) {
      if (auto shaped = shaper->take()) {
        const auto arrived = time.arrival_of(stamp(shaped->pts));
        if (arrived) return FeedPicture{std::move(shaped), *arrived};
        continue;
      }
      const auto decoded = decode();
      if (!decoded) return decoded.error();
      if (*decoded) continue;
      if (ended) return FeedPicture{};
      if (auto done = read(); !done) return done.error();
    }
  }
};

FeedPictures::FeedPictures(std::vector<IsoRun> runs, int width, int height)
    : runs_(std::move(runs)), width_(width), height_(height) {}

FeedPictures::~FeedPictures() = default;

Result<FeedPicture> FeedPictures::next() {
  for (;;) {
    if (stream_ != nullptr) {
      auto picture = stream_->next();
      if (!picture || picture->frame != nullptr) return picture;
      stream_.reset();
    }
    if (next_run_ == runs_.size()) return FeedPicture{};
    stream_ = std::make_unique<Stream>(runs_[next_run_++]);
    if (!stream_->open(width_, height_)) stream_.reset(); // sound only, or nothing whole: the next one
  }
}

} // namespace pult::packager::jobs
