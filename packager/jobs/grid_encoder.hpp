// x264 as the house encodes, for what is made again out of a recording: no B pictures, key frames where they are asked
// for, one SPS and one PPS; by quality (CRF), with a bound of the rate. Pictures carry their index. Blocking; the job
// thread.
#pragma once

#include "base/programme_time.hpp"
#include "packager/av_raii.hpp"
#include "packager/track_tools.hpp"

#include <optional>
#include <string>

namespace pult::packager::jobs {

struct EncodedPicture {
  PictureIndex index = 0;
  Bytes sample; // length-prefixed NAL units
  bool key = false;
};

class GridEncoder {
 public:
  struct Params {
    int fps = 25;
    int width = 0, height = 0;
    int kbps = 0; // of the rung that it stands for; the bound is half as much again
  };
  static Result<GridEncoder> open(const Params& params);

  // The parameter sets, as the packager knows a track's.
  [[nodiscard]] Result<TrackToolsPtr> tools(const std::string& name) const;
  // Indices rise by one. Null: nothing follows.
  Result<void> give(AVFrame* frame, PictureIndex index, bool key);
  // Nothing: none is ready.
  std::optional<EncodedPicture> take();

 private:
  GridEncoder() = default;
  AvCodecPtr context_;
  AvPacketPtr packet_{av_packet_alloc()};
};

} // namespace pult::packager::jobs
