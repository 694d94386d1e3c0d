#include "test_decoder.hpp"

#include <cstring>
#include <gtest/gtest.h>
#include <memory>
#include <numeric>
extern "C" {
#include <libavcodec/avcodec.h>
}

namespace pult::transcode::testing {
namespace {

struct AvFree {
  void operator()(AVCodecContext* context) const { avcodec_free_context(&context); }
  void operator()(AVFrame* frame) const { av_frame_free(&frame); }
  void operator()(AVPacket* packet) const { av_packet_free(&packet); }
};

std::unique_ptr<AVCodecContext, AvFree> open(AVCodecID id, const Bytes& extradata) {
  const auto* codec = avcodec_find_decoder(id);
  std::unique_ptr<AVCodecContext, AvFree> context(avcodec_alloc_context3(codec));
  context->extradata = static_cast<std::uint8_t*>(av_mallocz(extradata.size() + AV_INPUT_BUFFER_PADDING_SIZE));
  std::memcpy(context->extradata, extradata.data(), extradata.size());
  context->extradata_size = static_cast<int>(extradata.size());
  context->flags |= AV_CODEC_FLAG_LOW_DELAY;
  context->thread_count = 1;
  EXPECT_EQ(avcodec_open2(context.get(), codec, nullptr), 0);
  return context;
}

template <typename Take>
void decode(AVCodecContext* context, const std::vector<Bytes>& samples, Take take) {
  const std::unique_ptr<AVFrame, AvFree> frame(av_frame_alloc());
  const auto drain = [&] {
    while (avcodec_receive_frame(context, frame.get()) == 0)
      take(*frame);
  };
  for (const auto& sample : samples) {
    const std::unique_ptr<AVPacket, AvFree> packet(av_packet_alloc());
    EXPECT_EQ(av_new_packet(packet.get(), static_cast<int>(sample.size())), 0);
    std::memcpy(packet->data, sample.data(), sample.size());
    EXPECT_EQ(avcodec_send_packet(context, packet.get()), 0);
    drain();
  }
  avcodec_send_packet(context, nullptr);
  drain();
}

DecodedPicture picture_of(const AVFrame& frame) {
  DecodedPicture picture{frame.width, frame.height, {}, 0, false};
  for (int y = 0; y < frame.height; ++y)
    picture.luma.insert(picture.luma.end(), frame.data[0] + y * frame.linesize[0],
                        frame.data[0] + y * frame.linesize[0] + frame.width);
  picture.mean_luma =
      std::accumulate(picture.luma.begin(), picture.luma.end(), 0.0) / static_cast<double>(picture.luma.size());
  picture.damaged = (frame.flags & AV_FRAME_FLAG_CORRUPT) != 0 || frame.decode_error_flags != 0;
  return picture;
}

} // namespace

std::vector<DecodedPicture> decode_pictures(const Bytes& extradata, const std::vector<Bytes>& samples) {
  std::vector<DecodedPicture> pictures;
  const auto context = open(AV_CODEC_ID_H264, extradata);
  decode(context.get(), samples, [&](const AVFrame& frame) { pictures.push_back(picture_of(frame)); });
  return pictures;
}

std::vector<float> decode_sound(const Bytes& extradata, const std::vector<Bytes>& packets) {
  std::vector<float> samples;
  const auto context = open(AV_CODEC_ID_AAC, extradata);
  decode(context.get(), packets, [&](const AVFrame& frame) {
    const auto* left = reinterpret_cast<const float*>(frame.data[0]);
    samples.insert(samples.end(), left, left + frame.nb_samples);
  });
  return samples;
}

} // namespace pult::transcode::testing
