#include "transcode/card.hpp"

#include <algorithm>
#include <cairo/cairo.h>
#include <gst/video/video-converter.h>
#include <memory>
#include <pango/pangocairo.h>

namespace pult::transcode {
namespace {

struct CairoFree {
  void operator()(cairo_surface_t* surface) const { cairo_surface_destroy(surface); }
  void operator()(cairo_t* cairo) const { cairo_destroy(cairo); }
  void operator()(cairo_pattern_t* pattern) const { cairo_pattern_destroy(pattern); }
  void operator()(PangoLayout* layout) const { g_object_unref(layout); }
  void operator()(PangoFontDescription* font) const { pango_font_description_free(font); }
};
template <typename T>
using CairoOwned = std::unique_ptr<T, CairoFree>;

struct Line {
  std::string text;
  double y;      // of its middle, in heights
  double letter; // its size, in heights
  bool bold;
  double grey;
};

void paint_background(cairo_t* cairo, PictureSize size) {
  const CairoOwned<cairo_pattern_t> sky(cairo_pattern_create_linear(0, 0, 0, size.height));
  cairo_pattern_add_color_stop_rgb(sky.get(), 0, 0.09, 0.13, 0.19);
  cairo_pattern_add_color_stop_rgb(sky.get(), 1, 0.05, 0.07, 0.11);
  cairo_set_source(cairo, sky.get());
  cairo_paint(cairo);
  // A short quiet line between headline and what is below.
  cairo_set_source_rgb(cairo, 0.35, 0.55, 0.66);
  cairo_rectangle(cairo, size.width * 0.44, size.height * 0.585, size.width * 0.12, std::max(2.0, size.height * 0.004));
  cairo_fill(cairo);
}

void write_line(cairo_t* cairo, PictureSize size, const Line& line) {
  if (line.text.empty()) return;
  const CairoOwned<PangoLayout> owned(pango_cairo_create_layout(cairo));
  PangoLayout* layout = owned.get();
  const CairoOwned<PangoFontDescription> font(pango_font_description_from_string(line.bold ? "Sans Bold" : "Sans"));
  double letter = line.letter * size.height;
  int width = 0;
  int height = 0;
  for (int attempt = 0; attempt < 2; ++attempt) {
    pango_font_description_set_absolute_size(font.get(), letter * PANGO_SCALE);
    pango_layout_set_font_description(layout, font.get());
    pango_layout_set_text(layout, line.text.c_str(), static_cast<int>(line.text.size()));
    pango_layout_get_pixel_size(layout, &width, &height);
    if (width <= size.width * 0.86) break;
    letter *= size.width * 0.86 / width;
  }
  cairo_set_source_rgb(cairo, line.grey, line.grey, line.grey);
  cairo_move_to(cairo, (size.width - width) / 2.0, line.y * size.height - height / 2.0);
  pango_cairo_show_layout(cairo, layout);
}

// Full-range RGB to the house format.
HousePicture to_house(cairo_surface_t* surface, PictureSize size) {
  GstVideoInfo from;
  gst_video_info_set_format(&from, GST_VIDEO_FORMAT_BGRx, static_cast<guint>(size.width),
                            static_cast<guint>(size.height));
  const auto to = house_info(size);
  const auto stride = cairo_image_surface_get_stride(surface);
  const auto bytes = static_cast<gsize>(stride) * static_cast<gsize>(size.height);
  const auto pixels = BufferRef::adopt(gst_buffer_new_wrapped_full(
      GST_MEMORY_FLAG_READONLY, cairo_image_surface_get_data(surface), bytes, 0, bytes, nullptr, nullptr));
  PicturePool pool(size);
  auto picture = pool.take();
  auto* converter = gst_video_converter_new(&from, &to, nullptr);
  PictureMap out(picture, GST_MAP_WRITE);
  GstVideoFrame in;
  if (converter != nullptr && out.ok() && gst_video_frame_map(&in, &from, pixels.get(), GST_MAP_READ) != FALSE) {
    gst_video_converter_frame(converter, &in, out.frame());
    gst_video_frame_unmap(&in);
  }
  if (converter != nullptr) gst_video_converter_free(converter);
  return picture;
}

} // namespace

HousePicture draw_card(PictureSize size, const CardText& text) {
  const CairoOwned<cairo_surface_t> surface(cairo_image_surface_create(CAIRO_FORMAT_RGB24, size.width, size.height));
  const CairoOwned<cairo_t> cairo(cairo_create(surface.get()));
  paint_background(cairo.get(), size);
  write_line(cairo.get(), size, {text.above, 0.33, 0.045, false, 0.66});
  write_line(cairo.get(), size, {text.headline, 0.47, 0.095, true, 0.94});
  write_line(cairo.get(), size, {text.below, 0.67, 0.045, false, 0.66});
  cairo_surface_flush(surface.get());
  return to_house(surface.get(), size);
}

CardText slate_text(const RoomConfig& config, packet_link::SlateKind kind) {
  using packet_link::SlateKind;
  CardText text{config.event, config.slate_fault, config.name};
  if (kind == SlateKind::kStart) text.headline = config.slate_start;
  if (kind == SlateKind::kPause) text.headline = config.slate_pause;
  if (kind == SlateKind::kEnd) text.headline = config.slate_end;
  return text;
}

CardText no_signal_text(const RoomConfig& config) {
  return {"", config.language == "de" ? "Kein Signal" : "No signal", ""};
}

} // namespace pult::transcode
