// A sender whose clock is wrong, in simulated time: the clock and the sound track together keep sound and picture
// together, without a cut.
#include "transcode/decode/feed_clock.hpp"
#include "transcode/decode/sound_track.hpp"

#include <cmath>
#include <gtest/gtest.h>

using namespace pult;
using namespace pult::transcode::decode;
using namespace std::chrono_literals;

namespace {

constexpr Sample kBlock = 1024;

class DriftTest : public testing::TestWithParam<double> {};

} // namespace

// Each sample of the feed carries its own number, so that what comes out says when it was recorded.
TEST_P(DriftTest, SoundStaysWithItsPicture) {
  const auto grid = *Grid::of(25);
  FeedClock clock(grid, 1);
  std::vector<float> heard;
  Sample first = -1;
  Sample next = -1;
  int breaks = 0;
  SoundTrack track([&](Sample at, std::span<const float> samples) {
    if (first < 0) first = at;
    if (next >= 0 && at != next) ++breaks;
    next = at + static_cast<Sample>(samples.size() / 2);
    for (std::size_t i = 0; i < samples.size(); i += 2)
      heard.push_back(samples[i]);
  });
  const auto real = [](Nanoseconds own) { // when it arrives, by our clock
    return 100s + 30ms + Nanoseconds(std::llround(static_cast<double>(own.count()) / (1 + GetParam() * 1e-6)));
  };
  std::uint32_t steps = 0;
  Sample sound = 0;
  std::vector<std::pair<Nanoseconds, Nanoseconds>> pictures; // recorded at, due
  for (Nanoseconds own{}; own < 25s; own += 40ms) {
    clock.observe(Track::kPicture, real(own), own, own);
    pictures.emplace_back(own, *clock.picture_time(own));
    for (; time_of_sample(sound + kBlock) <= own; sound += kBlock) {
      const auto pts = time_of_sample(sound);
      clock.observe(Track::kSound, real(own), pts, pts);
      std::vector<float> block;
      for (Sample s = sound; s < sound + kBlock; ++s)
        block.insert(block.end(), 2, static_cast<float>(s));
      track.push(pts, *clock.sound_time(pts), block, std::exchange(steps, clock.steps()) != clock.steps());
    }
  }
  EXPECT_EQ(breaks, 0);
  EXPECT_EQ(clock.epoch(), 1u);
  double worst = 0;
  for (const auto& [recorded, due] : pictures) {
    const auto at = static_cast<Sample>(std::llround(static_cast<double>(due.count()) * kSampleRate / 1e9)) - first;
    if (recorded < 3s || at < 0 || at >= static_cast<Sample>(heard.size())) continue; // learning; not out yet
    const double recorded_sound = heard[static_cast<std::size_t>(at)] / static_cast<double>(kSampleRate);
    worst = std::max(worst, std::abs(recorded_sound - std::chrono::duration<double>(recorded).count()));
  }
  EXPECT_GT(heard.size(), 20u * kSampleRate);
  EXPECT_LT(worst, 0.040);
  EXPECT_GT(worst, 0);
  int cuts = 0; // a hole or a ramp is thousands of samples off; single precision of such numbers is worth half a one
  for (std::size_t i = 3 * kSampleRate; i + 1 < heard.size(); ++i)
    if (std::abs(heard[i + 1] - heard[i] - 1) > 2) ++cuts;
  EXPECT_EQ(cuts, 0);
}

INSTANTIATE_TEST_SUITE_P(Ppm, DriftTest, testing::Values(-2000.0, -200.0, 200.0, 2000.0));
