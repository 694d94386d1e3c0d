#include "cam/picture_painter.hpp"

#include "cam/wall_code.hpp"

#include <fmt/format.h>
#include <pango/pangocairo.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace pult::cam {
namespace {

struct Colour {
  double red, green, blue;
};

constexpr Colour kWhite{1, 1, 1};
constexpr Colour kBlack{0, 0, 0};
constexpr Colour kText{0.95, 0.96, 0.98};
constexpr Colour kUnlit{0.075, 0.088, 0.115}; // of the flash; reads as black
constexpr Colour kDim{0.56, 0.61, 0.69};
constexpr Colour kTrack{0.20, 0.24, 0.31};
constexpr Colour kNight{0.043, 0.055, 0.082};
constexpr std::array<Colour, 6> kAccents{{{0.18, 0.80, 0.76},
                                          {0.98, 0.70, 0.22},
                                          {0.93, 0.38, 0.62},
                                          {0.40, 0.62, 1.00},
                                          {0.52, 0.84, 0.38},
                                          {1.00, 0.48, 0.36}}};

// Numbered names (cam1, cam2, cam3) get different colours.
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

struct ContextDestroyer {
  void operator()(cairo_t* context) const { cairo_destroy(context); }
};
struct PatternDestroyer {
  void operator()(cairo_pattern_t* pattern) const { cairo_pattern_destroy(pattern); }
};
struct ObjectUnref {
  void operator()(void* object) const { g_object_unref(object); }
};
struct FontFree {
  void operator()(PangoFontDescription* font) const { pango_font_description_free(font); }
};

struct TextStyle {
  double size; // of the picture's height
  Colour colour;
  bool bold = false;
  double widest = 1; // of the picture's width
};

// A brush that measures in fractions of the picture. Lives for one picture.
class Brush {
 public:
  Brush(cairo_surface_t* surface, const LoopFormat& format)
      : context_(cairo_create(surface)), width_(format.width), height_(format.height) {}

  [[nodiscard]] cairo_t* raw() const { return context_.get(); }
  [[nodiscard]] double height() const { return height_; }
  [[nodiscard]] double width() const { return width_; }

  void colour(Colour c) { cairo_set_source_rgb(raw(), c.red, c.green, c.blue); }

  // On whole pixels: a code's edges are sharp.
  void fill(const wall_code::Area& area, Colour c) {
    const double left = std::round(area.left * width_);
    const double top = std::round(area.top * height_);
    cairo_rectangle(raw(), left, top, std::round((area.left + area.width) * width_) - left,
                    std::round((area.top + area.height) * height_) - top);
    colour(c);
    cairo_fill(raw());
  }

  // Left end and baseline; returns where the text ends. Too long a text is set smaller, then cut.
  double text(double left, double baseline, const std::string& what, const TextStyle& style) {
    const std::unique_ptr<PangoLayout, ObjectUnref> layout(pango_cairo_create_layout(raw()));
    pango_layout_set_single_paragraph_mode(layout.get(), TRUE);
    pango_layout_set_text(layout.get(), what.data(), static_cast<int>(what.size()));
    set_font(layout.get(), style, 1);
    const double natural = set_width(layout.get());
    if (natural > style.widest) {
      set_font(layout.get(), style, std::max(style.widest / natural, kLeastShrunk));
      pango_layout_set_width(layout.get(), static_cast<int>(style.widest * width_ * PANGO_SCALE));
      pango_layout_set_ellipsize(layout.get(), PANGO_ELLIPSIZE_END);
    }
    colour(style.colour);
    const double ascent = pango_layout_get_baseline(layout.get()) / double(PANGO_SCALE);
    cairo_move_to(raw(), left * width_, baseline * height_ - ascent);
    pango_cairo_show_layout(raw(), layout.get());
    return left + set_width(layout.get());
  }

  // Centre in fractions; radius and line width in fractions of the height. Turns clockwise from the top, 1 = once
  // round.
  void arc(double x, double y, double radius, double from, double to, double line, Colour c) {
    const auto angle = [](double turns) { return (turns - 0.25) * 2 * std::numbers::pi; };
    cairo_new_path(raw());
    cairo_arc(raw(), x * width_, y * height_, radius * height_, angle(from), angle(to));
    cairo_set_line_width(raw(), line * height_);
    cairo_set_line_cap(raw(), CAIRO_LINE_CAP_ROUND);
    colour(c);
    cairo_stroke(raw());
  }

  void disc(double x, double y, double radius, Colour c) {
    cairo_new_path(raw());
    cairo_arc(raw(), x * width_, y * height_, radius * height_, 0, 2 * std::numbers::pi);
    colour(c);
    cairo_fill(raw());
  }

  void line(double x0, double y0, double x1, double y1, double thick, Colour c) {
    cairo_move_to(raw(), x0 * width_, y0 * height_);
    cairo_line_to(raw(), x1 * width_, y1 * height_);
    cairo_set_line_width(raw(), thick * height_);
    cairo_set_line_cap(raw(), CAIRO_LINE_CAP_ROUND);
    colour(c);
    cairo_stroke(raw());
  }

 private:
  static constexpr double kLeastShrunk = 0.55;

