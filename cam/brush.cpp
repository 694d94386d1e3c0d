#include "cam/brush.hpp"

#include <pango/pangocairo.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace pult::cam {
namespace {

constexpr std::array<Colour, 6> kAccents{{{0.18, 0.80, 0.76},
                                          {0.98, 0.70, 0.22},
                                          {0.93, 0.38, 0.62},
                                          {0.40, 0.62, 1.00},
                                          {0.52, 0.84, 0.38},
                                          {1.00, 0.48, 0.36}}};
constexpr double kLeastShrunk = 0.55;

struct PatternDestroyer {
  void operator()(cairo_pattern_t* pattern) const { cairo_pattern_destroy(pattern); }
};
using PatternPtr = std::unique_ptr<cairo_pattern_t, PatternDestroyer>;
struct ObjectUnref {
  void operator()(void* object) const { g_object_unref(object); }
};
using LayoutPtr = std::unique_ptr<PangoLayout, ObjectUnref>;
struct FontFree {
  void operator()(PangoFontDescription* font) const { pango_font_description_free(font); }
};

void set_font(PangoLayout* layout, double pixels, bool bold) {
  const std::unique_ptr<PangoFontDescription, FontFree> font(pango_font_description_from_string("DejaVu Sans"));
  pango_font_description_set_absolute_size(font.get(), pixels * PANGO_SCALE);
  pango_font_description_set_weight(font.get(), bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
  pango_layout_set_font_description(layout, font.get());
}

int pixels_wide(PangoLayout* layout) {
  int width = 0;
  pango_layout_get_pixel_size(layout, &width, nullptr);
  return width;
}

void stop_at(const PatternPtr& pattern, double place, Colour c, double strength = 1) {
  cairo_pattern_add_color_stop_rgba(pattern.get(), place, c.red, c.green, c.blue, strength);
}

} // namespace

Colour accent_of(const std::string& name) {
  unsigned sum = 0;
  for (const unsigned char byte : name)
    sum += byte;
  return kAccents[sum % kAccents.size()];
}

Colour mix(Colour a, Colour b, double share_of_b) {
  const auto one = [share_of_b](double from, double to) { return from + (to - from) * share_of_b; };
  return {one(a.red, b.red), one(a.green, b.green), one(a.blue, b.blue)};
}

Brush::Brush(cairo_surface_t* surface, int width, int height)
    : context_(cairo_create(surface)), width_(width), height_(height) {}

void Brush::fill(const wall_code::Area& area, Colour c) {
  const double left = std::round(area.left * width_);
  const double top = std::round(area.top * height_);
  cairo_rectangle(raw(), left, top, std::round((area.left + area.width) * width_) - left,
                  std::round((area.top + area.height) * height_) - top);
  paint_colour(c);
  cairo_fill(raw());
}

void Brush::wash_across(Colour from, Colour to) {
  const PatternPtr wash(cairo_pattern_create_linear(0, 0, width_, height_));
  stop_at(wash, 0, from);
  stop_at(wash, 1, to);
  cairo_set_source(raw(), wash.get());
  cairo_paint(raw());
}

void Brush::wash(const wall_code::Area& area, Colour top, Colour bottom) {
  const PatternPtr wash(cairo_pattern_create_linear(0, area.top * height_, 0, (area.top + area.height) * height_));
  stop_at(wash, 0, top);
  stop_at(wash, 1, bottom);
  cairo_rectangle(raw(), area.left * width_, area.top * height_, area.width * width_, area.height * height_);
  cairo_set_source(raw(), wash.get());
  cairo_fill(raw());
}

void Brush::glow(Point centre, double radius, Colour c, double strength) {
  const double x = centre.x * width_, y = centre.y * height_;
  const PatternPtr light(cairo_pattern_create_radial(x, y, 0, x, y, radius * height_));
  stop_at(light, 0, c, strength);
  stop_at(light, 1, c, 0);
  cairo_set_source(raw(), light.get());
  cairo_arc(raw(), x, y, radius * height_, 0, 2 * std::numbers::pi);
  cairo_fill(raw());
}

void Brush::trace(const std::vector<Point>& points) {
  cairo_new_path(raw());
  for (const auto& point : points)
    cairo_line_to(raw(), point.x * width_, point.y * height_);
}

void Brush::shape(const std::vector<Point>& corners, Colour c) {
  trace(corners);
  cairo_close_path(raw());
  paint_colour(c);
  cairo_fill(raw());
}

void Brush::oval(Point centre, double radius_across, double radius_down, Colour c) {
  cairo_new_path(raw());
  cairo_save(raw());
  cairo_translate(raw(), centre.x * width_, centre.y * height_);
  cairo_scale(raw(), radius_across * height_, radius_down * height_);
  cairo_arc(raw(), 0, 0, 1, 0, 2 * std::numbers::pi);
  cairo_restore(raw());
  paint_colour(c);
  cairo_fill(raw());
}

void Brush::path(const std::vector<Point>& points, double thick, Colour c) {
  trace(points);
  cairo_set_line_width(raw(), thick * height_);
  cairo_set_line_cap(raw(), CAIRO_LINE_CAP_ROUND);
  cairo_set_line_join(raw(), CAIRO_LINE_JOIN_ROUND);
  paint_colour(c);
  cairo_stroke(raw());
}

void Brush::arc(Point centre, double radius, double from, double to, double thick, Colour c) {
  const auto angle = [](double turns) { return (turns - 0.25) * 2 * std::numbers::pi; };
  cairo_new_path(raw());
  cairo_arc(raw(), centre.x * width_, centre.y * height_, radius * height_, angle(from), angle(to));
  cairo_set_line_width(raw(), thick * height_);
  cairo_set_line_cap(raw(), CAIRO_LINE_CAP_ROUND);
  paint_colour(c);
  cairo_stroke(raw());
}

double Brush::text(Point start, const std::string& what, const TextStyle& style) {
  const LayoutPtr layout(pango_cairo_create_layout(raw()));
  pango_layout_set_single_paragraph_mode(layout.get(), TRUE);
  pango_layout_set_text(layout.get(), what.data(), static_cast<int>(what.size()));
  set_font(layout.get(), style.size * height_, style.bold);
  const double natural = pixels_wide(layout.get()) / width_;
  if (natural > style.widest) {
    set_font(layout.get(), style.size * height_ * std::max(style.widest / natural, kLeastShrunk), style.bold);
    pango_layout_set_width(layout.get(), static_cast<int>(style.widest * width_ * PANGO_SCALE));
    pango_layout_set_ellipsize(layout.get(), PANGO_ELLIPSIZE_END);
  }
  paint_colour(style.colour);
  const double ascent = pango_layout_get_baseline(layout.get()) / double(PANGO_SCALE);
  cairo_move_to(raw(), start.x * width_, start.y * height_ - ascent);
  pango_cairo_show_layout(raw(), layout.get());
  return start.x + pixels_wide(layout.get()) / width_;
}

} // namespace pult::cam
