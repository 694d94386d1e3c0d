// Paints the camera's picture: wall-clock code along the top, the name, the second and the picture's number within it,
// a dial that goes round once a loop, a ball that swings once a second, and the flash. What stands still is painted
// once.
//
// All sizes are fractions of the picture, so that it looks alike from 320×180 to 1920×1080. Each name gets one of six
// colours, so that scenes are told apart at a glance. Text is plain text: a name may hold any characters. One thread at
// a time.
#pragma once

#include "base/result.hpp"
#include "cam/loop_format.hpp"

#include <cairo/cairo.h>

#include <cstdint>
#include <memory>

namespace pult::cam {

struct SurfaceDestroyer {
  void operator()(cairo_surface_t* surface) const;
};
using SurfacePtr = std::unique_ptr<cairo_surface_t, SurfaceDestroyer>;

// BGRA pixels, valid until the next picture is painted.
struct PaintedPicture {
  const uint8_t* pixels;
  int stride;
};

class PicturePainter {
 public:
  [[nodiscard]] static Result<PicturePainter> create(const LoopFormat& format);

  // `number` within the loop.
  PaintedPicture paint(int64_t number);

 private:
  PicturePainter(LoopFormat format, SurfacePtr still, SurfacePtr canvas);

  LoopFormat format_;
  SurfacePtr still_;
  SurfacePtr canvas_;
};

} // namespace pult::cam
