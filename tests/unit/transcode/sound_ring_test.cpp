#include "transcode/sound_ring.hpp"

#include <gmock/gmock.h>

namespace pult::transcode {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;

std::vector<float> read(const SoundRing& ring, Sample first, std::size_t count) {
  std::vector<float> out(2 * count, 9.0F);
  ring.read(first, out);
  return out;
}

TEST(SoundRing, GivesBackWhatWasWrittenWhereItWasWritten) {
  SoundRing ring;
  ring.write(1000, std::vector<float>{0.1F, 0.2F, 0.3F, 0.4F});
  EXPECT_THAT(read(ring, 999, 4), ElementsAre(0, 0, 0.1F, 0.2F, 0.3F, 0.4F, 0, 0));
}

TEST(SoundRing, AGapIsSilence) {
  SoundRing ring;
  ring.write(0, std::vector<float>(2 * 960, 0.5F));
  ring.write(2 * 960, std::vector<float>(2 * 960, 0.5F));
  EXPECT_THAT(read(ring, 960, 960), Each(0.0F));
  EXPECT_THAT(read(ring, 2 * 960, 960), Each(0.5F));
}

TEST(SoundRing, OldSoundIsNeverHeardAgain) {
  SoundRing ring;
  ring.write(0, std::vector<float>(2 * 960, 0.5F));
  ring.write(SoundRing::kCapacity + 480, std::vector<float>(2 * 480, 0.25F));
  EXPECT_THAT(read(ring, SoundRing::kCapacity, 480), Each(0.0F));
  EXPECT_THAT(read(ring, 0, 960), Each(0.0F));
  EXPECT_THAT(read(ring, SoundRing::kCapacity + 480, 480), Each(0.25F));
}

TEST(SoundRing, WhatComesTooLateIsCounted) {
  SoundRing ring;
  ring.write(10 * SoundRing::kCapacity, std::vector<float>(2, 0.5F));
  ring.write(0, std::vector<float>(2 * 960, 0.5F));
  EXPECT_EQ(ring.dropped(), 1U);
  EXPECT_EQ(ring.end(), 10 * SoundRing::kCapacity + 1);
}

TEST(SoundRing, TimesBeforeTheEpochDoNoHarm) {
  SoundRing ring;
  ring.write(-480, std::vector<float>(2 * 960, 0.5F));
  EXPECT_THAT(read(ring, -480, 960), Each(0.5F));
}

} // namespace
} // namespace pult::transcode
