#include "transcode/video_encoder.hpp"

#include <algorithm>
#include <gst/video/gstvideoencoder.h>
#include <thread>

namespace pult::transcode {
namespace {

// Rates vary within half a second: the multivariant playlist's BANDWIDTH is computed from it.
constexpr guint kVbvMs = 500;
constexpr guint kNoKeyFrames = 2147483647;
// What one thread encodes in time at `veryfast` where it is hard (a scrolling terminal, a cut): 1080p25 is above it.
constexpr std::int64_t kPixelsPerThread = std::int64_t{1280} * 720 * 50;

GstElement* make_x264(const VideoSettings& settings, int threads) {
  GstElement* x264 = gst_element_factory_make("x264enc", nullptr);
  if (x264 == nullptr) return nullptr;
  gst_util_set_object_arg(G_OBJECT(x264), "speed-preset", settings.preset.c_str());
  gst_util_set_object_arg(G_OBJECT(x264), "tune", "zerolatency");
  g_object_set(x264, "bitrate", static_cast<guint>(settings.kbps), "vbv-buf-capacity", kVbvMs, "threads",
               static_cast<guint>(threads), "bframes", 0U, "key-int-max", kNoKeyFrames, "aud", FALSE, "option-string",
               "scenecut=0", nullptr);
  return x264;
}

std::uint32_t length_at(ByteView bytes) {
  return std::uint32_t{bytes[0]} << 24 | std::uint32_t{bytes[1]} << 16 | std::uint32_t{bytes[2]} << 8 | bytes[3];
}

bool stands_elsewhere(std::uint8_t nal_header) {
  const int type = nal_header & 31; // H.264 table 7-1: SEI, SPS, PPS, access unit delimiter
  return type >= 6 && type <= 9;
}

} // namespace

int encoder_threads(PictureSize size, int fps, int cores) {
  const auto pixels = std::int64_t{size.width} * size.height * fps;
  const auto wanted = (pixels + kPixelsPerThread - 1) / kPixelsPerThread;
  return static_cast<int>(std::clamp<std::int64_t>(wanted, 1, std::max(cores, 1)));
}

Bytes strip_parameter_sets(ByteView avc_sample) {
  Bytes out;
  out.reserve(avc_sample.size());
  while (avc_sample.size() > 4) {
    const std::size_t whole = std::min<std::size_t>(4 + std::size_t{length_at(avc_sample)}, avc_sample.size());
    const auto nal = avc_sample.first(whole);
    if (whole > 4 && !stands_elsewhere(nal[4])) out.insert(out.end(), nal.begin(), nal.end());
    avc_sample = avc_sample.subspan(whole);
  }
  return out;
}

Result<std::unique_ptr<VideoEncoder>> VideoEncoder::open(const VideoSettings& settings) {
  std::unique_ptr<VideoEncoder> encoder(new VideoEncoder(settings));
  encoder->threads_ =
      encoder_threads(settings.size, settings.fps, static_cast<int>(std::thread::hardware_concurrency()));
  auto rig = EncoderRig::make(
      make_x264(settings, encoder->threads_), "video/x-h264, stream-format=avc, alignment=au, profile=high",
      [raw = encoder.get()](ByteView bytes, GstClockTime time, bool delta) { raw->take(bytes, time, delta); });
  if (!rig) return rig.error();
  encoder->rig_ = std::move(*rig);
  const auto info = house_info(settings.size, settings.fps);
  if (auto opened = encoder->rig_->open(CapsRef::adopt(gst_video_info_to_caps(&info))); !opened) return opened.error();
  // The parameter sets now, not with the first packet.
  gst_video_encoder_negotiate(GST_VIDEO_ENCODER(encoder->rig_->element()));
  encoder->extradata_ = encoder->rig_->codec_data();
  if (encoder->extradata_.empty()) return Error{Errc::kLibrary, "x264: no parameter sets"};
  return encoder;
}

GstClockTime VideoEncoder::time_of(std::int64_t k) const {
  return gst_util_uint64_scale(static_cast<guint64>(k), GST_SECOND, static_cast<guint64>(settings_.fps));
}

void VideoEncoder::take(ByteView bytes, GstClockTime running_time, bool delta) {
  out_.emplace_back(running_time, EncodedPicture{strip_parameter_sets(bytes), !delta});
}

Result<EncodedPicture> VideoEncoder::encode(const HousePicture& picture, std::int64_t k, bool idr) {
  // A shallow copy: the pixels are shared, the time is this picture's own.
  auto buffer = BufferRef::adopt(gst_buffer_copy(picture.buffer()));
  GST_BUFFER_PTS(buffer.get()) = time_of(k);
  GST_BUFFER_DTS(buffer.get()) = GST_CLOCK_TIME_NONE;
  GST_BUFFER_DURATION(buffer.get()) = time_of(k + 1) - time_of(k);
  out_.clear();
  if (idr) rig_->force_key_unit();
  if (auto pushed = rig_->push(std::move(buffer)); !pushed) return pushed.error();
  if (out_.size() != 1) return Error{Errc::kLibrary, "x264: not one packet for one picture"};
  auto& [time, packet] = out_.front();
  if (time != time_of(k)) return Error{Errc::kLibrary, "x264: the packet of another picture"};
  if ((idr || k == 0) && !packet.idr) return Error{Errc::kLibrary, "x264: no IDR where one was asked for"};
  return std::move(packet);
}

} // namespace pult::transcode
