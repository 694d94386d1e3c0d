#include "packager/jobs/grid_encoder.hpp"

#include "packager/h264_headers.hpp"

namespace pult::packager::jobs {
namespace {

constexpr const char* kQuality = "18";                  // CRF: an eye sees no difference
constexpr double kPeakRate = 1.5;                       // of the rung's
constexpr int kSps = 7, kPps = 8, kSlice = 1, kIdr = 5; // nal_unit_type (ISO/IEC 14496-10, table 7-1)

int type_of(ByteView nal) {
  return nal.empty() ? 0 : nal[0] & 0x1F;
}

} // namespace

Result<GridEncoder> GridEncoder::open(const Params& params) {
  GridEncoder encoder;
  const AVCodec* x264 = avcodec_find_encoder_by_name("libx264");
  encoder.context_.reset(x264 != nullptr ? avcodec_alloc_context3(x264) : nullptr);
  if (encoder.context_ == nullptr || encoder.packet_ == nullptr) return Error{Errc::kLibrary, "libavcodec has no x264"};
  auto& context = *encoder.context_;
  context.width = params.width;
  context.height = params.height;
  context.pix_fmt = AV_PIX_FMT_YUV420P;
  context.time_base = {1, params.fps};
  context.framerate = {params.fps, 1};
  context.sample_aspect_ratio = {1, 1};
  context.color_range = AVCOL_RANGE_MPEG;
  context.color_primaries = AVCOL_PRI_BT709;
  context.color_trc = AVCOL_TRC_BT709;
  context.colorspace = AVCOL_SPC_BT709;
  context.max_b_frames = 0;
  context.gop_size = 600;   // key frames come where they are asked for
  context.thread_count = 1; // what is left over beside the programme
  context.rc_max_rate = static_cast<std::int64_t>(params.kbps * 1000 * kPeakRate);
  context.rc_buffer_size = static_cast<int>(context.rc_max_rate);
  context.flags |= AV_CODEC_FLAG_GLOBAL_HEADER | AV_CODEC_FLAG_CLOSED_GOP;
  AvDictionary options;
  options.set("preset", "veryfast");
  options.set("profile", "high");
  options.set("crf", kQuality);
  options.set("forced-idr", "1");
  options.set("x264-params", "scenecut=0");
  if (const int code = avcodec_open2(&context, x264, options.get()); code < 0) return av_error("x264", code);
  return encoder;
}

Result<TrackToolsPtr> GridEncoder::tools(const std::string& name) const {
  AvcConfig config;
  const ByteView headers(context_->extradata, static_cast<std::size_t>(context_->extradata_size));
  for (const auto nal : split_annex_b(headers)) {
    if (type_of(nal) == kSps) config.sps.emplace_back(nal.begin(), nal.end());
    if (type_of(nal) == kPps) config.pps.emplace_back(nal.begin(), nal.end());
  }
  auto avcc = make_avcc(config);
  if (!avcc) return avcc.error();
  packet_link::Track track;
  track.name = name;
  track.extradata = std::move(*avcc);
  track.width = context_->width;
  track.height = context_->height;
  return make_track_tools(track, "");
}

Result<void> GridEncoder::give(AVFrame* frame, PictureIndex index, bool key) {
  if (frame != nullptr) {
    frame->pts = index;
    frame->pict_type = key ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE;
  }
  const int code = avcodec_send_frame(context_.get(), frame);
  return code < 0 ? Result<void>(av_error("x264", code)) : Result<void>{};
}

std::optional<EncodedPicture> GridEncoder::take() {
  if (avcodec_receive_packet(context_.get(), packet_.get()) < 0) return std::nullopt;
  EncodedPicture picture;
  picture.index = packet_->pts;
  picture.key = (packet_->flags & AV_PKT_FLAG_KEY) != 0;
  std::vector<ByteView> nals;
  for (const auto nal : split_annex_b({packet_->data, static_cast<std::size_t>(packet_->size)}))
    if (type_of(nal) == kSlice || type_of(nal) == kIdr) nals.push_back(nal);
  picture.sample = join_sample(nals);
  av_packet_unref(packet_.get());
  return picture;
}

} // namespace pult::packager::jobs
