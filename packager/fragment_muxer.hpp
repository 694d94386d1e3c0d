// Makes CMAF: one track's init section (ftyp + moov), then one moof + mdat per part. libavformat does the writing.
//
// The bytes are a function of the format, the fragment number and the samples alone, so a restarted packager makes the
// same ones; what is published is nevertheless never muxed again. Decode times are absolute on the track's timescale
// (tfdt), without edit lists; durations must chain exactly, which is checked, because libavformat turns a gap into one
// long sample in silence. Memory only, no file. One thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "base/bytes.hpp"
#include "base/messages/packet_link.hpp"
#include "base/result.hpp"

namespace pult::packager {

using packet_link::TrackKind; // H.264 pictures, AAC-LC sound

struct TrackFormat {
  TrackKind kind = TrackKind::kVideo;
  Bytes extradata; // avcC record, or AudioSpecificConfig
  int width = 0;   // pictures
  int height = 0;
  int channels = 0; // sound
  int sample_rate = 0;
  std::uint32_t timescale = 0;  // 90000 for pictures, the sample rate for sound
  std::string language = "und"; // ISO 639-2
};

struct MediaSample {
  ByteView bytes;
  std::int64_t dts = 0; // also its presentation time: the house encodes no B pictures
  std::int64_t duration = 0;
  bool sync = false;
};

class FragmentMuxer {
 public:
  // `first_fragment` is the sequence number that the next part gets, from 1 on.
  [[nodiscard]] static Result<FragmentMuxer> create(const TrackFormat& format, std::uint32_t first_fragment);
  FragmentMuxer(FragmentMuxer&&) noexcept;
  FragmentMuxer& operator=(FragmentMuxer&&) noexcept;
  ~FragmentMuxer();

  [[nodiscard]] const Bytes& init_section() const;
  // One fragment of these samples, which must chain among themselves and with the part before.
  [[nodiscard]] Result<Bytes> part(std::span<const MediaSample> samples);

 private:
  struct State;
  explicit FragmentMuxer(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

} // namespace pult::packager
