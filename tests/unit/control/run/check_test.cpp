// What `pult check` makes of what was measured.
#include "control/run/check.hpp"
#include "control/run/probe.hpp"

#include <gmock/gmock.h>

namespace pult::control {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const std::vector<RungCost> kLadder{{"1080p", 15}, {"720p", 8}, {"480p", 4}, {"360p", 3}};

TEST(Encoding, FitsWhenCoresAndTheLargestRungDo) {
  const auto verdict = judge_encoding(kLadder, 25, 2, 2);
  EXPECT_TRUE(verdict.fits);
  EXPECT_NEAR(verdict.cores, 0.35 + (15 + 8 + 4 + 3 + 12) * 0.025, 1e-9);
  EXPECT_THAT(verdict.can_do, ElementsAre("1080p", "720p", "480p", "360p"));
}

TEST(Encoding, LeavesOutTheLargestUntilItFits) {
  const auto verdict = judge_encoding(kLadder, 25, 2, 1.1);
  EXPECT_FALSE(verdict.fits);
  EXPECT_THAT(verdict.can_do, ElementsAre("480p", "360p"));
}

TEST(Encoding, ARungThatItsThreadsDoNotTakeIsLeftOut) {
  const auto verdict = judge_encoding({{"1080p", 40, 1}, {"720p", 8, 1}}, 25, 1, 64);
  EXPECT_FALSE(verdict.fits);
  EXPECT_THAT(verdict.can_do, ElementsAre("720p"));
  EXPECT_TRUE(judge_encoding({{"1080p", 40, 2}, {"720p", 8, 1}}, 25, 1, 64).fits);
}

TEST(Encoding, MayFitNotAtAll) {
  EXPECT_THAT(judge_encoding({{"360p", 100}}, 25, 1, 1).can_do, IsEmpty());
}

TEST(Probe, IsReadStrictly) {
  const auto probe = probe_from_json(R"({"missing":[{"element":"avdec_h264","package":"gstreamer1.0-libav"}],
                                         "rungs":[{"name":"360p","ms":3,"threads":2}]})");
  ASSERT_TRUE(probe);
  EXPECT_EQ(probe->missing.front().second, "gstreamer1.0-libav");
  EXPECT_EQ(probe->rungs.front().ms, 3);
  EXPECT_EQ(probe->rungs.front().threads, 2);
  for (const auto* wrong : {"", "{", "{}", R"({"missing":[1]})", R"({"missing":[],"rungs":[{"name":"x","ms":3}]})"})
    EXPECT_FALSE(probe_from_json(wrong)) << wrong;
}

} // namespace
} // namespace pult::control
