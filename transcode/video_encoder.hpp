// One rung's H.264 encoder: x264, no B-frames, a picture in and its packet out.
//
// Key frames come only where the caller says: at the same index on all rungs, never by x264's own choice. The same
// settings give the same parameter sets whenever they are opened, so that slates and restarted runs splice. The caller
// is one thread; a picture that one cannot encode in time is cut into slices, each encoded by a thread of x264's.
#pragma once

#include "transcode/encoder_rig.hpp"
#include "transcode/house_picture.hpp"

namespace pult::transcode {

struct VideoSettings {
  PictureSize size;
  int fps = 25;
  int kbps = 0;
  std::string preset = "veryfast";
};

struct EncodedPicture {
  Bytes sample; // AVC, 4-byte NAL lengths, without parameter sets
  bool idr = false;
};

class VideoEncoder {
 public:
  static Result<std::unique_ptr<VideoEncoder>> open(const VideoSettings& settings);

  // Pictures of the settings' size; `k` counts them from 0 without a gap. The first is an IDR, later ones where asked.
  Result<EncodedPicture> encode(const HousePicture& picture, std::int64_t k, bool idr);
  [[nodiscard]] const Bytes& extradata() const { return extradata_; } // avcC
  [[nodiscard]] int threads() const { return threads_; }

 private:
  explicit VideoEncoder(const VideoSettings& settings) : settings_(settings) {}
  void take(ByteView bytes, GstClockTime running_time, bool delta);
  [[nodiscard]] GstClockTime time_of(std::int64_t k) const;

  VideoSettings settings_;
  int threads_ = 1;
  std::unique_ptr<EncoderRig> rig_;
  Bytes extradata_;
  std::vector<std::pair<GstClockTime, EncodedPicture>> out_; // of the push that runs
};

// How many threads (and slices) a rung gets on a machine of `cores`: as many as its hardest seconds want, no more, for
// each slice costs quality (0.06 to 0.1 dB for two at 1080p).
[[nodiscard]] int encoder_threads(PictureSize size, int fps, int cores);

// Without SPS, PPS, access unit delimiters, and x264's version message: what stands in the extradata or says nothing.
Bytes strip_parameter_sets(ByteView avc_sample);

} // namespace pult::transcode
