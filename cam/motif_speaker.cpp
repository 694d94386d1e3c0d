// A speaker at the lectern of a lit stage: sways, turns the head, talks with both hands.
#include "cam/motif.hpp"

#include <cmath>
#include <utility>

namespace pult::cam {
namespace {

constexpr Colour kWall{0.10, 0.12, 0.20};
constexpr Colour kWallLow{0.17, 0.15, 0.26};
constexpr Colour kSeam{0.07, 0.08, 0.14};
constexpr Colour kBoards{0.36, 0.24, 0.16};
constexpr Colour kBoardsFront{0.22, 0.14, 0.10};
constexpr Colour kLight{1.00, 0.90, 0.70};
constexpr Colour kSkin{0.85, 0.64, 0.50};
constexpr Colour kHair{0.23, 0.15, 0.11};
constexpr Colour kJacket{0.16, 0.30, 0.46};
constexpr Colour kJacketShade{0.12, 0.23, 0.36};
constexpr Colour kShirt{0.93, 0.93, 0.90};
constexpr Colour kTrousers{0.10, 0.11, 0.14};
constexpr Colour kWood{0.55, 0.36, 0.21};
constexpr Colour kWoodEdge{0.68, 0.47, 0.29};
constexpr Colour kSteel{0.55, 0.57, 0.60};
constexpr double kFloor = 0.80;
constexpr double kMiddle = 0.44; // of the speaker

void paint_plant(Brush& brush, Point foot) {
  constexpr Colour kLeaf{0.20, 0.44, 0.26};
  for (int leaf = -3; leaf <= 3; ++leaf)
    brush.path(
        {foot, {foot.x + leaf * 0.010, foot.y - 0.15}, {foot.x + leaf * 0.022, foot.y - 0.21 + std::abs(leaf) * 0.02}},
        0.018, mix(kLeaf, kNight, std::abs(leaf) * 0.10));
  brush.shape({{foot.x - 0.025, foot.y - 0.06},
               {foot.x + 0.025, foot.y - 0.06},
               {foot.x + 0.019, foot.y + 0.04},
               {foot.x - 0.019, foot.y + 0.04}},
              {0.72, 0.42, 0.30});
}

class SpeakerMotif final : public Motif {
 public:
  explicit SpeakerMotif(LoopFormat format) : format_(std::move(format)) {}

  void paint_still(Brush& brush, int64_t) const override {
    const Colour accent = accent_of(format_.name);
    brush.wash({0, 0, 1, kFloor}, kWall, kWallLow);
    for (int panel = 1; panel < 10; ++panel)
      brush.line({panel * 0.1, 0}, {panel * 0.1, kFloor}, 0.003, kSeam);
    brush.wash({0, kFloor, 1, 1 - kFloor}, kBoards, kBoardsFront);
    for (int board = 1; board < 4; ++board)
      brush.line({0, kFloor + board * 0.055}, {1, kFloor + board * 0.055}, 0.003, kBoardsFront);
    brush.glow({kMiddle, 0.42}, 0.62, kLight, 0.42);
    brush.glow({kMiddle, 0.88}, 0.40, kLight, 0.30);
    brush.glow({0.08, 0.78}, 0.35, accent, 0.35);
    brush.glow({0.93, 0.80}, 0.35, accent, 0.35);
    paint_plant(brush, {0.13, 0.84});
    paint_plant(brush, {0.90, 0.84});
  }

  void move(Brush& brush, int64_t number) const override {
    const double sway = 0.006 * swing_of(format_, number, 5);
    paint_body(brush, kMiddle + sway);
    paint_arm(brush, kMiddle + sway, -1, number);
    paint_head(brush, kMiddle + sway * 1.5 + 0.004 * swing_of(format_, number, 7, 0.3), number);
    paint_lectern(brush);
    paint_arm(brush, kMiddle + sway, 1, number);
  }

 private:
  static void paint_body(Brush& brush, double x) {
    brush.path({{x - 0.022, 0.66}, {x - 0.024, 0.88}}, 0.055, kTrousers);
    brush.path({{x + 0.022, 0.66}, {x + 0.024, 0.88}}, 0.055, kTrousers);
    brush.shape({{x - 0.055, 0.405},
                 {x + 0.055, 0.405},
                 {x + 0.062, 0.47},
                 {x + 0.047, 0.70},
                 {x - 0.047, 0.70},
                 {x - 0.062, 0.47}},
                kJacket);
    brush.shape({{x - 0.017, 0.395}, {x + 0.017, 0.395}, {x, 0.53}}, kShirt);
    brush.line({x, 0.53}, {x, 0.69}, 0.004, kJacketShade);
    brush.shape({{x - 0.004, 0.41}, {x + 0.004, 0.41}, {x + 0.006, 0.49}, {x, 0.515}, {x - 0.006, 0.49}},
                {0.70, 0.20, 0.22});
  }

  // side -1: the hand that is seen on the left, which talks more.
  void paint_arm(Brush& brush, double x, int side, int64_t number) const {
    const double lift =
        side < 0 ? 0.5 + 0.5 * swing_of(format_, number, 3.3) : 0.25 + 0.25 * swing_of(format_, number, 4.6, 0.4);
    const double wave = swing_of(format_, number, 1.2, side < 0 ? 0 : 0.5);
    const Point shoulder{x + side * 0.052, 0.435};
    const Point elbow{x + side * (0.078 + 0.012 * lift), 0.575 - 0.03 * lift};
    const Point hand{x + side * (0.070 + 0.055 * lift), 0.66 - 0.20 * lift + 0.012 * wave};
    brush.path({shoulder, elbow, hand}, 0.046, side < 0 ? kJacket : kJacketShade);
    brush.disc(hand, 0.025, kSkin);
  }

  void paint_head(Brush& brush, double x, int64_t number) const {
    const double turn = 0.007 * swing_of(format_, number, 6, 0.1);
    brush.path({{x, 0.37}, {x, 0.41}}, 0.05, mix(kSkin, kBlack, 0.15));
    brush.oval({x, 0.283}, 0.079, 0.090, kHair);
    brush.oval({x + turn * 0.6, 0.312}, 0.068, 0.082, kSkin);
    for (const int side : {-1, 1})
      brush.disc({x + turn * 1.6 + side * 0.014, 0.302}, 0.0075, kHair);
    const double mouth = 0.004 + 0.008 * std::abs(swing_of(format_, number, 0.7)); // talks
    brush.oval({x + turn * 1.6, 0.352}, 0.020, mouth, {0.52, 0.22, 0.22});
  }

  void paint_lectern(Brush& brush) const {
    brush.path({{0.47, 0.60}, {0.455, 0.50}, {0.452, 0.47}}, 0.007, kSteel);
    brush.oval({0.451, 0.46}, 0.012, 0.018, kNight);
    brush.shape({{0.36, 0.60}, {0.52, 0.60}, {0.505, 0.92}, {0.375, 0.92}}, kWood);
    brush.shape({{0.35, 0.585}, {0.53, 0.585}, {0.525, 0.615}, {0.355, 0.615}}, kWoodEdge);
    const Colour accent = accent_of(format_.name);
    brush.disc({0.44, 0.75}, 0.055, mix(kWood, kNight, 0.4));
    brush.arc({0.44, 0.75}, 0.034, 0.1, 0.9, 0.012, accent);
  }

  LoopFormat format_;
};

} // namespace

std::unique_ptr<Motif> speaker_motif(const LoopFormat& format) {
  return std::make_unique<SpeakerMotif>(format);
}

} // namespace pult::cam
