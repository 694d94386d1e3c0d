// A brush that measures in fractions of the picture, so that a picture looks alike from 320×180 to 1920×1080: places in
// fractions of width and height; radii, line widths and text sizes in fractions of the height. Text is plain text: it
// may hold any characters. Lives for one picture, one thread.
#pragma once

#include "cam/wall_code.hpp"

#include <cairo/cairo.h>

#include <memory>
#include <string>
#include <vector>

namespace pult::cam {

struct Colour {
  double red, green, blue;
};

inline constexpr Colour kWhite{1, 1, 1};
inline constexpr Colour kBlack{0, 0, 0};
inline constexpr Colour kText{0.95, 0.96, 0.98};
inline constexpr Colour kDim{0.56, 0.61, 0.69};
inline constexpr Colour kNight{0.043, 0.055, 0.082};
inline constexpr Colour kUnlit{0.075, 0.088, 0.115}; // of the flash; reads as black

[[nodiscard]] Colour mix(Colour a, Colour b, double share_of_b);
// Of six, by the name's bytes: numbered names (cam1, cam2, cam3) get different ones.
[[nodiscard]] Colour accent_of(const std::string& name);

struct Point {
  double x, y;
};

struct TextStyle {
  double size; // of the picture's height
  Colour colour;
  bool bold = false;
  double widest = 1; // of the picture's width
};

struct ContextDestroyer {
  void operator()(cairo_t* context) const { cairo_destroy(context); }
};

class Brush {
 public:
  Brush(cairo_surface_t* surface, int width, int height);

  [[nodiscard]] cairo_t* raw() const { return context_.get(); }
  [[nodiscard]] double height_per_width() const { return height_ / width_; }

  // On whole pixels: a code's edges are sharp.
  void fill(const wall_code::Area& area, Colour c);
  // The whole picture, from one corner to the opposite one, or from the top to the bottom.
  void wash_across(Colour from, Colour to);
  void wash(const wall_code::Area& area, Colour top, Colour bottom);
  // Light that fades towards its edge.
  void glow(Point centre, double radius, Colour c, double strength);
  void shape(const std::vector<Point>& corners, Colour c);
  void disc(Point centre, double radius, Colour c) { oval(centre, radius, radius, c); }
  void oval(Point centre, double radius_across, double radius_down, Colour c);
  void line(Point from, Point to, double thick, Colour c) { path({from, to}, thick, c); }
  void path(const std::vector<Point>& points, double thick, Colour c); // round ends and corners
  // Turns clockwise from the top, 1 = once round.
  void arc(Point centre, double radius, double from, double to, double thick, Colour c);
  // Left end and baseline; returns where the text ends. Too long a text is set smaller, then cut.
  double text(Point start, const std::string& what, const TextStyle& style);

 private:
  void paint_colour(Colour c) { cairo_set_source_rgb(raw(), c.red, c.green, c.blue); }
  void trace(const std::vector<Point>& points);

  std::unique_ptr<cairo_t, ContextDestroyer> context_;
  double width_;
  double height_;
};

} // namespace pult::cam
