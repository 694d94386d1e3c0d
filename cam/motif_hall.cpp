// The hall seen from its back: rows of people before a small lit stage; heads move, now and then a hand goes up.
#include "cam/motif.hpp"

#include <array>
#include <cmath>
#include <utility>

namespace pult::cam {
namespace {

constexpr Colour kCeiling{0.11, 0.10, 0.13};
constexpr Colour kBackWall{0.22, 0.19, 0.22};
constexpr Colour kSide{0.15, 0.13, 0.16};
constexpr Colour kFloorDark{0.08, 0.07, 0.09};
constexpr Colour kScreen{0.90, 0.94, 0.98};
constexpr Colour kLamp{1.00, 0.86, 0.62};
constexpr std::array<Colour, 5> kHairs{
    {{0.20, 0.14, 0.11}, {0.36, 0.24, 0.15}, {0.55, 0.42, 0.26}, {0.42, 0.42, 0.44}, {0.12, 0.11, 0.12}}};
constexpr std::array<Colour, 6> kClothes{{{0.25, 0.33, 0.45},
                                          {0.45, 0.25, 0.24},
                                          {0.28, 0.38, 0.28},
                                          {0.40, 0.36, 0.28},
                                          {0.30, 0.26, 0.40},
                                          {0.20, 0.22, 0.26}}};

// Nearer rows are larger, lower, and have fewer seats.
struct Row {
  double y, head;
  int seats;
};
constexpr std::array<Row, 4> kRows{{{0.645, 0.026, 15}, {0.715, 0.036, 12}, {0.81, 0.050, 9}, {0.94, 0.070, 7}}};

// Always the same people in the same seats.
unsigned person(size_t row, int seat) {
  unsigned mixed = static_cast<unsigned>(row) * 7919U + static_cast<unsigned>(seat) * 104729U + 17U;
  mixed ^= mixed >> 7;
  return mixed * 2654435761U >> 8;
}

Point seat_of(size_t row, int seat) {
  const auto& [y, head, seats] = kRows[row];
  const double across = (seat + 0.5 + (row % 2 == 0 ? 0.0 : 0.18)) / seats;
  const double narrow = 0.66 + 0.12 * static_cast<double>(row); // the hall widens towards us
  return {0.5 + (across - 0.5) * narrow, y};
}

class HallMotif final : public Motif {
 public:
  explicit HallMotif(LoopFormat format) : format_(std::move(format)) {}

  void paint_still(Brush& brush, int64_t) const override {
    paint_room(brush);
    for (int lamp = 0; lamp < 4; ++lamp) {
      const double x = 0.20 + lamp * 0.2;
      brush.glow({x, 0.20}, 0.13, kLamp, 0.45);
      brush.oval({x, 0.185}, 0.030, 0.010, kLamp);
    }
    paint_stage(brush);
  }

  void move(Brush& brush, int64_t number) const override {
    paint_tiny_speaker(brush, 0.425 + 0.012 * swing_of(format_, number, 8));
    for (size_t row = 0; row < kRows.size(); ++row)
      for (int seat = 0; seat < kRows[row].seats; ++seat)
        paint_person(brush, row, seat, number);
  }

 private:
  void paint_room(Brush& brush) const {
    brush.wash({0, 0, 1, 1}, kCeiling, kFloorDark);
    brush.shape({{0.22, 0.20}, {0.78, 0.20}, {0.78, 0.60}, {0.22, 0.60}}, kBackWall);
    brush.shape({{0, 0.08}, {0.22, 0.20}, {0.22, 0.60}, {0, 0.92}}, kSide);
    brush.shape({{1, 0.08}, {0.78, 0.20}, {0.78, 0.60}, {1, 0.92}}, kSide);
    const Colour accent = accent_of(format_.name);
    for (int light = 0; light < 3; ++light) {
      brush.glow({0.03 + light * 0.075, 0.42 + light * 0.02}, 0.16 - light * 0.03, accent, 0.35);
      brush.glow({0.97 - light * 0.075, 0.42 + light * 0.02}, 0.16 - light * 0.03, accent, 0.35);
    }
  }

  static void paint_stage(Brush& brush) {
    brush.glow({0.5, 0.44}, 0.36, kScreen, 0.30);
    brush.fill({0.46, 0.255, 0.26, 0.225}, kScreen);
    brush.fill({0.475, 0.285, 0.15, 0.020}, {0.25, 0.35, 0.50});
    for (int line = 0; line < 4; ++line)
      brush.fill({0.475, 0.335 + line * 0.032, 0.12 + (line % 2) * 0.04, 0.010}, {0.55, 0.60, 0.68});
    brush.shape({{0.26, 0.545}, {0.74, 0.545}, {0.76, 0.60}, {0.24, 0.60}}, {0.33, 0.23, 0.17});
  }

  static void paint_tiny_speaker(Brush& brush, double x) {
    brush.path({{x, 0.475}, {x, 0.545}}, 0.030, {0.16, 0.30, 0.46});
    brush.disc({x, 0.438}, 0.017, {0.85, 0.64, 0.50});
    brush.shape({{0.385, 0.49}, {0.415, 0.49}, {0.412, 0.555}, {0.388, 0.555}}, {0.55, 0.36, 0.21});
  }

  void paint_person(Brush& brush, size_t row, int seat, int64_t number) const {
    const unsigned who = person(row, seat);
    const double head = kRows[row].head;
    const double shift = (who % 97) / 97.0;
    Point at = seat_of(row, seat);
    at.x += head * 0.10 * swing_of(format_, number, 5 + who % 5, shift);
    at.y += head * 0.05 * swing_of(format_, number, 4 + who % 3, shift);
    const double dark = 0.62 - 0.10 * static_cast<double>(row); // light falls off towards the stage
    const Colour clothes = mix(kClothes[who % kClothes.size()], kNight, dark);
    const double foot = at.y + head * 3.2;
    brush.oval({at.x, at.y + head * 2.0}, head * 1.75, head * 1.1, clothes);
    brush.fill({at.x - head * 1.75 * brush.height_per_width(), at.y + head * 2.0, head * 3.5 * brush.height_per_width(),
                foot - at.y},
               clothes);
    if (who % 11 == 3) paint_hand(brush, at, head, clothes, number, shift);
    brush.oval(at, head * 0.92, head * 1.1, mix(kHairs[who / 7 % kHairs.size()], kNight, dark * 0.8));
  }

  void paint_hand(Brush& brush, Point at, double head, Colour clothes, int64_t number, double shift) const {
    const double up = std::max(0.0, swing_of(format_, number, 12, shift));
    if (up < 0.3) return;
    const double aside = head * 1.6 * brush.height_per_width();
    const Point hand{at.x + aside, at.y + head * (1.6 - 3.6 * std::min(1.0, up * 1.4))};
    brush.path({{at.x + aside * 0.8, at.y + head * 1.9}, hand}, head * 0.55, clothes);
    brush.disc(hand, head * 0.36, {0.62, 0.46, 0.37});
  }

  LoopFormat format_;
};

} // namespace

std::unique_ptr<Motif> hall_motif(const LoopFormat& format) {
  return std::make_unique<HallMotif>(format);
}

} // namespace pult::cam
