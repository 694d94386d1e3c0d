// One sound track's AAC encoder (avenc_aac, AAC-LC, 48 kHz stereo), its delay taken off.
//
// The encoder looks one frame ahead, and its first packet holds nothing but its delay of 1,024 samples: that one is
// dropped, and push() gives the packet of the frame pushed two before (kLookAhead). One thread.
#pragma once

#include "transcode/encoder_rig.hpp"
#include "transcode/sound_mixer.hpp"

#include <optional>

namespace pult::transcode {

class SoundEncoder {
 public:
  static Result<std::unique_ptr<SoundEncoder>> open(int kbps);

  static constexpr int kLookAhead = 2;
  // The packet of the frame that was pushed kLookAhead before; empty at the first ones.
  Result<std::optional<Bytes>> push(const SoundFrame& frame);

 private:
  SoundEncoder() = default;
  std::unique_ptr<EncoderRig> rig_;
  std::int64_t pushed_ = 0;
  std::vector<Bytes> out_; // of the push that runs

  friend struct SoundConstants;
};

// What never changes for a track: found by encoding silence once.
struct SoundConstants {
  Bytes extradata; // AudioSpecificConfig
  Bytes silence;   // one packet
  static Result<SoundConstants> find(int kbps);
};

} // namespace pult::transcode
