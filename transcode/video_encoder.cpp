#include "transcode/video_encoder.hpp"

#include <algorithm>
#include <array>
#include <cstdarg>
#include <cstdio>
#include <span>
#include <spdlog/spdlog.h>
#include <string_view>
#include <thread>

extern "C" {
#include <x264.h>
}

namespace pult::transcode {
namespace {

// Rates vary within half a second: the multivariant playlist's BANDWIDTH is computed from it.
constexpr int kVbvMs = 500;
// What one thread encodes in time at `veryfast` where it is hard (a scrolling terminal, a cut): 1080p25 is above it.
constexpr std::int64_t kPixelsPerThread = std::int64_t{1280} * 720 * 50;
constexpr int kBt709 = 1; // H.264 tables E-3 to E-5
constexpr std::size_t kLength = 4;

void log_line(void*, int level, const char* format, va_list arguments) {
  std::array<char, 256> text{};
  std::vsnprintf(text.data(), text.size(), format, arguments);
  std::string_view line(text.data());
  while (line.ends_with('\n'))
    line.remove_suffix(1);
  spdlog::log(level == X264_LOG_ERROR ? spdlog::level::err : spdlog::level::warn, "x264: {}", line);
}

void set_picture(x264_param_t& to, const VideoSettings& settings) {
  to.i_width = settings.size.width;
  to.i_height = settings.size.height;
  to.i_csp = X264_CSP_I420;
  to.i_fps_num = to.i_timebase_den = static_cast<std::uint32_t>(settings.fps);
  to.i_fps_den = to.i_timebase_num = 1;
  to.b_vfr_input = 0;
  to.vui.i_sar_width = to.vui.i_sar_height = 1;
  to.vui.b_fullrange = 0;
  to.vui.i_colorprim = to.vui.i_transfer = to.vui.i_colmatrix = kBt709;
  to.vui.i_chroma_loc = 0; // left
}

void set_rate(x264_param_t& to, int kbps) {
  to.rc.i_rc_method = X264_RC_ABR;
  to.rc.i_bitrate = to.rc.i_vbv_max_bitrate = kbps;
  to.rc.i_vbv_buffer_size = kbps * kVbvMs / 1000;
}

Result<x264_param_t> parameters(const VideoSettings& settings, int threads) {
  x264_param_t made;
  if (x264_param_default_preset(&made, settings.preset.c_str(), "zerolatency") != 0)
    return Error{Errc::kInvalidArgument, "x264 knows no preset \"" + settings.preset + "\""};
  set_picture(made, settings);
  set_rate(made, settings.kbps);
  made.i_keyint_max = X264_KEYINT_MAX_INFINITE;
  made.i_scenecut_threshold = 0;
  made.i_bframe = 0;
  made.i_threads = threads;
  made.b_annexb = 0;
  made.b_repeat_headers = 0;
  made.b_aud = 0;
  made.i_log_level = X264_LOG_WARNING;
  made.pf_log = log_line;
  if (x264_param_apply_profile(&made, "high") != 0) return Error{Errc::kLibrary, "x264: not High profile"};
  return made;
}

ByteView bytes_of(const x264_nal_t& nal) {
  return ByteView(nal.p_payload, static_cast<std::size_t>(nal.i_payload));
}

void append_set(Bytes& to, ByteView set) {
  to.push_back(static_cast<std::uint8_t>(set.size() >> 8));
  to.push_back(static_cast<std::uint8_t>(set.size()));
  to.insert(to.end(), set.begin(), set.end());
}

// ISO/IEC 14496-15, 5.3.3.1.2, with the four bytes of High profile: 4:2:0, 8 bits, no extension.
Bytes avcc(ByteView sps, ByteView pps) {
  Bytes made{1, sps[1], sps[2], sps[3], 0xff, 0xe1};
  append_set(made, sps);
  made.push_back(1);
  append_set(made, pps);
  made.insert(made.end(), {0xfd, 0xf8, 0xf8, 0});
  return made;
}

Result<Bytes> parameter_sets(x264_t* encoder) {
  x264_nal_t* nals = nullptr;
  int count = 0;
  if (x264_encoder_headers(encoder, &nals, &count) < 0) return Error{Errc::kLibrary, "x264: no parameter sets"};
  ByteView sps;
  ByteView pps;
  for (const auto& nal : std::span(nals, static_cast<std::size_t>(count))) {
    if (nal.i_type == NAL_SPS) sps = bytes_of(nal).subspan(kLength);
    if (nal.i_type == NAL_PPS) pps = bytes_of(nal).subspan(kLength);
  }
  if (sps.size() < 4 || pps.empty()) return Error{Errc::kLibrary, "x264: no parameter sets"};
  return avcc(sps, pps);
}

// What players need; x264's message about itself says nothing that they want.
Bytes slices_of(std::span<const x264_nal_t> nals) {
  Bytes made;
  for (const auto& nal : nals) {
    const auto bytes = bytes_of(nal);
    if (nal.i_type == NAL_SLICE || nal.i_type == NAL_SLICE_IDR) made.insert(made.end(), bytes.begin(), bytes.end());
  }
  return made;
}

void reduce(x264_param_t& to) {
  to.analyse.i_subpel_refine = std::min(to.analyse.i_subpel_refine, 1);
  to.analyse.inter &= X264_ANALYSE_I4x4 | X264_ANALYSE_I8x8;
  to.analyse.i_me_method = std::min<int>(to.analyse.i_me_method, X264_ME_HEX);
  to.analyse.i_trellis = 0;
  to.i_frame_reference = 1;
}

} // namespace

int encoder_threads(PictureSize size, int fps, int cores) {
  const auto pixels = std::int64_t{size.width} * size.height * fps;
  const auto wanted = (pixels + kPixelsPerThread - 1) / kPixelsPerThread;
  return static_cast<int>(std::clamp<std::int64_t>(wanted, 1, std::max(cores, 1)));
}

void VideoEncoder::Close::operator()(x264_t* encoder) const {
  x264_encoder_close(encoder);
}

Result<std::unique_ptr<VideoEncoder>> VideoEncoder::open(const VideoSettings& settings) {
  std::unique_ptr<VideoEncoder> encoder(new VideoEncoder(settings));
  encoder->threads_ =
      encoder_threads(settings.size, settings.fps, static_cast<int>(std::thread::hardware_concurrency()));
  auto wanted = parameters(settings, encoder->threads_);
  if (!wanted) return wanted.error();
  encoder->x264_.reset(x264_encoder_open(&*wanted));
  if (!encoder->x264_) return Error{Errc::kLibrary, "x264 does not open"};
  auto sets = parameter_sets(encoder->x264_.get());
  if (!sets) return sets.error();
  encoder->extradata_ = std::move(*sets);
  return encoder;
}

// Nothing of it stands in the parameter sets, so a decoder does not see the change. x264 takes it up a picture later.
Result<void> VideoEncoder::set_effort(Effort effort) {
  if (effort == effort_) return {};
  auto wanted = parameters(settings_, threads_);
  if (!wanted) return wanted.error();
  if (effort == Effort::kReduced) reduce(*wanted);
  if (x264_encoder_reconfig(x264_.get(), &*wanted) != 0)
    return Error{Errc::kLibrary, "x264 does not change its effort"};
  effort_ = effort;
  return {};
}

Result<EncodedPicture> VideoEncoder::encode(const HousePicture& picture, std::int64_t k, bool idr, Effort effort) {
  if (auto set = set_effort(effort); !set) return set.error();
  PictureMap map(picture, GST_MAP_READ);
  if (!map.ok()) return Error{Errc::kLibrary, "a picture cannot be read"};
  x264_picture_t in;
  x264_picture_init(&in);
  in.img.i_csp = X264_CSP_I420;
  in.img.i_plane = 3;
  for (int plane = 0; plane < 3; ++plane) {
    in.img.plane[plane] = map.plane(plane);
    in.img.i_stride[plane] = map.stride(plane);
  }
  in.i_pts = k;
  in.i_type = idr || k == 0 ? X264_TYPE_IDR : X264_TYPE_AUTO;
  x264_picture_t out;
  x264_nal_t* nals = nullptr;
  int count = 0;
  const int size = x264_encoder_encode(x264_.get(), &nals, &count, &in, &out);
  if (size < 0) return Error{Errc::kLibrary, "x264 does not encode"};
  if (size == 0) return Error{Errc::kLibrary, "x264: not one packet for one picture"};
  if (out.i_pts != k) return Error{Errc::kLibrary, "x264: the packet of another picture"};
  const bool is_idr = out.i_type == X264_TYPE_IDR;
  if ((idr || k == 0) && !is_idr) return Error{Errc::kLibrary, "x264: no IDR where one was asked for"};
  return EncodedPicture{slices_of(std::span(nals, static_cast<std::size_t>(count))), is_idr};
}

} // namespace pult::transcode
