#include "transcode/sound_mixer.hpp"

#include <algorithm>
#include <cmath>
#include <gmock/gmock.h>

namespace pult::transcode {
namespace {

using ::testing::Each;
using ::testing::FloatEq;
using ::testing::FloatNear;

SoundMixer::Read constant(std::vector<float> levels) {
  return [levels](std::size_t source, std::span<float> out) { std::fill(out.begin(), out.end(), levels[source]); };
}

TEST(SoundMixer, NobodyIsSilence) {
  SoundMixer mixer(2);
  SoundFrame out;
  mixer.mix({0, 0}, constant({0.5F, 0.5F}), out);
  EXPECT_THAT(out, Each(0.0F));
}

TEST(SoundMixer, SourcesAddUp) {
  SoundMixer mixer(2);
  SoundFrame out;
  mixer.mix({1, 0.5F}, constant({0.25F, 0.5F}), out);
  mixer.mix({1, 0.5F}, constant({0.25F, 0.5F}), out);
  EXPECT_THAT(out, Each(FloatEq(0.5F)));
}

TEST(SoundMixer, AChangeOfSourceTakesTenMillisecondsWithoutAStep) {
  SoundMixer mixer(2);
  SoundFrame out;
  mixer.mix({1, 0}, constant({0.5F, 0.5F}), out);
  mixer.mix({0, 1}, constant({0.5F, 0.5F}), out);
  EXPECT_THAT(out, Each(FloatNear(0.5F, 1e-4F))); // equal on both sides: the crossfade is seen to add up to one
  mixer.mix({1, 0}, constant({0.5F, 0.0F}), out);
  EXPECT_NEAR(out[2 * (SoundMixer::kCrossfade / 2)], 0.25F, 0.01F);
  EXPECT_NEAR(out[2 * SoundMixer::kCrossfade], 0.5F, 0.001F);
  for (std::size_t i = 2; i < out.size(); i += 2)
    EXPECT_LT(std::fabs(out[i] - out[i - 2]), 0.002F);
}

TEST(SoundMixer, TheLimiterHoldsTheCeilingAndLetsGoAgain) {
  SoundMixer mixer(2);
  SoundFrame out;
  for (int i = 0; i < 4; ++i) {
    mixer.mix({1, 1}, constant({0.9F, 0.9F}), out);
    EXPECT_LE(*std::max_element(out.begin(), out.end()), SoundMixer::kCeiling + 1e-6F);
  }
  EXPECT_NEAR(mixer.take_peak(), 1.8F, 1e-5F);
  for (int i = 0; i < 12; ++i)
    mixer.mix({1, 0}, constant({0.5F, 0.0F}), out);
  EXPECT_NEAR(out.back(), 0.5F, 1e-5F);
}

} // namespace
} // namespace pult::transcode
