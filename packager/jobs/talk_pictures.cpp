#include "packager/jobs/talk_pictures.hpp"

#include "base/file.hpp"
#include "packager/jobs/codec_of_init.hpp"
#include "packager/jobs/sample_source.hpp"

extern "C" {
#include <libavutil/imgutils.h>
#include <libswscale/swscale.h>
}

#include <algorithm>
#include <cmath>

namespace pult::packager::jobs {
namespace {

constexpr int kPosterWidth = 1280;
constexpr int kPosterCandidates = 7;
constexpr int kSheetSide = 4;
constexpr int kSheetWidth = 320; // of one picture
constexpr int kStripColumns = 10;
constexpr int kStripMost = 60;
constexpr int kStripWidth = 160;
constexpr int kJpegQuality = 4 * FF_QP2LAMBDA; // 2 is best, 31 worst

struct ScalerDeleter {
  void operator()(SwsContext* context) const { sws_freeContext(context); }
};

int even(double value) {
  return std::max(2, static_cast<int>(std::lround(value / 2)) * 2);
}

Result<AvFramePtr> make_frame(AVPixelFormat format, int width, int height) {
  AvFramePtr frame(av_frame_alloc());
  if (frame == nullptr) return Error{Errc::kLimit, "out of memory"};
  frame->format = format;
  frame->width = width;
  frame->height = height;
  if (const int code = av_frame_get_buffer(frame.get(), 0); code < 0) return av_error("picture", code);
  return frame;
}

// The key frame at or before that time.
class KeyFrames {
 public:
  explicit KeyFrames(const TrackPlan& plan) : plan_(plan) {}

  Result<AvFramePtr> at(Nanoseconds time) {
    const auto scale = static_cast<double>(plan_.track->description.timescale);
    const auto ticks = static_cast<std::int64_t>(std::chrono::duration<double>(time).count() * scale);
    const PlannedPart* best = nullptr;
    for (const auto& planned : plan_.parts)
      if (planned.part->independent && (best == nullptr || planned.part->begin + planned.shift <= ticks))
        best = &planned;
    if (best == nullptr) return Error{Errc::kNotFound, "no key frame was recorded"};
    return decode(*best);
  }

 private:
  Result<AvFramePtr> decode(const PlannedPart& planned) {
    TrackPlan one{plan_.track, {planned}, plan_.length, {}};
    SampleSource source(one);
    auto samples = source.take_part();
    if (!samples) return samples.error();
    if (auto ready = prepare(*planned.file); !ready) return ready.error();
    AvPacketPtr packet(av_packet_alloc());
    AvFramePtr frame(av_frame_alloc());
    if (packet == nullptr || frame == nullptr) return Error{Errc::kLimit, "out of memory"};
    const auto& key = samples->front();
    if (const int code = av_new_packet(packet.get(), static_cast<int>(key.bytes.size())); code < 0)
      return av_error("key frame", code);
    std::copy(key.bytes.begin(), key.bytes.end(), packet->data);
    int code = avcodec_send_packet(decoder_.get(), packet.get());
    if (code >= 0) code = avcodec_send_packet(decoder_.get(), nullptr);
    if (code >= 0) code = avcodec_receive_frame(decoder_.get(), frame.get());
    avcodec_flush_buffers(decoder_.get());
    if (code < 0) return av_error("decode a key frame", code);
    return frame;
  }

  Result<void> prepare(const RecordedFile& file) {
    if (decoder_ && init_name_ == file.init_name) return {};
    const auto init = read_init(file);
    if (!init) return init.error();
    const auto codec = codec_of_init(*init);
    if (!codec) return codec.error();
    const AVCodec* of = avcodec_find_decoder((*codec)->codec_id);
    decoder_.reset(of != nullptr ? avcodec_alloc_context3(of) : nullptr);
    if (decoder_ == nullptr) return Error{Errc::kLibrary, "libavcodec has no decoder for the recording"};
    avcodec_parameters_to_context(decoder_.get(), codec->get());
    decoder_->thread_count = 1;
    if (const int code = avcodec_open2(decoder_.get(), of, nullptr); code < 0) return av_error("decoder", code);
    init_name_ = file.init_name;
    return {};
  }

