// Paints the camera's picture: a motif, and over it what all of them have: the wall-clock code along the top, the
// flash, the name and a clock. What stands still is painted once.
//
// All sizes are fractions of the picture (brush.hpp). Each name gets one of six colours, so that scenes are told apart
// at a glance. One thread at a time.
#pragma once

#include "base/result.hpp"
#include "cam/motif.hpp"

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
  void prepare_still(int64_t number);

  LoopFormat format_;
  std::unique_ptr<Motif> motif_;
  SurfacePtr still_;
  SurfacePtr canvas_;
  int64_t standing_ = -1; // the still that is painted
};

} // namespace pult::cam
