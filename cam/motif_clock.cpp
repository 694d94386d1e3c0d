// The test picture: name and format, the second and the picture's number in large type, a dial that goes round once a
// loop, a ball that swings once a second.
#include "cam/motif.hpp"

#include <fmt/format.h>

#include <cmath>
#include <numbers>
#include <utility>

namespace pult::cam {
namespace {

constexpr Colour kTrack{0.20, 0.24, 0.31};
constexpr double kLeft = 0.05;
constexpr Point kDial{0.765, 0.66};
constexpr double kDialRadius = 0.17;
constexpr double kSwingY = 0.925;
constexpr double kSwingEnd = 0.95;

void paint_dial(Brush& brush) {
  brush.arc(kDial, kDialRadius, 0, 1, 0.012, kTrack);
  for (int tick = 0; tick < 12; ++tick) {
    const double angle = tick / 12.0 * 2 * std::numbers::pi;
    const auto point = [&](double radius) {
      return Point{kDial.x + radius * std::sin(angle) * brush.height_per_width(), kDial.y - radius * std::cos(angle)};
    };
    brush.line(point(kDialRadius - 0.028), point(kDialRadius - (tick % 3 == 0 ? 0.055 : 0.042)), 0.005, kDim);
  }
}

class ClockMotif final : public Motif {
 public:
  explicit ClockMotif(LoopFormat format) : format_(std::move(format)) {}

  void paint_still(Brush& brush, int64_t) const override {
    const Colour accent = accent_of(format_.name);
    brush.wash_across(kNight, mix(kNight, accent, 0.20));
    brush.text({kLeft, 0.265}, format_.name, {0.105, kText, true, 0.71});
    brush.fill({kLeft, 0.30, 0.09, 0.010}, accent);
    brush.text({kLeft, 0.365},
               fmt::format("{}×{}  ·  {}/s  ·  {} kbit/s", format_.width, format_.height, format_.fps, format_.kbps),
               {0.036, kDim, false, 0.70});
    const auto seconds = format_.length.count();
    brush.text({kLeft, 0.835},
               seconds == 60 ? "second of the minute · picture" : fmt::format("second of {} · picture", seconds),
               {0.036, kDim, false, 0.55});
    paint_dial(brush);
    brush.line({kLeft, kSwingY}, {kSwingEnd, kSwingY}, 0.006, kTrack);
  }

  void move(Brush& brush, int64_t number) const override {
    const Colour accent = accent_of(format_.name);
    const int64_t within = number % format_.fps;
    const double end =
        brush.text({kLeft - 0.015, 0.74}, fmt::format(":{:02}", number / format_.fps), {0.38, kText, true});
    brush.text({end + 0.015, 0.74}, fmt::format("{:02}", within), {0.15, accent, true});
    brush.arc(kDial, kDialRadius, 0, static_cast<double>(number) / static_cast<double>(format_.grid().per_loop()),
              0.020, accent);
    const double swing = (1 - std::cos(static_cast<double>(within) / format_.fps * 2 * std::numbers::pi)) / 2;
    brush.disc({kLeft + (kSwingEnd - kLeft) * swing, kSwingY}, 0.022, accent);
  }

  [[nodiscard]] bool has_own_clock() const override { return true; }

 private:
  LoopFormat format_;
};

} // namespace

std::unique_ptr<Motif> clock_motif(const LoopFormat& format) {
  return std::make_unique<ClockMotif>(format);
}

} // namespace pult::cam
