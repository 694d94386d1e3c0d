// Makes one programme picture from the pictures of a scene's slots.
//
// A single picture of programme size that fills the programme passes through as it is, without a copy. What is asked
// again with the same pictures in the same places is the same picture again. A graphic that lies over it is drawn into
// the same new picture, on its rectangle only. One thread per Composer.
#pragma once

#include "transcode/graphic.hpp"
#include "transcode/scaler.hpp"

#include <vector>

namespace pult::transcode {

struct Layer {
  HousePicture picture;
  Rect slot; // the picture is fitted into it
  friend bool operator==(const Layer&, const Layer&) = default;
};

class Composer {
 public:
  explicit Composer(PictureSize programme) : pool_(programme) {}

  // Layers in drawing order; empty pictures leave their slot black.
  HousePicture compose(const std::vector<Layer>& layers, const Overlay& overlay = {});
  HousePicture fade(const HousePicture& from, const HousePicture& to, int weight);
  // The picture with the graphic over it; a copy, the picture stays.
  HousePicture cover(const HousePicture& picture, const Overlay& overlay);

 private:
  HousePicture draw(const std::vector<Layer>& layers);
  PicturePool pool_;
  Scaler scaler_;
  std::vector<Layer> last_layers_;
  Overlay last_overlay_;
  HousePicture last_;
};

} // namespace pult::transcode
