#include "transcode/composer.hpp"

#include "transcode/blend.hpp"

#include <algorithm>

namespace pult::transcode {

HousePicture Composer::compose(const std::vector<Layer>& layers, const Overlay& overlay) {
  if (!overlay && layers.size() == 1 && layers[0].picture && layers[0].picture.size() == pool_.size() &&
      covers(layers[0].slot, pool_.size()))
    return layers[0].picture;
  if (last_ && layers == last_layers_ && overlay == last_overlay_) return last_;
  last_ = draw(layers);
  if (last_) lay_over(overlay, last_);
  last_layers_ = layers;
  last_overlay_ = overlay;
  return last_;
}

HousePicture Composer::draw(const std::vector<Layer>& layers) {
  auto out = pool_.take();
  if (!out) return out;
  const bool covered = std::any_of(layers.begin(), layers.end(), [&](const Layer& layer) {
    return layer.picture && covers(fit(layer.slot, layer.picture.size()), pool_.size());
  });
  if (!covered) fill_black(out);
  for (const auto& layer : layers)
    if (layer.picture) scaler_.draw(layer.picture, out, fit(layer.slot, layer.picture.size()));
  return out;
}

HousePicture Composer::fade(const HousePicture& from, const HousePicture& to, int weight) {
  if (!from || from == to) return to;
  auto out = pool_.take();
  if (!out) return to;
  blend(from, to, weight, out);
  return out;
}

HousePicture Composer::cover(const HousePicture& picture, const Overlay& overlay) {
  if (!overlay || !picture) return picture;
  auto out = pool_.take();
  if (!out) return picture;
  scaler_.draw(picture, out, {0, 0, pool_.size().width, pool_.size().height});
  lay_over(overlay, out);
  return out;
}

} // namespace pult::transcode
