// One small owner per libav handle, and errors in libav's own words. Private to cam. One thread per handle.
#pragma once

#include "base/result.hpp"

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/audio_fifo.h>
#include <libavutil/channel_layout.h>
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>
#include <libswresample/swresample.h>
#include <libswscale/swscale.h>
}

#include <memory>
#include <string>
#include <string_view>

namespace pult::cam {

struct AvDeleter {
  void operator()(AVPacket* packet) const { av_packet_free(&packet); }
  void operator()(AVFrame* frame) const { av_frame_free(&frame); }
  void operator()(AVCodecContext* codec) const { avcodec_free_context(&codec); }
  void operator()(AVCodecParameters* parameters) const { avcodec_parameters_free(&parameters); }
  void operator()(SwsContext* scaler) const { sws_freeContext(scaler); }
  void operator()(AVAudioFifo* fifo) const { av_audio_fifo_free(fifo); }
  void operator()(SwrContext* resampler) const { swr_free(&resampler); }
};
using PacketPtr = std::unique_ptr<AVPacket, AvDeleter>;
using FramePtr = std::unique_ptr<AVFrame, AvDeleter>;
using CodecPtr = std::unique_ptr<AVCodecContext, AvDeleter>;
using ParametersPtr = std::unique_ptr<AVCodecParameters, AvDeleter>;
using ScalerPtr = std::unique_ptr<SwsContext, AvDeleter>;
using FifoPtr = std::unique_ptr<AVAudioFifo, AvDeleter>;
using ResamplerPtr = std::unique_ptr<SwrContext, AvDeleter>;

struct InputCloser {
  void operator()(AVFormatContext* input) const { avformat_close_input(&input); }
};
using InputPtr = std::unique_ptr<AVFormatContext, InputCloser>;

// A muxer that writes into a file opened by avio_open.
struct FileOutputCloser {
  void operator()(AVFormatContext* output) const {
    avio_closep(&output->pb);
    avformat_free_context(output);
  }
};
using FileOutputPtr = std::unique_ptr<AVFormatContext, FileOutputCloser>;

[[nodiscard]] inline Error av_error(std::string_view what, int code) {
  char text[AV_ERROR_MAX_STRING_SIZE] = {};
  av_strerror(code, text, sizeof text);
  return {Errc::kLibrary, std::string(what) + ": " + text};
}

} // namespace pult::cam
