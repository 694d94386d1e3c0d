// Scales house pictures, whole or into a rectangle of another picture (GstVideoConverter, in the caller's thread).
//
// Converters are kept, one for each pair of size and rectangle that is in use; a scene has few. One thread per Scaler.
#pragma once

#include "transcode/geometry.hpp"
#include "transcode/house_picture.hpp"

#include <gst/video/video-converter.h>
#include <memory>
#include <vector>

namespace pult::transcode {

class Scaler {
 public:
  // Draws `from` into `where` of `onto`; the rest of `onto` stays.
  void draw(const HousePicture& from, const HousePicture& onto, const Rect& where);

 private:
  struct ConverterFree {
    void operator()(GstVideoConverter* converter) const { gst_video_converter_free(converter); }
  };
  struct Entry {
    PictureSize from;
    PictureSize onto;
    Rect where;
    std::unique_ptr<GstVideoConverter, ConverterFree> converter;
  };
  GstVideoConverter* converter_for(PictureSize from, PictureSize onto, const Rect& where);
  std::vector<Entry> entries_; // least recently made first
};

} // namespace pult::transcode
