// One rung's H.264 encoder: x264, no B-frames, a picture in and its packet out.
//
// Key frames come only where the caller says: at the same index on all rungs, never by x264's own choice. The same
// settings give the same parameter sets whenever they are opened, so that slates and restarted runs splice. The caller
// is one thread; a picture that one cannot encode in time is cut into slices, each encoded by a thread of x264's.
#pragma once

#include "transcode/house_picture.hpp"

#include "base/bytes.hpp"
#include "base/result.hpp"

#include <memory>
#include <string>

extern "C" struct x264_t;

namespace pult::transcode {

struct VideoSettings {
  PictureSize size;
  int fps = 25;
  int kbps = 0;
  std::string preset = "veryfast";
};

// How hard the encoder looks for what a picture has in common with the one before. Reduced: quarter pixels are searched
// less and blocks are not split, whatever the preset. That takes two thirds of the time where pictures are hard, and
// costs 0.2 dB there (README.md).
enum class Effort { kFull, kReduced };

struct EncodedPicture {
  Bytes sample; // AVC, 4-byte NAL lengths, without parameter sets
  bool idr = false;
};

class VideoEncoder {
 public:
  static Result<std::unique_ptr<VideoEncoder>> open(const VideoSettings& settings);

  // Pictures of the settings' size; `k` counts them from 0 without a gap. The first is an IDR, later ones where asked.
  Result<EncodedPicture> encode(const HousePicture& picture, std::int64_t k, bool idr, Effort effort = Effort::kFull);
  [[nodiscard]] const Bytes& extradata() const { return extradata_; } // avcC
  [[nodiscard]] int threads() const { return threads_; }

 private:
  struct Close {
    void operator()(x264_t* encoder) const;
  };

  explicit VideoEncoder(const VideoSettings& settings) : settings_(settings) {}
  Result<void> set_effort(Effort effort);

  VideoSettings settings_;
  int threads_ = 1;
  std::unique_ptr<x264_t, Close> x264_;
  Effort effort_ = Effort::kFull;
  Bytes extradata_;
};

// How many threads (and slices) a rung gets on a machine of `cores`: as many as its hardest seconds want, no more, for
// each slice costs quality (0.06 to 0.1 dB for two at 1080p).
[[nodiscard]] int encoder_threads(PictureSize size, int fps, int cores);

} // namespace pult::transcode
