// Where a camera's packets come from, in the order in which they are due. One thread.
//
// All times are ticks of the wall clock since the epoch. A picture is due when it would have left an encoder without
// delay: at its pts, later only as far as B-frames demand.
#pragma once

#include "base/result.hpp"
#include "cam/av_raii.hpp"
#include "cam/ticks.hpp"

namespace pult::cam {

enum class Track { kPicture, kSound };

struct DuePacket {
  Track track;
  Ticks pts;
  Ticks dts;
  Ticks due;
  bool key;
  const AVPacket* media; // bytes; valid until the next call
};

class MediaSource {
 public:
  virtual ~MediaSource() = default;

  // H.264; and AAC or nullptr.
  [[nodiscard]] virtual const AVCodecParameters& picture_parameters() const = 0;
  [[nodiscard]] virtual const AVCodecParameters* sound_parameters() const = 0;

  // Begins at a key frame, the first one that is due at or after `now`. May be called again at any time; `now` never
  // goes back.
  [[nodiscard]] virtual Result<void> start(Ticks now) = 0;
  [[nodiscard]] virtual Result<DuePacket> next() = 0;
};

} // namespace pult::cam
