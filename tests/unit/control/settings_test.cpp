// What the crew sets while the room runs: lower thirds, gains, delays.
#include "control/feed_settings.hpp"
#include "control/lower_third.hpp"

#include <gmock/gmock.h>

namespace pult::control {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;

const Grid kGrid = *Grid::of(25);
const FeedNames kFeeds{"cam1", "cam2"};

WantedState state_at(std::int64_t number) {
  WantedState state;
  state.number = number;
  return state;
}

TEST(LowerThird, ShowsUntilItIsHidden) {
  const auto shown = show_lower_third(state_at(8), {"Dr. Ada Muster", "Hochschule", "", {}}, {}, kGrid, 1000);
  ASSERT_TRUE(shown);
  EXPECT_EQ(shown->number, 9);
  EXPECT_EQ(shown->lower_third, (WantedState::LowerThird{"Dr. Ada Muster", "Hochschule", "", 9, 0}));
  EXPECT_TRUE(is_lower_third_on(*shown, 1'000'000));
  const auto hidden = hide_lower_third(*shown);
  EXPECT_EQ(hidden.number, 10);
  EXPECT_FALSE(is_lower_third_on(hidden, 1000));
  EXPECT_EQ(hide_lower_third(hidden).number, 10); // nothing to hide
}

TEST(LowerThird, ATimeBecomesAnIndex) {
  const auto shown = show_lower_third(state_at(8), {"Ada", "", "", milliseconds(8000)}, {}, kGrid, 1000);
  ASSERT_TRUE(shown);
  EXPECT_EQ(shown->lower_third.until, 1200);
  EXPECT_TRUE(is_lower_third_on(*shown, 1199));
  EXPECT_FALSE(is_lower_third_on(*shown, 1200));
}

TEST(LowerThird, TheSameAgainComesInAgain) {
  const LowerThirdOrder order{"Ada", "", "", {}};
  const auto first = show_lower_third(state_at(8), order, {}, kGrid, 0);
  ASSERT_TRUE(first);
  const auto second = show_lower_third(*first, order, {}, kGrid, 0);
  ASSERT_TRUE(second);
  EXPECT_EQ(second->lower_third.shown, 10);
}

TEST(LowerThird, RefusesWhatCannotBeShown) {
  const std::vector<std::string> templates{"speaker", "moderator"};
  const auto why = [&](const LowerThirdOrder& order) {
    const auto shown = show_lower_third(state_at(8), order, templates, kGrid, 0);
    return shown ? "" : shown.error().message;
  };
  EXPECT_THAT(why({"", "", "", {}}), HasSubstr("needs a name"));
  EXPECT_THAT(why({"  ", "", "", {}}), HasSubstr("needs a name"));
  EXPECT_THAT(why({"Ada\n", "", "", {}}), HasSubstr("the name has a control character"));
  EXPECT_THAT(why({"Ada", "\xff", "", {}}), HasSubstr("the function is not valid UTF-8"));
  EXPECT_THAT(why({std::string(301, 'x'), "", "", {}}), HasSubstr("301 characters; 300 at most"));
  EXPECT_THAT(why({"Ada", "", "speakr", {}}), HasSubstr("did you mean \"speaker\"?"));
  EXPECT_THAT(why({"Ada", "", "", milliseconds(0)}), HasSubstr("1 to 3600 seconds"));
  EXPECT_THAT(why({"Ada", "", "", milliseconds(3'600'001)}), HasSubstr("1 to 3600 seconds"));
  EXPECT_EQ(why({std::string(300, 'x'), std::string(300, 'x'), "speaker", milliseconds(1000)}), "");
}

TEST(FeedSetting, IsKeptByFeedAndGoesWhenSetBack) {
  const auto gain = set_feed(state_at(8), kFeeds, {"cam1", -6.0, {}, {}});
  ASSERT_TRUE(gain);
  EXPECT_EQ(gain->number, 9);
  const auto muted = set_feed(*gain, kFeeds, {"cam1", {}, true, {}});
  ASSERT_TRUE(muted);
  EXPECT_EQ(setting_of(*muted, "cam1"), (WantedState::FeedSetting{-6, true, {}}));
  EXPECT_EQ(setting_of(*muted, "cam2"), WantedState::FeedSetting{});
  EXPECT_EQ(set_feed(*muted, kFeeds, {"cam1", {}, true, {}})->number, 10); // it is so already
  const auto back = set_feed(*muted, kFeeds, {"cam1", 0.0, false, {}});
  ASSERT_TRUE(back);
  EXPECT_TRUE(back->feeds.empty());
}

TEST(FeedSetting, ADelayOfNothingIsNotTheConfigs) {
  const auto none = set_feed(state_at(8), kFeeds, {"cam2", {}, {}, milliseconds(0)});
  ASSERT_TRUE(none);
  EXPECT_EQ(setting_of(*none, "cam2").delay, milliseconds(0));
}

TEST(FeedSetting, RefusesUnknownFeedsAndImpossibleValues) {
  const auto why = [](const FeedOrder& order) {
    const auto set = set_feed(state_at(8), kFeeds, order);
    return set ? "" : set.error().message;
  };
  EXPECT_THAT(why({"cam11", -6.0, {}, {}}), HasSubstr("did you mean \"cam1\"?"));
  EXPECT_THAT(why({"cam1", 20.5, {}, {}}), HasSubstr("from -60 to +20 dB, not 20.5"));
  EXPECT_THAT(why({"cam1", -61.0, {}, {}}), HasSubstr("from -60 to +20 dB"));
  EXPECT_THAT(why({"cam1", {}, {}, milliseconds(5001)}), HasSubstr("from 0 to 5000 ms, not 5001"));
  EXPECT_THAT(why({"cam1", {}, {}, milliseconds(-1)}), HasSubstr("from 0 to 5000 ms"));
  EXPECT_THAT(why({"cam1", {}, {}, {}}), HasSubstr("nothing to set"));
}

} // namespace
} // namespace pult::control
