#include "transcode/geometry.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>

namespace pult::transcode {
namespace {

int even(std::int64_t value) {
  return static_cast<int>(value / 2 * 2);
}

// A rectangle in thousandths of the programme.
Rect part(PictureSize programme, int x, int y, int width, int height) {
  const auto w = static_cast<std::int64_t>(programme.width);
  const auto h = static_cast<std::int64_t>(programme.height);
  return {even(w * x / 1000), even(h * y / 1000), even(w * width / 1000), even(h * height / 1000)};
}

} // namespace

std::vector<Rect> slots_of(std::string_view layout, PictureSize programme) {
  const Rect whole{0, 0, programme.width, programme.height};
  if (layout == "side-by-side") return {part(programme, 0, 250, 500, 500), part(programme, 500, 250, 500, 500)};
  if (layout == "picture-in-picture") return {whole, part(programme, 720, 40, 250, 250)};
  if (layout == "lecture") return {part(programme, 0, 125, 750, 750), part(programme, 750, 375, 250, 250)};
  if (layout == "trio")
    return {part(programme, 0, 125, 750, 750), part(programme, 750, 125, 250, 250),
            part(programme, 750, 500, 250, 375)};
  return {whole};
}

Rect fit(const Rect& slot, PictureSize picture) {
  const auto across = static_cast<std::int64_t>(picture.width) * slot.height;
  const auto down = static_cast<std::int64_t>(picture.height) * slot.width;
  if (std::abs(across - down) * 100 < std::max(across, down)) return slot;
  Rect rect = slot;
  if (across > down)
    rect.height = std::max(2, even(down / picture.width));
  else
    rect.width = std::max(2, even(across / picture.height));
  rect.x += even((slot.width - rect.width) / 2);
  rect.y += even((slot.height - rect.height) / 2);
  return rect;
}

bool covers(const Rect& rect, PictureSize programme) {
  return rect.x <= 0 && rect.y <= 0 && rect.x + rect.width >= programme.width &&
         rect.y + rect.height >= programme.height;
}

} // namespace pult::transcode
