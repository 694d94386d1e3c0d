// Draws a lower third: an SVG template with name and function in it, made into a graphic of the programme's size.
//
// The texts are plain, never markup. A text that is too long for its box becomes smaller, down to kSmallest of its
// size, then is shortened with an ellipsis; it never leaves the box. Nothing outside the SVG is read: no file, no
// network. A template without a text "function" shows names alone. What one looks like stands in
// configs/lower-third.svg. Slow (tens of milliseconds); any thread but the mixer's.
#pragma once

#include "transcode/graphic.hpp"

#include "base/result.hpp"

#include <string>
#include <string_view>

namespace pult::transcode {

inline constexpr double kSmallest = 0.6;

struct LowerThirdText {
  std::string name;
  std::string function;
};

Result<Graphic> draw_lower_third(std::string_view svg, const LowerThirdText& text, PictureSize programme);

} // namespace pult::transcode
