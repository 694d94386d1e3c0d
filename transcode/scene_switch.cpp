#include "transcode/scene_switch.hpp"

#include <algorithm>

namespace pult::transcode {

void SceneSwitch::take(std::size_t scene, PictureIndex n, std::int64_t pictures) {
  from_ = fade_at(n) ? std::nullopt : std::optional(scene_);
  scene_ = scene;
  start_ = n;
  pictures_ = pictures;
}

std::optional<SceneSwitch::Fade> SceneSwitch::fade_at(PictureIndex n) const {
  const auto step = n - start_ + 1; // the first picture is changed already
  if (step < 1 || step > pictures_) return std::nullopt;
  const auto weight = std::clamp<std::int64_t>(step * 256 / (pictures_ + 1), 1, 255);
  return Fade{from_, static_cast<int>(weight)};
}

} // namespace pult::transcode