  const TrackPlan& plan_;
  AvCodecPtr decoder_;
  std::string init_name_;
};

// Into a rectangle of `into`, which may be all of it.
Result<void> scale(const AVFrame& from, AVFrame& into, int x, int y, int width, int height) {
  const std::unique_ptr<SwsContext, ScalerDeleter> scaler(
      sws_getContext(from.width, from.height, static_cast<AVPixelFormat>(from.format), width, height,
                     static_cast<AVPixelFormat>(into.format), SWS_AREA, nullptr, nullptr, nullptr));
  if (scaler == nullptr) return Error{Errc::kLibrary, "no scaler for the recording's pictures"};
  const int* bt709 = sws_getCoefficients(SWS_CS_ITU709);
  sws_setColorspaceDetails(scaler.get(), bt709, 0, sws_getCoefficients(SWS_CS_ITU601), 1, 0, 1 << 16, 1 << 16);
  std::uint8_t* planes[4] = {into.data[0] + y * into.linesize[0] + x, into.data[1] + y / 2 * into.linesize[1] + x / 2,
                             into.data[2] + y / 2 * into.linesize[2] + x / 2, nullptr};
  sws_scale(scaler.get(), from.data, from.linesize, 0, from.height, planes, into.linesize);
  return {};
}

Result<void> write_jpeg(const std::filesystem::path& file, const AVFrame& picture) {
  const AVCodec* mjpeg = avcodec_find_encoder(AV_CODEC_ID_MJPEG);
  AvCodecPtr encoder(mjpeg != nullptr ? avcodec_alloc_context3(mjpeg) : nullptr);
  AvPacketPtr packet(av_packet_alloc());
  if (encoder == nullptr || packet == nullptr) return Error{Errc::kLibrary, "libavcodec has no JPEG encoder"};
  encoder->width = picture.width;
  encoder->height = picture.height;
  encoder->pix_fmt = static_cast<AVPixelFormat>(picture.format);
  encoder->color_range = AVCOL_RANGE_JPEG;
  encoder->time_base = {1, 25};
  encoder->thread_count = 1;
  encoder->flags |= AV_CODEC_FLAG_QSCALE;
  encoder->global_quality = kJpegQuality;
  int code = avcodec_open2(encoder.get(), mjpeg, nullptr);
  if (code >= 0) code = avcodec_send_frame(encoder.get(), &picture);
  if (code >= 0) code = avcodec_receive_packet(encoder.get(), packet.get());
  if (code < 0) return av_error("JPEG", code);
  return replace_file(file, {reinterpret_cast<const char*>(packet->data), static_cast<std::size_t>(packet->size)},
                      true);
}

// How much there is to see: spread of brightness, little when it is dark or all of one kind.
double worth(const AVFrame& frame) {
  double sum = 0, squares = 0;
  std::size_t count = 0;
  for (int y = 0; y < frame.height; y += 4)
    for (int x = 0; x < frame.width; x += 4, ++count) {
      const double value = frame.data[0][y * frame.linesize[0] + x];
      sum += value;
      squares += value * value;
    }
  const double mean = sum / static_cast<double>(count);
  const double spread = std::sqrt(std::max(0.0, squares / static_cast<double>(count) - mean * mean));
  const double too_dark = mean < 30 ? 0.2 : 1;
  return spread * too_dark;
}

Result<void> make_poster(const std::filesystem::path& file, KeyFrames& frames, Nanoseconds length) {
  AvFramePtr best;
  for (int i = 1; i <= kPosterCandidates; ++i) {
    auto frame = frames.at(length * i / (kPosterCandidates + 1));
    if (!frame) return frame.error();
    if (best == nullptr || worth(**frame) > worth(*best)) best = std::move(*frame);
  }
  const int width = std::min(kPosterWidth, best->width);
  const int height = even(static_cast<double>(width) * best->height / best->width);
  auto poster = make_frame(AV_PIX_FMT_YUV420P, width, height);
  if (!poster) return poster.error();
  if (auto scaled = scale(*best, **poster, 0, 0, width, height); !scaled) return scaled;
  return write_jpeg(file, **poster);
}

void blacken(AVFrame& frame) {
  for (int y = 0; y < frame.height; ++y)
    std::fill_n(frame.data[0] + y * frame.linesize[0], frame.width, std::uint8_t{16});
  for (int plane = 1; plane < 3; ++plane)
    for (int y = 0; y < frame.height / 2; ++y)
      std::fill_n(frame.data[plane] + y * frame.linesize[plane], frame.width / 2, std::uint8_t{128});
}

// A grid of key frames at even distances, from half a distance on.
Result<Sheet> make_sheet(const std::filesystem::path& file, KeyFrames& frames, const TrackPlan& plan,
                         Nanoseconds length, int columns, int most, int width) {
  const auto& description = plan.track->description;
  Sheet sheet;
  sheet.columns = columns;
  sheet.rows = (most + columns - 1) / columns;
  sheet.width = width;
  sheet.height = even(static_cast<double>(width) * description.height / std::max(1, description.width));
  sheet.every = length / most;
  auto grid = make_frame(AV_PIX_FMT_YUV420P, sheet.columns * sheet.width, sheet.rows * sheet.height);
  if (!grid) return grid.error();
  blacken(**grid);
  for (int i = 0; i < most; ++i) {
    auto frame = frames.at(sheet.every * i + sheet.every / 2);
    if (!frame) return frame.error();
    auto scaled =
        scale(**frame, **grid, i % columns * sheet.width, i / columns * sheet.height, sheet.width, sheet.height);
    if (!scaled) return scaled.error();
  }
  if (auto written = write_jpeg(file, **grid); !written) return written.error();
  return sheet;
}

} // namespace

Result<Sheet> make_pictures(const std::filesystem::path& folder, const CutPlan& plan, const TrackPlan& top,
                            const TrackPlan& small) {
  KeyFrames large(top), little(small);
  if (auto made = make_poster(folder / "poster.jpg", large, plan.length()); !made) return made.error();
  auto contact = make_sheet(folder / "contact.jpg", little, small, plan.length(), kSheetSide, kSheetSide * kSheetSide,
                            kSheetWidth);
  if (!contact) return contact;
  return make_sheet(folder / "thumbs.jpg", little, small, plan.length(), kStripColumns, kStripMost, kStripWidth);
}

} // namespace pult::packager::jobs
