#include "transcode/lower_third.hpp"

#include <gtest/gtest.h>

namespace pult::transcode {
namespace {

using Text = WantedState::LowerThird;
using State = LowerThird::State;

constexpr int kSteps = 10; // 400 ms at 25 a second

Text text(const char* name, std::int64_t shown = 1, PictureIndex until = 0) {
  return {name, "Function", "", shown, until};
}

class LowerThirdTest : public testing::Test {
 protected:
  Overlay pass(PictureIndex until) {
    while (n_ < until)
      last_ = lower_third_.at(++n_);
    return last_;
  }
  std::shared_ptr<const Graphic> show(const Text& wanted) {
    auto graphic = std::make_shared<const Graphic>();
    EXPECT_TRUE(lower_third_.want(wanted, n_ + 1, false));
    lower_third_.drawn(wanted, graphic);
    return graphic;
  }
  LowerThird lower_third_{25, 1080};
  PictureIndex n_ = 100;
  Overlay last_;
};

TEST_F(LowerThirdTest, NothingIsThereAndNothingWaits) {
  EXPECT_FALSE(pass(101));
  EXPECT_EQ(lower_third_.state(), State::kOff);
  EXPECT_TRUE(lower_third_.answered());
}

TEST_F(LowerThirdTest, ComesInAndIsAnsweredWithItsFirstPicture) {
  const auto graphic = show(text("Ada"));
  int before = 0;
  for (int i = 1; i <= kSteps; ++i) {
    const auto overlay = pass(100 + i);
    EXPECT_EQ(overlay.graphic, graphic);
    EXPECT_GT(overlay.weight, before);
    EXPECT_EQ(overlay.down % 2, 0);
    before = overlay.weight;
  }
  EXPECT_EQ(last_, (Overlay{graphic, 256, 0}));
  EXPECT_EQ(lower_third_.answered(), 101);
  EXPECT_EQ(lower_third_.state(), State::kShown);
  EXPECT_EQ(lower_third_.since(), 110);
  EXPECT_EQ(pass(150), last_);
}

TEST_F(LowerThirdTest, WaitsForItsDrawingAndSaysSo) {
  lower_third_.want(text("Ada"), 101, false);
  EXPECT_FALSE(pass(105));
  EXPECT_FALSE(lower_third_.answered());
  EXPECT_TRUE(lower_third_.is_drawing());
  EXPECT_EQ(lower_third_.state(), State::kDrawing);
  lower_third_.drawn(text("Ada"), std::make_shared<const Graphic>());
  EXPECT_TRUE(pass(106));
  EXPECT_EQ(lower_third_.answered(), 106);
}

TEST_F(LowerThirdTest, ADrawingThatTakesLongIsAnsweredAndComesLater) {
  lower_third_.want(text("Ada"), 101, false);
  pass(125);
  EXPECT_FALSE(lower_third_.answered());
  pass(126);
  EXPECT_EQ(lower_third_.answered(), 126);
  lower_third_.drawn(text("Ada"), std::make_shared<const Graphic>());
  EXPECT_TRUE(pass(130));
}

TEST_F(LowerThirdTest, WhatCannotBeDrawnLeavesTheProgrammeAsItIs) {
  const auto graphic = show(text("Ada"));
  pass(120);
  lower_third_.want(text("Grace", 2), 121, false);
  lower_third_.drawn(text("Grace", 2), nullptr);
  EXPECT_EQ(pass(140), (Overlay{graphic, 256, 0}));
  EXPECT_EQ(lower_third_.answered(), 121);
  EXPECT_EQ(lower_third_.on_picture().name, "Ada");
  lower_third_.want({}, 141, false);
  EXPECT_FALSE(pass(141 + kSteps));
}

TEST_F(LowerThirdTest, AFirstThatCannotBeDrawnHasFailed) {
  lower_third_.want(text("Ada"), 101, false);
  lower_third_.drawn(text("Ada"), nullptr);
  EXPECT_FALSE(pass(101));
  EXPECT_EQ(lower_third_.state(), State::kFailed);
}

TEST_F(LowerThirdTest, GoesOutWhenHidden) {
  show(text("Ada"));
  pass(120);
  lower_third_.want({}, 121, false);
  EXPECT_LT(pass(121).weight, 256);
  EXPECT_EQ(lower_third_.answered(), 121);
  EXPECT_EQ(lower_third_.state(), State::kOut);
  EXPECT_TRUE(pass(120 + kSteps - 1));
  EXPECT_FALSE(pass(120 + kSteps));
  EXPECT_EQ(lower_third_.state(), State::kOff);
}

TEST_F(LowerThirdTest, AnotherTextGoesOutThenComesIn) {
  const auto ada = show(text("Ada"));
  pass(120);
  const auto grace = show(text("Grace", 2));
  EXPECT_EQ(pass(125).graphic, ada);
  EXPECT_FALSE(lower_third_.answered());
  EXPECT_FALSE(pass(120 + kSteps));
  EXPECT_EQ(pass(121 + kSteps).graphic, grace);
  EXPECT_EQ(lower_third_.answered(), 121 + kSteps);
  EXPECT_EQ(pass(160), (Overlay{grace, 256, 0}));
}

TEST_F(LowerThirdTest, TheOldStandsUntilTheNewIsDrawn) {
  const auto ada = show(text("Ada"));
  pass(120);
  lower_third_.want(text("Grace", 2), 121, false);
  EXPECT_EQ(pass(130), (Overlay{ada, 256, 0}));
}

TEST_F(LowerThirdTest, AnInterruptedAnimationTurnsWhereItIs) {
  show(text("Ada"));
  const auto half = pass(105).weight;
  lower_third_.want({}, 106, false);
  EXPECT_LT(pass(106).weight, half);
  EXPECT_TRUE(pass(109));
  EXPECT_FALSE(pass(110));
}

TEST_F(LowerThirdTest, TheSameTextShownAgainComesInAgain) {
  show(text("Ada", 1));
  pass(120);
  const auto again = show(text("Ada", 2));
  EXPECT_FALSE(pass(130));
  EXPECT_EQ(pass(131).graphic, again);
}

TEST_F(LowerThirdTest, TheSameStateAgainChangesNothing) {
  show(text("Ada"));
  pass(120);
  EXPECT_FALSE(lower_third_.want(text("Ada"), 121, false));
  EXPECT_EQ(pass(121), (Overlay{last_.graphic, 256, 0}));
}

TEST_F(LowerThirdTest, EndsByItself) {
  show(text("Ada", 1, 150));
  EXPECT_EQ(pass(149).weight, 256);
  EXPECT_LT(pass(150).weight, 256);
  EXPECT_FALSE(pass(149 + kSteps));
  EXPECT_EQ(lower_third_.state(), State::kOff);
}

TEST_F(LowerThirdTest, WhatIsOverIsNeverDrawn) {
  EXPECT_FALSE(lower_third_.want(text("Ada", 1, 90), 101, true));
  EXPECT_FALSE(pass(101));
  EXPECT_EQ(lower_third_.answered(), 101);
}

TEST_F(LowerThirdTest, WhatIsOverWhenItIsDrawnNeverComes) {
  lower_third_.want(text("Ada", 1, 105), 101, false);
  pass(110);
  lower_third_.drawn(text("Ada", 1, 105), std::make_shared<const Graphic>());
  EXPECT_FALSE(pass(120));
  EXPECT_EQ(lower_third_.state(), State::kOff);
}

TEST_F(LowerThirdTest, WhatWasOnAirBeforeARestartStandsThereAtOnce) {
  lower_third_.want(text("Ada"), 101, true);
  lower_third_.drawn(text("Ada"), std::make_shared<const Graphic>());
  EXPECT_EQ(pass(101).weight, 256);
  EXPECT_EQ(lower_third_.state(), State::kShown);
}

TEST_F(LowerThirdTest, SkippedPicturesCount) {
  show(text("Ada"));
  pass(101);
  EXPECT_EQ(lower_third_.at(130).weight, 256);
}

} // namespace
} // namespace pult::transcode
