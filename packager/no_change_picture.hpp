// Writes the picture that changes nothing: one P slice in which every macroblock is skipped, so that a decoder shows
// the previous picture once more, bit for bit (the fill; docs/architecture.md, Time).
//
// A skipped macroblock copies its place from reference 0 with the predicted motion, which is zero throughout because
// no macroblock has any (H.264 8.4.1.1). Only parameter sets whose slice header this writer fully knows are taken; all
// others are refused with a reason, never guessed. The CABAC payload does not depend on the frame number and is made
// once, so a picture costs about a microsecond. Immutable after create(): any thread.
#pragma once

#include "base/result.hpp"
#include "packager/h264_headers.hpp"

namespace pult::packager {

class NoChangePicture {
 public:
  [[nodiscard]] static Result<NoChangePicture> create(const VideoFormat& format);

  // The header of the no-change picture that follows `last` (which must be a reference picture).
  [[nodiscard]] SliceHeader next_header(const SliceHeader& last) const;
  // One NAL unit with its header byte, emulation prevention in it, no start code.
  [[nodiscard]] Bytes nal(const SliceHeader& header) const;
  // The same as a sample of the track, length-prefixed.
  [[nodiscard]] Bytes sample(const SliceHeader& header) const;

 private:
  explicit NoChangePicture(const VideoFormat& format);
  void write_slice_header(BitWriter& writer, const SliceHeader& header) const;

  VideoFormat format_;
  Bytes cabac_payload_; // empty for CAVLC
};

// The same IDR sample with another idr_pic_id. Two IDR pictures in a row must differ in it (H.264 7.4.3), or a decoder
// may take them for one. Slice data is copied, not decoded. Only for formats that NoChangePicture takes.
[[nodiscard]] Result<Bytes> with_idr_pic_id(ByteView sample, const VideoFormat& format, std::uint32_t idr_pic_id);

} // namespace pult::packager
