#include "ts_reading.hpp"

#include "cam/av_raii.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>

namespace pult::cam::test {
namespace {

// What matters comes back as a value.
[[maybe_unused]] const bool kQuiet = (av_log_set_level(AV_LOG_FATAL), true);

struct Bytes {
  std::span<const uint8_t> left;
};

int read_bytes(void* opaque, uint8_t* to, int size) {
  auto& left = static_cast<Bytes*>(opaque)->left;
  if (left.empty()) return AVERROR_EOF;
  const size_t count = std::min(left.size(), static_cast<size_t>(size));
  std::memcpy(to, left.data(), count);
  left = left.subspan(count);
  return static_cast<int>(count);
}

CodecPtr open_decoder(const AVStream& stream) {
  const auto* codec = avcodec_find_decoder(stream.codecpar->codec_id);
  CodecPtr decoder(avcodec_alloc_context3(codec));
  avcodec_parameters_to_context(decoder.get(), stream.codecpar);
  decoder->pkt_timebase = stream.time_base;
  EXPECT_EQ(avcodec_open2(decoder.get(), codec, nullptr), 0);
  return decoder;
}

void keep_picture(Reading& reading, const AVFrame& frame) {
  ReadPicture picture{frame.pts, frame.width, frame.height, {}};
  for (int y = 0; y < frame.height; ++y) {
    const auto* row = frame.data[0] + static_cast<ptrdiff_t>(y) * frame.linesize[0];
    picture.luma.insert(picture.luma.end(), row, row + frame.width);
  }
  reading.decoded.push_back(std::move(picture));
}

void keep_sound(Reading& reading, const AVFrame& frame) {
  if (reading.left.empty()) reading.left_pts = frame.pts;
  reading.sample_rate = frame.sample_rate;
  const auto* samples = reinterpret_cast<const float*>(frame.extended_data[0]);
  reading.left.insert(reading.left.end(), samples, samples + frame.nb_samples);
}

void decode(AVCodecContext& decoder, const AVPacket* packet, Reading& reading) {
  EXPECT_GE(avcodec_send_packet(&decoder, packet), 0);
  const FramePtr frame(av_frame_alloc());
  while (avcodec_receive_frame(&decoder, frame.get()) >= 0) {
    if (decoder.codec_type == AVMEDIA_TYPE_VIDEO)
      keep_picture(reading, *frame);
    else
      keep_sound(reading, *frame);
  }
}

void read_all(AVFormatContext& input, Reading& reading) {
  std::vector<CodecPtr> decoders;
  for (unsigned i = 0; i < input.nb_streams; ++i)
    decoders.push_back(open_decoder(*input.streams[i]));
  const PacketPtr packet(av_packet_alloc());
  while (av_read_frame(&input, packet.get()) >= 0) {
    const auto index = static_cast<size_t>(packet->stream_index);
    const bool picture = decoders[index]->codec_type == AVMEDIA_TYPE_VIDEO;
    (picture ? reading.pictures : reading.sounds)
        .push_back({packet->pts, packet->dts, (packet->flags & AV_PKT_FLAG_KEY) != 0});
    decode(*decoders[index], packet.get(), reading);
    av_packet_unref(packet.get());
  }
  for (const auto& decoder : decoders)
    decode(*decoder, nullptr, reading);
}

} // namespace

Reading read_transport_stream(std::span<const uint8_t> bytes) {
  Reading reading;
  Bytes source{bytes};
  constexpr int kBuffer = 188 * 100;
  AVIOContext* io =
      avio_alloc_context(static_cast<uint8_t*>(av_malloc(kBuffer)), kBuffer, 0, &source, read_bytes, nullptr, nullptr);
  AVFormatContext* raw = avformat_alloc_context();
  raw->pb = io;
  EXPECT_EQ(avformat_open_input(&raw, nullptr, av_find_input_format("mpegts"), nullptr), 0);
  if (raw) {
    EXPECT_GE(avformat_find_stream_info(raw, nullptr), 0);
    read_all(*raw, reading);
  }
  avformat_close_input(&raw);
  av_freep(&io->buffer);
  avio_context_free(&io);
  return reading;
}

ReadPicture ReadPicture::scaled(int to_width, int to_height) const {
  ReadPicture small{pts, to_width, to_height, std::vector<uint8_t>(static_cast<size_t>(to_width) * to_height)};
  const ScalerPtr scaler(sws_getContext(width, height, AV_PIX_FMT_GRAY8, to_width, to_height, AV_PIX_FMT_GRAY8,
                                        SWS_BICUBIC, nullptr, nullptr, nullptr));
  const uint8_t* from = luma.data();
  uint8_t* to = small.luma.data();
  sws_scale(scaler.get(), &from, &width, 0, height, &to, &to_width);
  return small;
}

std::vector<double> Reading::beep_starts() const {
  constexpr float kHeard = 0.02F; // of full scale; the beep has 0.25
  std::vector<double> starts;
  const int64_t silence = sample_rate / 10;
  int64_t last_heard = -silence; // the stream's first sample may be in a beep's middle; then it is no start
  for (int64_t i = 0; i < std::ssize(left); ++i) {
    if (std::abs(left[i]) < kHeard) continue;
    if (i - last_heard > silence && i > silence) starts.push_back(left_pts + i * 90000.0 / sample_rate);
    last_heard = i;
  }
  return starts;
}

} // namespace pult::cam::test
