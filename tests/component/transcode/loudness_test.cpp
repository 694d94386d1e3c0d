// The meter for real, with signals of known loudness (EBU Tech 3341, table 1).
#include "transcode/loudness_meter.hpp"

#include <cmath>
#include <gtest/gtest.h>
#include <numbers>

namespace pult::transcode {
namespace {

// Sines of 1 kHz, in step across calls.
class Signal {
 public:
  explicit Signal(LoudnessMeter& meter) : meter_(meter) {}
  void sine(double decibels, double seconds, double hertz = 1000, double phase = 0) {
    const double level = std::pow(10.0, decibels / 20);
    for (auto frames = std::lround(seconds * kSampleRate / kSamplesPerSoundFrame); frames > 0; --frames) {
      SoundFrame frame;
      for (std::size_t i = 0; i < frame.size(); i += 2, ++sample_)
        frame[i] = frame[i + 1] = static_cast<float>(
            level * std::sin(2 * std::numbers::pi * hertz * static_cast<double>(sample_) / kSampleRate + phase));
      meter_.add(frame);
    }
  }

 private:
  LoudnessMeter& meter_;
  std::int64_t sample_ = 0;
};

TEST(Loudness, Case1And2ASteadySineIsAsLoudAsItIs) {
  for (const double level : {-23.0, -33.0}) {
    LoudnessMeter meter;
    Signal(meter).sine(level, 20);
    const auto reading = meter.read();
    EXPECT_NEAR(reading.momentary, level, 0.1);
    EXPECT_NEAR(reading.short_term, level, 0.1);
    EXPECT_NEAR(reading.integrated, level, 0.1);
    EXPECT_NEAR(reading.true_peak, level, 0.2);
  }
}

TEST(Loudness, Case3WhatIsTenUnitsSofterIsGated) {
  LoudnessMeter meter;
  Signal signal(meter);
  signal.sine(-36, 10);
  signal.sine(-23, 60);
  signal.sine(-36, 10);
  EXPECT_NEAR(meter.read().integrated, -23, 0.1);
}

TEST(Loudness, Case4WhatIsBelowTheAbsoluteGateIsNotCounted) {
  LoudnessMeter meter;
  Signal signal(meter);
  signal.sine(-72, 10);
  signal.sine(-36, 10);
  signal.sine(-23, 60);
  signal.sine(-36, 10);
  signal.sine(-72, 10);
  EXPECT_NEAR(meter.read().integrated, -23, 0.1);
}

TEST(Loudness, Case5TwoLevelsAreWeighed) {
  LoudnessMeter meter;
  Signal signal(meter);
  signal.sine(-26, 20);
  signal.sine(-20, 20.1);
  signal.sine(-26, 20);
  EXPECT_NEAR(meter.read().integrated, -23, 0.1);
}

// Case 16: a quarter of the sample rate at 45 degrees has its peaks between the samples.
TEST(Loudness, ATruePeakLiesBetweenTheSamples) {
  LoudnessMeter meter;
  Signal(meter).sine(-6, 5, kSampleRate / 4.0, std::numbers::pi / 4);
  EXPECT_GT(meter.read().true_peak, -6.4);
  EXPECT_LT(meter.read().true_peak, -5.8);
}

TEST(Loudness, SilenceIsANumberAndARestartForgets) {
  LoudnessMeter meter;
  EXPECT_EQ(meter.read().integrated, LoudnessMeter::kSilence);
  Signal(meter).sine(-10, 5);
  meter.restart();
  Signal(meter).sine(-30, 5);
  EXPECT_NEAR(meter.read().integrated, -30, 0.1);
  EXPECT_NEAR(meter.read().true_peak, -30, 0.2);
}

} // namespace
} // namespace pult::transcode
