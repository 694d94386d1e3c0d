// Which scene is on air at a picture, and how far a fade has come.
//
// A take shows at the next picture: a cut as the new scene, a fade as its first changed picture. A take during a fade
// fades (or cuts) from the picture that is standing, so that nothing jumps. Pure; the mixer thread.
#pragma once

#include "base/programme_time.hpp"

#include <optional>

namespace pult::transcode {

class SceneSwitch {
 public:
  explicit SceneSwitch(std::size_t scene) : scene_(scene) {}

  // From picture n on; `pictures` of fade, 0 is a cut.
  void take(std::size_t scene, PictureIndex n, std::int64_t pictures);

  struct Fade {
    std::optional<std::size_t> from; // empty: the last picture before the take stands
    int weight = 0;                  // of the new scene, 1 to 255 of 256
  };
  [[nodiscard]] std::size_t scene() const { return scene_; }
  [[nodiscard]] std::optional<Fade> fade_at(PictureIndex n) const;

 private:
  std::size_t scene_;
  std::optional<std::size_t> from_;
  PictureIndex start_ = 0;
  std::int64_t pictures_ = 0;
};

} // namespace pult::transcode
