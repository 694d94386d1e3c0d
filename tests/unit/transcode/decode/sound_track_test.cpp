#include "transcode/decode/sound_track.hpp"

#include <cmath>
#include <gtest/gtest.h>
#include <numbers>

using namespace pult;
using namespace pult::transcode::decode;
using namespace std::chrono_literals;

namespace {

// Collects what comes out and holds that it is one unbroken run of frames.
struct Listener {
  std::vector<float> left;
  Sample first = -1;
  Sample next = -1;
  int breaks = 0;
  SoundTrack track{[this](Sample at, std::span<const float> samples) {
    ASSERT_EQ(samples.size(), 1920u);
    if (first < 0) first = at;
    if (next >= 0 && at != next) ++breaks;
    next = at + 960;
    for (std::size_t i = 0; i < samples.size(); i += 2) {
      left.push_back(samples[i]);
      EXPECT_EQ(samples[i + 1], -samples[i]) << "channels kept apart";
    }
  }};
  [[nodiscard]] float at(Sample s) const { return left.at(static_cast<std::size_t>(s - first)); }
  // The largest change of slope between neighbours: a click shows as a spike.
  [[nodiscard]] double roughest(Sample from, Sample to) const {
    double worst = 0;
    for (Sample s = from + 1; s + 1 < to; ++s)
      worst = std::max<double>(worst, std::abs(at(s + 1) - 2 * at(s) + at(s - 1)));
    return worst;
  }
};

constexpr double kHz = 440;
double tone(double sample) {
  return 0.5 * std::sin(2 * std::numbers::pi * kHz * sample / kSampleRate);
}
// Of a pure tone: amplitude × ω².
const double kToneRoughness = 0.5 * std::pow(2 * std::numbers::pi * kHz / kSampleRate, 2);

std::vector<float> block_of(Sample first, int count = 1024) {
  std::vector<float> samples;
  for (int i = 0; i < count; ++i) {
    const auto value = static_cast<float>(tone(static_cast<double>(first + i)));
    samples.push_back(value);
    samples.push_back(-value);
  }
  return samples;
}

} // namespace

TEST(SoundTrack, AtRestItIsTheIdentity) {
  Listener out;
  for (Sample s = 0; s < 48000; s += 1024)
    out.track.push(time_of_sample(s), time_of_sample(s) + 10s, block_of(s), false);
  ASSERT_GT(out.left.size(), 40000u);
  EXPECT_EQ(out.breaks, 0);
  EXPECT_EQ(out.track.anchors(), 0u);
  for (Sample s = 480000 + 300; s < out.next; ++s)
    ASSERT_NEAR(out.at(s), tone(static_cast<double>(s - 480000)), 1e-3) << s;
}

TEST(SoundTrack, FollowsASlewingClockWithoutAClick) {
  for (const double ppm : {-2000.0, -200.0, 200.0, 2000.0}) {
    Listener out;
    Nanoseconds due{};
    for (Sample s = 0; s < 48000 * 20; s += 1024) {
      due = 10s + Nanoseconds(std::llround(static_cast<double>(time_of_sample(s).count()) * (1 + ppm * 1e-6)));
      out.track.push(time_of_sample(s), due, block_of(s), false);
    }
    EXPECT_EQ(out.breaks, 0);
    EXPECT_EQ(out.track.anchors(), 0u);
    EXPECT_NEAR(out.track.rate_ppm(), -ppm, std::abs(ppm) * 0.1 + 5);
    // What came out last must be what was due then: within 5 ms.
    const double shift = std::chrono::duration<double>(due + 21ms - time_of_sample(out.next)).count();
    EXPECT_LT(std::abs(shift), 0.05);
    EXPECT_LT(out.roughest(480000 + 2000, out.next - 2000), kToneRoughness * 1.1) << ppm;
  }
}

