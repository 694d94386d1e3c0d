// Any decoded picture into the house format, straight into its slot of the ring.
//
// A picture that is right already (I420, BT.709 matrix, limited range, square pixels, small enough) is copied plane by
// plane; everything else goes through one GstVideoConverter, kept while the input's shape stays, which scales,
// converts and writes into the slot in one pass. Interlaced pictures are deinterlaced before they come here.
// house_size is pure; HousePainter belongs to one thread.
#pragma once

#include "base/config.hpp"
#include "base/result.hpp"

#include <gst/video/video.h>

#include <memory>
#include <span>

namespace pult::transcode::decode {

// The size at which a picture crosses: square pixels, aspect kept, even, at most `programme`; never enlarged.
PictureSize house_size(PictureSize coded, int par_n, int par_d, PictureSize programme);

class HousePainter {
 public:
  // Writes `buffer` (described by `info`) into `slot`, laid out as HouseLayout::of(size returned).
  Result<PictureSize> paint(GstBuffer* buffer, const GstVideoInfo& info, PictureSize programme,
                            std::span<std::uint8_t> slot);
  [[nodiscard]] std::uint64_t converted() const { return converted_; }

 private:
  struct FreeConverter {
    void operator()(GstVideoConverter* converter) const { gst_video_converter_free(converter); }
  };
  Result<void> prepare(const GstVideoInfo& info, PictureSize programme);

  std::unique_ptr<GstVideoConverter, FreeConverter> converter_; // null: a plain copy does
  GstVideoInfo input_{};
  PictureSize programme_;
  PictureSize size_;
  GstVideoInfo output_{};
  std::uint64_t converted_ = 0;
  bool prepared_ = false;
};

} // namespace pult::transcode::decode
