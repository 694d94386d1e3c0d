#include "transcode/composer.hpp"

#include "transcode/blend.hpp"

#include <algorithm>

namespace pult::transcode {

HousePicture Composer::compose(const std::vector<Layer>& layers) {
  if (layers.size() == 1 && layers[0].picture && layers[0].picture.size() == pool_.size() &&
      covers(layers[0].slot, pool_.size()))
    return layers[0].picture;
  if (last_ && layers == last_layers_) return last_;
  last_ = draw(layers);
  last_layers_ = layers;
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

} // namespace pult::transcode