TEST(SoundTrack, AClockMovedBy40MillisecondsIsReachedWithoutAClick) {
  Listener out;
  for (Sample s = 0; s < 48000 * 20; s += 1024)
    out.track.push(time_of_sample(s), time_of_sample(s) + (s < 96000 ? 10000ms : 10040ms), block_of(s), false);
  EXPECT_EQ(out.track.anchors(), 0u);
  EXPECT_LT(out.roughest(480000 + 2000, out.next - 2000), kToneRoughness * 1.1);
  // The phase of the tone (109 samples long) near the end says where the sound lies.
  const auto probe = out.next - 5000;
  double best = 1e9;
  double best_shift = 0;
  for (double shift = 1870; shift < 1970; shift += 0.25) {
    double error = 0;
    for (Sample s = probe; s < probe + 400; ++s)
      error += std::abs(out.at(s) - tone(static_cast<double>(s - 480000) - shift));
    if (error < best) {
      best = error;
      best_shift = shift;
    }
  }
  EXPECT_NEAR(best_shift, 1920, 3);
}

TEST(SoundTrack, ALostFrameIsSilenceAndMovesNothing) {
  Listener out;
  for (Sample s = 0; s < 96000; s += 1024)
    if (s != 1024 * 40) out.track.push(time_of_sample(s), time_of_sample(s) + 10s, block_of(s), false);
  EXPECT_EQ(out.track.holes(), 1u);
  EXPECT_EQ(out.breaks, 0);
  EXPECT_NEAR(out.at(480000 + 1024 * 40 + 512), 0, 1e-3);
  EXPECT_LT(out.roughest(480000 + 2000, out.next - 2000), 0.01) << "ramps, no edge";
  for (Sample s = 480000 + 1024 * 42; s < out.next; ++s)
    ASSERT_NEAR(out.at(s), tone(static_cast<double>(s - 480000)), 2e-3) << s;
}

TEST(SoundTrack, AnOverlapIsCut) {
  Listener out;
  for (Sample s = 0; s < 96000; s += 1024) {
    out.track.push(time_of_sample(s), time_of_sample(s) + 10s, block_of(s), false);
    if (s == 1024 * 40) out.track.push(time_of_sample(s), time_of_sample(s) + 10s, block_of(s), false);
  }
  EXPECT_EQ(out.breaks, 0);
  for (Sample s = 480000 + 1024 * 44; s < out.next; ++s)
    ASSERT_NEAR(out.at(s), tone(static_cast<double>(s - 480000)), 2e-3) << s;
}

TEST(SoundTrack, AStepIsTakenAtOnceEitherWay) {
  for (const auto moved : {300ms, -300ms}) {
    Listener out;
    for (Sample s = 0; s < 96000; s += 1024)
      out.track.push(time_of_sample(s), time_of_sample(s) + 10s + (s < 1024 * 40 ? 0ms : moved), block_of(s),
                     s == 1024 * 40);
    EXPECT_EQ(out.track.anchors(), 1u);
    EXPECT_EQ(out.breaks, 0);
    const auto shift = moved.count() * 48;
    for (Sample s = 480000 + 1024 * 40 + 16000; s < out.next; ++s)
      ASSERT_NEAR(out.at(s), tone(static_cast<double>(s - 480000 - shift)), 2e-3) << s << " " << moved.count();
  }
}

TEST(SoundTrack, ALongHoleStartsANewRun) {
  Listener out;
  for (Sample s = 0; s < 48000; s += 1024)
    out.track.push(time_of_sample(s), time_of_sample(s) + 10s, block_of(s), false);
  for (Sample s = 48000 * 60; s < 48000 * 61; s += 1024)
    out.track.push(time_of_sample(s), time_of_sample(s) + 10s, block_of(s), false);
  EXPECT_EQ(out.breaks, 1);
  EXPECT_EQ(out.track.anchors(), 1u);
}

TEST(SoundTrack, OddSizesAndBrokenSamples) {
  Listener out;
  Sample s = 0;
  for (int i = 0; i < 300; ++i) {
    const int count = 1 + i * 7 % 500;
    auto block = block_of(s, count);
    if (i == 100) block[0] = std::nanf(""), block[1] = -block[0];
    out.track.push(time_of_sample(s), time_of_sample(s) + 10s, block, false);
    s += count;
  }
  EXPECT_EQ(out.breaks, 0);
  for (const float value : out.left)
    ASSERT_TRUE(std::isfinite(value));
}
