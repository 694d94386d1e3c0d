#include "cam/encoders.hpp"

#include <algorithm>
#include <cmath>

namespace pult::cam {
namespace {

const AVCodec* encoder_named(const char* name) {
  return avcodec_find_encoder_by_name(name);
}

void set_colour(AVCodecContext& codec) {
  codec.colorspace = AVCOL_SPC_BT709;
  codec.color_primaries = AVCOL_PRI_BT709;
  codec.color_trc = AVCOL_TRC_BT709;
  codec.color_range = AVCOL_RANGE_MPEG;
  codec.chroma_sample_location = AVCHROMA_LOC_LEFT;
}

void set_rate(AVCodecContext& codec, const PictureSettings& settings) {
  codec.time_base = settings.time_base.den ? settings.time_base : av_inv_q(settings.rate);
  codec.framerate = settings.rate;
  codec.gop_size = std::max(1, static_cast<int>(std::lround(av_q2d(settings.rate)))); // a key frame each second
  codec.keyint_min = codec.gop_size;
  codec.max_b_frames = settings.b_frames;
  codec.bit_rate = settings.kbps * 1000LL;
  codec.rc_max_rate = codec.bit_rate;
  codec.rc_buffer_size = settings.kbps * 1000; // one second: a key frame fits in comfortably
}

// ISO/IEC 13818-7 6.2.1: no CRC, one frame. Rate and channels are copied from the AudioSpecificConfig
// (ISO/IEC 14496-3 1.6.2.1: 5 bits object type, 4 bits rate, 4 bits channels).
PacketPtr with_adts_header(const AVPacket& raw, const AVCodecContext& encoder) {
  constexpr int kHeader = 7;
  const unsigned config = encoder.extradata[0] << 8 | encoder.extradata[1];
  const unsigned object_type = config >> 11, rate = config >> 7 & 15, channels = config >> 3 & 15;
  const unsigned length = raw.size + kHeader;
  PacketPtr packet(av_packet_alloc());
  av_new_packet(packet.get(), static_cast<int>(length));
  const uint64_t bits = 0xFFF1ULL << 40 | (object_type - 1ULL) << 38 | uint64_t{rate} << 34 | uint64_t{channels} << 30 |
                        uint64_t{length} << 13 | 0x7FFU << 2;
  for (int i = 0; i < kHeader; ++i)
    packet->data[i] = static_cast<uint8_t>(bits >> (8 * (kHeader - 1 - i)));
  std::copy_n(raw.data, raw.size, packet->data + kHeader);
  return packet;
}

Result<CodecPtr> opened(CodecPtr codec, const AVCodec* which) {
  if (const int failed = avcodec_open2(codec.get(), which, nullptr); failed < 0)
    return av_error(std::string("open encoder ") + which->name, failed);
  return codec;
}

} // namespace

Result<CodecPtr> open_picture_encoder(const PictureSettings& settings) {
  const auto* x264 = encoder_named("libx264");
  if (!x264) return Error{Errc::kNotFound, "libavcodec has no libx264"};
  CodecPtr codec(avcodec_alloc_context3(x264));
  codec->width = settings.width;
  codec->height = settings.height;
  codec->pix_fmt = AV_PIX_FMT_YUV420P;
  codec->sample_aspect_ratio = {1, 1};
  set_colour(*codec);
  set_rate(*codec, settings);
  av_opt_set(codec->priv_data, "preset", "veryfast", 0);
  av_opt_set(codec->priv_data, "profile", "high", 0);
  // No trellis: a third of the time, for a difference that nobody sees in a test picture.
  av_opt_set(codec->priv_data, "x264-params", "scenecut=0:open-gop=0:force-cfr=1:trellis=0", 0);
  return opened(std::move(codec), x264);
}

Result<CodecPtr> open_sound_encoder(int sample_rate, int channels) {
  const auto* aac = encoder_named("aac");
  if (!aac) return Error{Errc::kNotFound, "libavcodec has no AAC encoder"};
  CodecPtr codec(avcodec_alloc_context3(aac));
  codec->sample_rate = sample_rate;
  codec->sample_fmt = AV_SAMPLE_FMT_FLTP;
  av_channel_layout_default(&codec->ch_layout, channels);
  codec->bit_rate = 64'000LL * channels;
  codec->time_base = {1, sample_rate};
  // A raw AAC frame needs its AudioSpecificConfig aside (ISO/IEC 14496-3 1.6); the muxer writes ADTS from it.
  codec->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
  return opened(std::move(codec), aac);
}

Result<void> encode(AVCodecContext& encoder, const AVFrame* frame, const TakePacket& take) {
  if (const int failed = avcodec_send_frame(&encoder, frame); failed < 0) return av_error("encode", failed);
  for (;;) {
    PacketPtr packet(av_packet_alloc());
    const int got = avcodec_receive_packet(&encoder, packet.get());
    if (got == AVERROR(EAGAIN) || got == AVERROR_EOF) return {};
    if (got < 0) return av_error("encode", got);
    if (auto taken = take(std::move(packet)); !taken) return taken;
  }
}

Result<FramePtr> new_sound(const AVCodecContext& encoder) {
  FramePtr frame(av_frame_alloc());
  frame->nb_samples = encoder.frame_size;
  frame->format = encoder.sample_fmt;
  frame->sample_rate = encoder.sample_rate;
  av_channel_layout_copy(&frame->ch_layout, &encoder.ch_layout);
  if (const int failed = av_frame_get_buffer(frame.get(), 0); failed < 0) return av_error("sound buffer", failed);
  av_samples_set_silence(frame->extended_data, 0, frame->nb_samples, encoder.ch_layout.nb_channels, encoder.sample_fmt);
  return frame;
}

Result<PacketPtr> silent_packet(const AVCodecParameters& track) {
  auto encoder = open_sound_encoder(track.sample_rate, track.ch_layout.nb_channels);
  if (!encoder) return encoder.error();
  auto frame = new_sound(**encoder);
  if (!frame) return frame.error();
  PacketPtr last;
  const TakePacket keep = [&last](PacketPtr packet) -> Result<void> {
    last = std::move(packet);
    return {};
  };
  for (int64_t n = 0; n < 4; ++n) { // the first ones are the encoder's start
    (*frame)->pts = n * (*frame)->nb_samples;
    if (auto encoded = encode(**encoder, frame->get(), keep); !encoded) return encoded.error();
  }
  if (!last) return Error{Errc::kLibrary, "the AAC encoder made no silence"};
  return track.extradata_size > 0 ? std::move(last) : with_adts_header(*last, **encoder);
}

Result<ParametersPtr> parameters_of(const AVCodecContext& codec) {
  ParametersPtr parameters(avcodec_parameters_alloc());
  if (const int failed = avcodec_parameters_from_context(parameters.get(), &codec); failed < 0)
    return av_error("encoder parameters", failed);
  return parameters;
}

Result<FramePtr> new_picture(int width, int height) {
  FramePtr frame(av_frame_alloc());
  frame->width = width;
  frame->height = height;
  frame->format = AV_PIX_FMT_YUV420P;
  frame->colorspace = AVCOL_SPC_BT709;
  frame->color_range = AVCOL_RANGE_MPEG;
  if (const int failed = av_frame_get_buffer(frame.get(), 0); failed < 0) return av_error("picture buffer", failed);
  return frame;
}

Result<ScalerPtr> open_scaler(int width, int height, AVPixelFormat from, int to_width, int to_height, int from_matrix) {
  ScalerPtr scaler(sws_getContext(width, height, from, to_width, to_height, AV_PIX_FMT_YUV420P,
                                  SWS_BICUBIC | SWS_ACCURATE_RND, nullptr, nullptr, nullptr));
  if (!scaler) return Error{Errc::kLibrary, std::string("no conversion from ") + av_get_pix_fmt_name(from)};
  const bool rgb = av_pix_fmt_desc_get(from)->flags & AV_PIX_FMT_FLAG_RGB;
  sws_setColorspaceDetails(scaler.get(), sws_getCoefficients(from_matrix), rgb, sws_getCoefficients(SWS_CS_ITU709), 0,
                           0, 1 << 16, 1 << 16);
  return scaler;
}

} // namespace pult::cam
