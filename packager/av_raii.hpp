// One owner per libav handle that the packager uses. Private to this module.
#pragma once

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/dict.h>
#include <libavutil/error.h>
#include <libavutil/mem.h>
}

#include <array>
#include <memory>
#include <string>

#include "base/result.hpp"

namespace pult::packager {

struct AvPacketDeleter {
  void operator()(AVPacket* packet) const { av_packet_free(&packet); }
};
using AvPacketPtr = std::unique_ptr<AVPacket, AvPacketDeleter>;

struct AvFrameDeleter {
  void operator()(AVFrame* frame) const { av_frame_free(&frame); }
};
using AvFramePtr = std::unique_ptr<AVFrame, AvFrameDeleter>;

struct AvCodecDeleter {
  void operator()(AVCodecContext* context) const { avcodec_free_context(&context); }
};
using AvCodecPtr = std::unique_ptr<AVCodecContext, AvCodecDeleter>;

struct AvIoDeleter {
  void operator()(AVIOContext* io) const {
    av_freep(&io->buffer);
    avio_context_free(&io);
  }
};
using AvIoPtr = std::unique_ptr<AVIOContext, AvIoDeleter>;

struct AvInputDeleter {
  void operator()(AVFormatContext* context) const { avformat_close_input(&context); }
};
using AvInputPtr = std::unique_ptr<AVFormatContext, AvInputDeleter>;

struct AvOutputDeleter {
  void operator()(AVFormatContext* context) const { avformat_free_context(context); }
};
using AvOutputPtr = std::unique_ptr<AVFormatContext, AvOutputDeleter>;

class AvDictionary {
 public:
  AvDictionary() = default;
  AvDictionary(const AvDictionary&) = delete;
  AvDictionary& operator=(const AvDictionary&) = delete;
  ~AvDictionary() { av_dict_free(&dict_); }
  void set(const char* key, const std::string& value) { av_dict_set(&dict_, key, value.c_str(), 0); }
  // What a libav call left over: options that it did not know.
  [[nodiscard]] bool empty() const { return av_dict_count(dict_) == 0; }
  AVDictionary** get() { return &dict_; }

 private:
  AVDictionary* dict_ = nullptr;
};

[[nodiscard]] inline Error av_error(const std::string& what, int code) {
  std::array<char, AV_ERROR_MAX_STRING_SIZE> text{};
  av_strerror(code, text.data(), text.size());
  return {Errc::kLibrary, what + ": " + text.data()};
}

} // namespace pult::packager
