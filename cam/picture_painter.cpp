#include "cam/picture_painter.hpp"

#include "cam/wall_code.hpp"

#include <fmt/format.h>

namespace pult::cam {
namespace {

constexpr wall_code::Area kSign{0, 1.0 / wall_code::kHeightDivisor, 1, 0.062}; // name and clock, below the code
constexpr double kFrame = 0.012;                                               // of the flash, to each side

void paint_code(Brush& brush, int64_t number) {
  const auto cells = wall_code::cells_of(static_cast<uint16_t>(number));
  for (int cell = 0; cell < wall_code::kCells; ++cell)
    brush.fill(wall_code::cell_area(cell), cells[cell] ? kWhite : kBlack);
}

// A monitor on the wall, in which the flash is shown.
void paint_frame(Brush& brush) {
  const auto& flash = wall_code::kFlash;
  const double across = kFrame * brush.height_per_width();
  brush.fill({flash.left - across, flash.top - kFrame, flash.width + 2 * across, flash.height + 2 * kFrame},
             {0.30, 0.32, 0.36});
}

} // namespace

void SurfaceDestroyer::operator()(cairo_surface_t* surface) const {
  cairo_surface_destroy(surface);
}

PicturePainter::PicturePainter(LoopFormat format, SurfacePtr still, SurfacePtr canvas)
    : format_(std::move(format)), motif_(motif_of(format_)), still_(std::move(still)), canvas_(std::move(canvas)) {}

Result<PicturePainter> PicturePainter::create(const LoopFormat& format) {
  const auto surface = [&] {
    return SurfacePtr(cairo_image_surface_create(CAIRO_FORMAT_RGB24, format.width, format.height));
  };
  PicturePainter painter(format, surface(), surface());
  for (auto* each : {painter.still_.get(), painter.canvas_.get()})
    if (const auto status = cairo_surface_status(each); status != CAIRO_STATUS_SUCCESS)
      return Error{Errc::kLibrary,
                   fmt::format("cairo surface {}x{}: {}", format.width, format.height, cairo_status_to_string(status))};
  return painter;
}

void PicturePainter::prepare_still(int64_t number) {
  const int64_t wanted = motif_->still_of(number);
  if (wanted == standing_) return;
  standing_ = wanted;
  Brush brush(still_.get(), format_.width, format_.height);
  motif_->paint_still(brush, wanted);
  if (motif_->has_own_clock()) return;
  paint_frame(brush);
  brush.fill(kSign, kNight);
  brush.text({0.02, 0.130}, format_.name, {0.036, kText, true, 0.60});
}

PaintedPicture PicturePainter::paint(int64_t number) {
  prepare_still(number);
  const int64_t within = number % format_.fps;
  Brush brush(canvas_.get(), format_.width, format_.height);
  cairo_set_source_surface(brush.raw(), still_.get(), 0, 0);
  cairo_paint(brush.raw());
  motif_->move(brush, number);
  paint_code(brush, number);
  if (!motif_->has_own_clock())
    brush.text({0.89, 0.130}, fmt::format(":{:02}.{:02}", number / format_.fps, within), {0.036, kText, true, 0.10});
  brush.fill(wall_code::kFlash, within < wall_code::kFlashPictures ? kWhite : kUnlit);
  cairo_surface_flush(canvas_.get());
  return {cairo_image_surface_get_data(canvas_.get()), cairo_image_surface_get_stride(canvas_.get())};
}

} // namespace pult::cam
