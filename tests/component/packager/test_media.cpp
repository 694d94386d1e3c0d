#include "test_media.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <numbers>

extern "C" {
#include <libavutil/channel_layout.h>
#include <libavutil/opt.h>
}

namespace pult::packager::test {

namespace {

std::atomic<int> complaints{0};

void check(bool ok, const char* what) {
  if (ok) return;
  std::fprintf(stderr, "test media: %s failed\n", what);
  std::abort();
}

void count_complaints(void* context, int level, const char* format, va_list arguments) {
  if (level <= AV_LOG_WARNING) ++complaints;
  if (level <= AV_LOG_WARNING) av_log_default_callback(context, level, format, arguments);
}

AvCodecPtr open_encoder(const EncoderSettings& settings) {
  const AVCodec* codec = avcodec_find_encoder_by_name("libx264");
  check(codec != nullptr, "find libx264");
  AvCodecPtr context(avcodec_alloc_context3(codec));
  context->width = settings.width;
  context->height = settings.height;
  context->pix_fmt = AV_PIX_FMT_YUV420P;
  context->time_base = {1, settings.fps};
  context->framerate = {settings.fps, 1};
  context->thread_count = 1;
  context->max_b_frames = settings.order_count ? 1 : 0;
  context->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
  if (settings.interlaced) context->flags |= AV_CODEC_FLAG_INTERLACED_DCT;
  context->bit_rate = settings.kbps * 1000L;
  context->rc_max_rate = context->bit_rate;
  context->rc_buffer_size = static_cast<int>(context->bit_rate / 2);
  av_opt_set(context->priv_data, "preset", settings.preset.c_str(), 0);
  if (!settings.order_count) av_opt_set(context->priv_data, "tune", "zerolatency", 0);
  av_opt_set(context->priv_data, "profile", settings.profile.c_str(), 0);
  av_opt_set(context->priv_data, "forced-idr", "1", 0);
  std::string params = "scenecut=0:keyint=infinite";
  if (!settings.extra.empty()) params += ":" + settings.extra;
  av_opt_set(context->priv_data, "x264-params", params.c_str(), 0);
  check(avcodec_open2(context.get(), codec, nullptr) == 0, "open libx264");
  return context;
}

// A texture of edges and slopes that wanders over the picture, so that motion, residual and intra blocks all occur.
void draw(AVFrame& frame, int n) {
  for (int plane = 0; plane < 3; ++plane) {
    const int shift = plane == 0 ? 0 : 1;
    for (int y = 0; y < frame.height >> shift; ++y) {
      std::uint8_t* row = frame.data[plane] + static_cast<std::ptrdiff_t>(y) * frame.linesize[plane];
      const unsigned phase = static_cast<unsigned>(y * (3 + plane) + n * 5);
      for (int x = 0; x < frame.width >> shift; ++x)
        row[x] = static_cast<std::uint8_t>(((static_cast<unsigned>(x) + phase) ^ (phase >> 3)) * 3 +
                                           static_cast<unsigned>(x * n >> 4));
    }
  }
}

Bytes annex_b_to_avcc(const AVCodecContext& context) {
  AvcConfig config;
  for (const ByteView nal : split_annex_b({context.extradata, static_cast<std::size_t>(context.extradata_size)})) {
    if (nal_type(nal) == NalType::kSps) config.sps.emplace_back(nal.begin(), nal.end());
    if (nal_type(nal) == NalType::kPps) config.pps.emplace_back(nal.begin(), nal.end());
  }
  auto avcc = make_avcc(config);
  check(avcc.ok(), "make avcC");
  return *avcc;
}

void take_packets(AVCodecContext& context, std::vector<Bytes>& samples) {
  AvPacketPtr packet(av_packet_alloc());
  while (avcodec_receive_packet(&context, packet.get()) == 0) {
    auto nals = split_annex_b({packet->data, static_cast<std::size_t>(packet->size)});
    std::erase_if(nals, [](ByteView nal) { return nal_type(nal) == NalType::kSps || nal_type(nal) == NalType::kPps; });
    samples.push_back(join_sample(nals));
    av_packet_unref(packet.get());
  }
}

void append_plane(Bytes& out, const AVFrame& frame, int plane) {
  const int shift = plane == 0 ? 0 : 1;
  for (int y = 0; y < frame.height >> shift; ++y) {
    const std::uint8_t* row = frame.data[plane] + static_cast<std::ptrdiff_t>(y) * frame.linesize[plane];
    out.insert(out.end(), row, row + (frame.width >> shift));
  }
}

void take_pictures(AVCodecContext& context, std::vector<Bytes>& pictures) {
  AvFramePtr frame(av_frame_alloc());
  while (avcodec_receive_frame(&context, frame.get()) == 0) {
    Bytes& picture = pictures.emplace_back();
    for (int plane = 0; plane < 3; ++plane)
      append_plane(picture, *frame, plane);
  }
}

} // namespace

EncodedVideo encode_video(const EncoderSettings& settings, int pictures, const std::vector<int>& idrs) {
  AvCodecPtr context = open_encoder(settings);
  EncodedVideo video{annex_b_to_avcc(*context), {}};
  AvFramePtr frame(av_frame_alloc());
  frame->width = settings.width;
  frame->height = settings.height;
  frame->format = AV_PIX_FMT_YUV420P;
  check(av_frame_get_buffer(frame.get(), 0) == 0, "picture buffer");
  for (int n = 0; n < pictures; ++n) {
    check(av_frame_make_writable(frame.get()) == 0, "picture buffer");
    draw(*frame, n);
    frame->pts = n;
    const bool idr = n == 0 || std::find(idrs.begin(), idrs.end(), n) != idrs.end();
    frame->pict_type = idr ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_P;
    check(avcodec_send_frame(context.get(), frame.get()) == 0, "encode");
    take_packets(*context, video.samples);
  }
  avcodec_send_frame(context.get(), nullptr);
  take_packets(*context, video.samples);
  check(video.samples.size() == static_cast<std::size_t>(pictures), "one sample a picture");
  return video;
}

EncodedSound encode_sound(int frames) {
  const AVCodec* codec = avcodec_find_encoder(AV_CODEC_ID_AAC);
  AvCodecPtr context(avcodec_alloc_context3(codec));
  context->sample_fmt = AV_SAMPLE_FMT_FLTP;
  context->sample_rate = 48000;
  context->bit_rate = 128000;
  av_channel_layout_default(&context->ch_layout, 2);
  context->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
  check(avcodec_open2(context.get(), codec, nullptr) == 0, "open aac");
  EncodedSound sound{{context->extradata, context->extradata + context->extradata_size}, {}};
  AvFramePtr frame(av_frame_alloc());
  frame->nb_samples = 1024;
  frame->format = AV_SAMPLE_FMT_FLTP;
  frame->sample_rate = 48000;
  av_channel_layout_default(&frame->ch_layout, 2);
  check(av_frame_get_buffer(frame.get(), 0) == 0, "sound buffer");
  AvPacketPtr packet(av_packet_alloc());
  for (int m = 0; static_cast<int>(sound.frames.size()) < frames; ++m) {
    check(av_frame_make_writable(frame.get()) == 0, "sound buffer");
    for (int channel = 0; channel < 2; ++channel) {
      auto* samples = reinterpret_cast<float*>(frame->data[channel]);
      for (int i = 0; i < 1024; ++i)
        samples[i] = 0.3F * static_cast<float>(std::sin(2 * std::numbers::pi * 440 * (m * 1024 + i) / 48000));
    }
    frame->pts = m * 1024L;
    check(avcodec_send_frame(context.get(), frame.get()) == 0, "encode sound");
    while (avcodec_receive_packet(context.get(), packet.get()) == 0) {
      sound.frames.emplace_back(packet->data, packet->data + packet->size);
      av_packet_unref(packet.get());
    }
  }
  return sound;
}

DecodedVideo decode_video(const Bytes& avcc, const std::vector<Bytes>& samples) {
  complaints = 0;
  av_log_set_callback(count_complaints);
  const AVCodec* codec = avcodec_find_decoder(AV_CODEC_ID_H264);
  AvCodecPtr context(avcodec_alloc_context3(codec));
  context->extradata = static_cast<std::uint8_t*>(av_mallocz(avcc.size() + AV_INPUT_BUFFER_PADDING_SIZE));
  std::copy(avcc.begin(), avcc.end(), context->extradata);
  context->extradata_size = static_cast<int>(avcc.size());
  context->thread_count = 1;
  context->err_recognition = AV_EF_CAREFUL | AV_EF_BITSTREAM | AV_EF_COMPLIANT | AV_EF_EXPLODE;
  check(avcodec_open2(context.get(), codec, nullptr) == 0, "open h264 decoder");
  DecodedVideo decoded;
  AvPacketPtr packet(av_packet_alloc());
  for (const Bytes& sample : samples) {
    check(av_new_packet(packet.get(), static_cast<int>(sample.size())) == 0, "packet");
    std::copy(sample.begin(), sample.end(), packet->data);
    if (avcodec_send_packet(context.get(), packet.get()) < 0) ++complaints;
    av_packet_unref(packet.get());
    take_pictures(*context, decoded.pictures);
  }
  avcodec_send_packet(context.get(), nullptr);
  take_pictures(*context, decoded.pictures);
  decoded.complaints = complaints;
  av_log_set_callback(av_log_default_callback);
  return decoded;
}

namespace {

struct Source {
  const Bytes& bytes;
  std::size_t at = 0;
};

int read_source(void* opaque, std::uint8_t* out, int size) {
  auto& source = *static_cast<Source*>(opaque);
  const std::size_t count = std::min(static_cast<std::size_t>(size), source.bytes.size() - source.at);
  if (count == 0) return AVERROR_EOF;
  std::copy_n(source.bytes.begin() + static_cast<std::ptrdiff_t>(source.at), count, out);
  source.at += count;
  return static_cast<int>(count);
}

void take_frames(AVCodecContext& decoder, DecodedFile& decoded) {
  AvFramePtr frame(av_frame_alloc());
  while (avcodec_receive_frame(&decoder, frame.get()) == 0)
    ++decoded.pictures;
}

} // namespace

DecodedFile decode_file(const Bytes& file) {
  complaints = 0;
  av_log_set_callback(count_complaints);
  Source source{file};
  AVFormatContext* context = avformat_alloc_context();
  AvIoPtr io(
      avio_alloc_context(static_cast<std::uint8_t*>(av_malloc(4096)), 4096, 0, &source, read_source, nullptr, nullptr));
  context->pb = io.get();
  check(avformat_open_input(&context, nullptr, nullptr, nullptr) == 0, "open fragments");
  const AVCodecParameters& codec = *context->streams[0]->codecpar;
  AvCodecPtr decoder(avcodec_alloc_context3(avcodec_find_decoder(codec.codec_id)));
  avcodec_parameters_to_context(decoder.get(), &codec);
  decoder->thread_count = 1;
  check(avcodec_open2(decoder.get(), nullptr, nullptr) == 0, "open decoder");
  DecodedFile decoded;
  AvPacketPtr packet(av_packet_alloc());
  std::optional<std::int64_t> next;
  const std::int64_t unit = codec.codec_type == AVMEDIA_TYPE_AUDIO ? 1024 : 3600;
  while (av_read_frame(context, packet.get()) == 0) {
    if (next && packet->dts != *next) ++decoded.gaps;
    next = packet->dts + unit;
    if (avcodec_send_packet(decoder.get(), packet.get()) < 0) ++complaints;
    av_packet_unref(packet.get());
    take_frames(*decoder, decoded);
  }
  avcodec_send_packet(decoder.get(), nullptr);
  take_frames(*decoder, decoded);
  avformat_close_input(&context);
  decoded.complaints = complaints;
  av_log_set_callback(av_log_default_callback);
  return decoded;
}

} // namespace pult::packager::test