  void set_font(PangoLayout* layout, const TextStyle& style, double shrunk) const {
    const std::unique_ptr<PangoFontDescription, FontFree> font(pango_font_description_from_string("DejaVu Sans"));
    pango_font_description_set_absolute_size(font.get(), style.size * shrunk * height_ * PANGO_SCALE);
    pango_font_description_set_weight(font.get(), style.bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
    pango_layout_set_font_description(layout, font.get());
  }

  [[nodiscard]] double set_width(PangoLayout* layout) const {
    int width = 0;
    pango_layout_get_pixel_size(layout, &width, nullptr);
    return width / width_;
  }

  std::unique_ptr<cairo_t, ContextDestroyer> context_;
  double width_;
  double height_;
};

constexpr double kLeft = 0.05;
constexpr double kDialX = 0.765;
constexpr double kDialY = 0.66;
constexpr double kDialRadius = 0.17;
constexpr double kSwingY = 0.925;
constexpr double kSwingEnd = 0.95;

void paint_background(Brush& brush, Colour accent) {
  const std::unique_ptr<cairo_pattern_t, PatternDestroyer> night(
      cairo_pattern_create_linear(0, 0, brush.width(), brush.height()));
  const Colour glow = mix(kNight, accent, 0.20);
  cairo_pattern_add_color_stop_rgb(night.get(), 0, kNight.red, kNight.green, kNight.blue);
  cairo_pattern_add_color_stop_rgb(night.get(), 1, glow.red, glow.green, glow.blue);
  cairo_set_source(brush.raw(), night.get());
  cairo_paint(brush.raw());
}

void paint_dial(Brush& brush) {
  brush.arc(kDialX, kDialY, kDialRadius, 0, 1, 0.012, kTrack);
  for (int tick = 0; tick < 12; ++tick) {
    const double angle = tick / 12.0 * 2 * std::numbers::pi;
    const double aspect = brush.height() / brush.width();
    const auto point = [&](double radius) {
      return std::pair{kDialX + radius * std::sin(angle) * aspect, kDialY - radius * std::cos(angle)};
    };
    const auto [x0, y0] = point(kDialRadius - 0.028);
    const auto [x1, y1] = point(kDialRadius - (tick % 3 == 0 ? 0.055 : 0.042));
    brush.line(x0, y0, x1, y1, 0.005, kDim);
  }
}

void paint_still(Brush& brush, const LoopFormat& format) {
  const Colour accent = accent_of(format.name);
  paint_background(brush, accent);
  brush.fill(wall_code::kRow, kBlack);
  brush.text(kLeft, 0.265, format.name, {0.105, kText, true, 0.71});
  brush.fill({kLeft, 0.30, 0.09, 0.010}, accent);
  brush.text(kLeft, 0.365,
             fmt::format("{}×{}  ·  {}/s  ·  {} kbit/s", format.width, format.height, format.fps, format.kbps),
             {0.036, kDim, false, 0.70});
  brush.text(kLeft, 0.835,
             format.length.count() == 60 ? "second of the minute · picture"
                                         : fmt::format("second of {} · picture", format.length.count()),
             {0.036, kDim, false, 0.55});
  paint_dial(brush);
  brush.line(kLeft, kSwingY, kSwingEnd, kSwingY, 0.006, kTrack);
}

void paint_code(Brush& brush, int64_t number) {
  const auto cells = wall_code::cells_of(static_cast<uint16_t>(number));
  for (int cell = 0; cell < wall_code::kCells; ++cell)
    brush.fill(wall_code::cell_area(cell), cells[cell] ? kWhite : kBlack);
}

void paint_clock(Brush& brush, int64_t second, int64_t picture, Colour accent) {
  const double end = brush.text(kLeft - 0.015, 0.74, fmt::format(":{:02}", second), {0.38, kText, true});
  brush.text(end + 0.015, 0.74, fmt::format("{:02}", picture), {0.15, accent, true});
}

} // namespace

void SurfaceDestroyer::operator()(cairo_surface_t* surface) const {
  cairo_surface_destroy(surface);
}

PicturePainter::PicturePainter(LoopFormat format, SurfacePtr still, SurfacePtr canvas)
    : format_(std::move(format)), still_(std::move(still)), canvas_(std::move(canvas)) {}

Result<PicturePainter> PicturePainter::create(const LoopFormat& format) {
  const auto surface = [&] {
    return SurfacePtr(cairo_image_surface_create(CAIRO_FORMAT_RGB24, format.width, format.height));
  };
  PicturePainter painter(format, surface(), surface());
  for (auto* each : {painter.still_.get(), painter.canvas_.get()})
    if (const auto status = cairo_surface_status(each); status != CAIRO_STATUS_SUCCESS)
      return Error{Errc::kLibrary,
                   fmt::format("cairo surface {}x{}: {}", format.width, format.height, cairo_status_to_string(status))};
  Brush brush(painter.still_.get(), painter.format_);
  paint_still(brush, painter.format_);
  return painter;
}

PaintedPicture PicturePainter::paint(int64_t number) {
  const Colour accent = accent_of(format_.name);
  const int64_t within = number % format_.fps;
  const double second = static_cast<double>(within) / format_.fps;
  Brush brush(canvas_.get(), format_);
  cairo_set_source_surface(brush.raw(), still_.get(), 0, 0);
  cairo_paint(brush.raw());
  paint_code(brush, number);
  paint_clock(brush, number / format_.fps, within, accent);
  brush.arc(kDialX, kDialY, kDialRadius, 0,
            static_cast<double>(number) / static_cast<double>(format_.grid().per_loop()), 0.020, accent);
  const double swing = (1 - std::cos(second * 2 * std::numbers::pi)) / 2;
  brush.disc(kLeft + (kSwingEnd - kLeft) * swing, kSwingY, 0.022, accent);
  brush.fill(wall_code::kFlash, within < wall_code::kFlashPictures ? kWhite : kUnlit);
  cairo_surface_flush(canvas_.get());
  return {cairo_image_surface_get_data(canvas_.get()), cairo_image_surface_get_stride(canvas_.get())};
}

} // namespace pult::cam
