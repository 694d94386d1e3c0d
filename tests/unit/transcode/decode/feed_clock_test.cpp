// Synthetic arrivals of a camera against the feed's clock.
#include "transcode/decode/feed_clock.hpp"

#include <cmath>
#include <gtest/gtest.h>
#include <random>

using namespace pult;
using namespace pult::transcode::decode;
using namespace std::chrono_literals;

namespace {

const Grid kGrid = *Grid::of(25);

// A sender: pictures each 40 ms and sound each 21.3 ms of its own clock, seen through a network with a least delay and
// jitter.
struct Sender {
  double ppm = 0;             // its clock against ours
  Nanoseconds timestamp0{5s}; // of its first picture
  Nanoseconds start{100s};    // programme time at which it begins
  Nanoseconds delay{30ms};
  Nanoseconds jitter{0};
  Nanoseconds sound_lag{0};
  Nanoseconds picture_period{40ms};
  std::mt19937 random{7};

  Nanoseconds real(Nanoseconds own) const {
    return start + Nanoseconds(std::llround(static_cast<double>(own.count()) / (1 + ppm * 1e-6)));
  }
  Nanoseconds network() {
    return delay +
           (jitter.count() > 0 ? Nanoseconds(static_cast<std::int64_t>(random() % jitter.count())) : Nanoseconds{0});
  }
};

struct Playback {
  explicit Playback(FeedClock& c) : clock(c) {}
  FeedClock& clock;
  Nanoseconds own{0};
  Nanoseconds next_sound{0};
  Nanoseconds last_pts{0};
  Nanoseconds last_arrival{0};
  double worst_late_ms = 0;  // a picture that arrived after it was due
  double worst_early_ms = 0; // … or waits that long
  double worst_off_grid_ms = 0;
  double worst_sound_ms = 0; // between sound and picture of one instant

  void play(Sender& sender, Nanoseconds length, bool with_sound = true) {
    const auto end = own + length;
    for (; own < end; own += sender.picture_period) {
      const auto pts = sender.timestamp0 + own;
      last_arrival = sender.real(own) + sender.network();
      clock.observe(Track::kPicture, last_arrival, pts, pts);
      for (; with_sound && next_sound <= own; next_sound += 21333333ns) {
        const auto sound = sender.timestamp0 + next_sound;
        clock.observe(Track::kSound, sender.real(next_sound) + sender.network() + sender.sound_lag, sound, sound);
      }
      last_pts = pts;
      note();
    }
  }
  void forget() { worst_late_ms = worst_early_ms = worst_off_grid_ms = worst_sound_ms = 0; }
  void note() {
    const auto due = *clock.picture_time(last_pts);
    const double waits = std::chrono::duration<double, std::milli>(due - last_arrival).count();
    worst_late_ms = std::max(worst_late_ms, -waits);
    worst_early_ms = std::max(worst_early_ms, waits);
    const auto on_grid = kGrid.time_of(kGrid.picture_at(due));
    worst_off_grid_ms = std::max(worst_off_grid_ms, std::chrono::duration<double, std::milli>(due - on_grid).count());
    const auto sound = *clock.sound_time(last_pts);
    worst_sound_ms = std::max(worst_sound_ms, std::abs(std::chrono::duration<double, std::milli>(sound - due).count()));
  }
};

} // namespace

TEST(FeedClock, KnowsNothingBeforeTheFirstArrival) {
  const FeedClock clock(kGrid, 1);
  EXPECT_FALSE(clock.picture_time(1s));
  EXPECT_FALSE(clock.sound_time(1s));
}

TEST(FeedClock, TakesTheFastestWayThroughJitter) {
  FeedClock clock(kGrid, 1);
  Sender sender;
  sender.jitter = 60ms;
  sender.picture_period = 37ms; // not the programme's rate: the plain offset
  Playback run(clock);
  run.play(sender, 30s);
  EXPECT_NEAR(static_cast<double>(clock.offset().count()) / 1e6, 100e3 + 30 - 5e3, 2.0);
  EXPECT_EQ(clock.epoch(), 1u);
  EXPECT_FALSE(clock.on_grid());
}

TEST(FeedClock, PicturesOfTheProgrammesRateFallOnTheGrid) {
  for (const auto phase : {0ms, 1ms, 13ms, 39ms}) {
    FeedClock clock(kGrid, 1);
    Sender sender;
    sender.start = 100s + phase;
    Playback run(clock);
    run.play(sender, 2s);
    run.forget();
    run.play(sender, 10s);
    EXPECT_TRUE(clock.on_grid());
    EXPECT_EQ(run.worst_off_grid_ms, 0);
    EXPECT_LT(run.worst_sound_ms, 0.1);
    EXPECT_EQ(run.worst_late_ms, 0) << "rounded up, never down";
    EXPECT_LE(run.worst_early_ms, 41);
  }
}

TEST(FeedClock, TimesRoundedToMillisecondsStayOnTheGrid) {
  const auto grid = *Grid::of(30);
  FeedClock clock(grid, 1);
  PictureIndex last = 0;
  for (int i = 0; i < 900; ++i) {
    const auto pts = 5s + std::chrono::milliseconds(std::lround(i * 1000.0 / 30));
    clock.observe(Track::kPicture, 95s + pts, pts, pts);
    const auto due = *clock.picture_time(pts);
    const auto n = grid.picture_at(due);
    if (i > 60) {
      EXPECT_EQ(n, last + 1) << i;
    }
    last = n;
  }
  EXPECT_TRUE(clock.on_grid());
}

TEST(FeedClock, DoesNotFlapAtTheEdgeOfAPicture) {
  FeedClock clock(kGrid, 1);
  Sender sender;
  sender.jitter = 4ms; // around a point of the grid
  sender.delay = 40ms - 2ms;
  Playback run(clock);
  run.play(sender, 5s);
  const auto offset = clock.offset();
  run.play(sender, 60s);
  EXPECT_EQ(clock.offset(), offset);
}

TEST(FeedClock, FollowsADriftingSender) {
  for (const double ppm : {-200.0, 200.0, -2000.0, 2000.0}) {
    FeedClock clock(kGrid, 1);
    Sender sender;
    sender.ppm = ppm;
    sender.jitter = 5ms;
    Playback run(clock);
    run.play(sender, 10s);
    run.forget();
    run.play(sender, 600s);
    EXPECT_EQ(clock.epoch(), 1u) << ppm;
    EXPECT_LT(run.worst_late_ms, 85) << ppm;
    EXPECT_LT(run.worst_early_ms, 160) << ppm;
    EXPECT_NEAR(clock.drift_ppm(), ppm, 60 + std::abs(ppm) * 0.05) << ppm;
  }
}

TEST(FeedClock, AJumpOfAnHourAnchorsAnewWithinAMoment) {
  for (const auto jump : {3600s, -3600s}) {
    FeedClock clock(kGrid, 1);
    Sender sender;
    sender.timestamp0 = 2h;
    Playback run(clock);
    run.play(sender, 10s);
    sender.timestamp0 += jump;
    run.play(sender, 200ms);
    run.forget();
    run.play(sender, 10s);
    EXPECT_EQ(clock.epoch(), 2u);
    EXPECT_LT(run.worst_late_ms, 1);
    EXPECT_LT(run.worst_early_ms, 50);
  }
}

TEST(FeedClock, TheOtherTrackMayStillCarryTimesFromBeforeTheJump) {
  for (const auto jump : {3600s, -3600s}) {
    FeedClock clock(kGrid, 1);
    Sender sender;
    sender.timestamp0 = 2h;
    Playback run(clock);
    run.play(sender, 10s);
    const auto before = sender.timestamp0;
    sender.timestamp0 += jump;
    for (int i = 0; i < 10; ++i) { // 400 ms of pictures after the jump, sound from before
      run.play(sender, 40ms, false);
      const auto old = before + run.own;
      clock.observe(Track::kSound, run.last_arrival, old, old);
    }
    run.next_sound = run.own;
    run.play(sender, 5s);
    EXPECT_EQ(clock.epoch(), 2u);
    EXPECT_EQ(run.worst_late_ms < 1, true) << run.worst_late_ms;
  }
}

TEST(FeedClock, WrapOf33Bits) {
  const auto wrap = Nanoseconds((1LL << 33) * 100000 / 9);
  FeedClock clock(kGrid, 1);
  Sender sender;
  sender.timestamp0 = wrap - 10s;
  Playback run(clock);
  run.play(sender, 10s);
  sender.timestamp0 -= wrap;
  run.play(sender, 200ms);
  run.forget();
  run.play(sender, 10s);
  EXPECT_LT(run.worst_late_ms, 1);
  EXPECT_LT(run.worst_early_ms, 50);
  EXPECT_EQ(clock.epoch(), 2u);
}

TEST(FeedClock, RestartFromZero) {
  FeedClock clock(kGrid, 1);
  Sender sender;
  Playback run(clock);
  run.play(sender, 60s);
  sender.start += 60s + 3s; // 3 s of silence, then from the beginning
  sender.timestamp0 = 0s;
  run.own = run.next_sound = 0s;
  run.play(sender, 40ms);
  EXPECT_EQ(clock.epoch(), 2u);
  run.forget();
  run.play(sender, 10s);
  EXPECT_LT(run.worst_late_ms, 1);
  EXPECT_LT(run.worst_early_ms, 50);
}

TEST(FeedClock, ASilenceWithTimestampsGoingOnChangesNothing) {
  FeedClock clock(kGrid, 1);
  Sender sender;
  Playback run(clock);
  run.play(sender, 10s);
  const auto offset = clock.offset();
  run.own += 60s;
  run.next_sound = run.own;
  run.play(sender, 5s);
  EXPECT_EQ(clock.epoch(), 1u);
  EXPECT_EQ(clock.offset(), offset);
}

TEST(FeedClock, ABurstAfterAStallIsWaitedOut) {
  FeedClock clock(kGrid, 1);
  Sender sender;
  Playback run(clock);
  run.play(sender, 10s);
  const auto offset = clock.offset();
  for (int i = 0; i < 75; ++i, run.own += 40ms) { // 3 s arrive at once
    const auto pts = sender.timestamp0 + run.own;
    clock.observe(Track::kPicture, sender.real(13s), pts, pts);
  }
  run.next_sound = run.own;
  run.play(sender, 5s);
  EXPECT_EQ(clock.epoch(), 1u);
  EXPECT_EQ(clock.offset(), offset);
}

TEST(FeedClock, ALongerWayIsAcceptedAfterASecond) {
  FeedClock clock(kGrid, 1);
  Sender sender;
  Playback run(clock);
  run.play(sender, 30s);
  sender.delay += 800ms;
  run.play(sender, 3s);
  run.forget();
  run.play(sender, 5s);
  EXPECT_EQ(clock.epoch(), 2u);
  EXPECT_LT(run.worst_late_ms, 1);
}

TEST(FeedClock, SoundInLongPacketsMovesTheOffset) {
  for (const auto& [lag, moved] : {std::pair{50ms, 0ms}, {170ms, 90ms}, {350ms, 270ms}, {500ms, 280ms}}) {
    FeedClock clock(kGrid, 1);
    Sender sender;
    sender.sound_lag = lag;
    sender.picture_period = 37ms;
    Playback run(clock);
    run.play(sender, 10s);
    EXPECT_NEAR(static_cast<double>(clock.offset().count()) / 1e6,
                100e3 + 30 - 5e3 + static_cast<double>(moved.count()), 1.0);
  }
}

TEST(FeedClock, SoundInPacketsThatAreLongNowAndThenIsNeverTooLate) {
  FeedClock clock(kGrid, 1);
  Sender sender;
  Playback run(clock);
  for (int second = 0; second < 30; ++second) { // ffmpeg's packets hold more of what is quiet
    sender.sound_lag = 90ms;
    run.play(sender, 900ms);
    sender.sound_lag = 350ms;
    run.play(sender, 100ms);
  }
  const auto longest = sender.real(run.own) + sender.delay + sender.sound_lag;
  EXPECT_LE(longest - *clock.sound_time(sender.timestamp0 + run.own), FeedClock::kTrackMayLag);
  // Once is no habit: the pictures do not wait for it.
  const auto offset = clock.offset();
  sender.sound_lag = 450ms;
  run.play(sender, 40ms);
  sender.sound_lag = 90ms;
  run.play(sender, 3s);
  EXPECT_LE(clock.offset(), offset + 1ms);
}

TEST(FeedClock, SoundThatBeginsTenSecondsLateInLongPacketsIsHeardAtOnce) {
  for (const auto period : {40ms, 37ms}) { // on the grid and beside it
    FeedClock clock(kGrid, 1);
    Sender sender;
    sender.picture_period = period;
    Playback run(clock);
    run.play(sender, 10s, false);
    const auto steps = clock.steps();
    sender.sound_lag = 350ms;
    run.next_sound = run.own;
    run.play(sender, 100ms);
    EXPECT_EQ(clock.epoch(), 1u);
    EXPECT_GT(clock.steps(), steps) << "the sound has to jump along";
    const auto arrival = sender.real(run.next_sound) + sender.delay + sender.sound_lag;
    EXPECT_LE(arrival - *clock.sound_time(sender.timestamp0 + run.next_sound), 160ms) << "the mixer waits for 200";
    const auto offset = clock.offset();
    run.play(sender, 60s);
    EXPECT_NEAR(static_cast<double>((clock.offset() - offset).count()), 0, 20e6) << "and stays where it is";
  }
}

TEST(FeedClock, SoundThatComesAgainAfterASilenceStepsAsWell) {
  FeedClock clock(kGrid, 1);
  Sender sender;
  sender.sound_lag = 350ms;
  Playback run(clock);
  run.play(sender, 30s);
  run.play(sender, 60s, false);
  run.next_sound = run.own;
  run.play(sender, 100ms);
  const auto arrival = sender.real(run.next_sound) + sender.delay + sender.sound_lag;
  EXPECT_LE(arrival - *clock.sound_time(sender.timestamp0 + run.next_sound), 160ms);
}

TEST(FeedClock, ReorderedPicturesAreNotLate) {
  FeedClock clock(kGrid, 1);
  for (int i = 0; i < 500; ++i) {
    const auto dts = 5s + i * 40ms;
    const auto pts = dts + (i % 4 == 0 ? 160ms : 40ms);
    clock.observe(Track::kPicture, 95s + dts, dts, pts);
  }
  EXPECT_EQ(*clock.picture_time(10s), 105s);
}

TEST(FeedClock, FollowsOnlySoundWhenThereIsNoPicture) {
  FeedClock clock(kGrid, 1);
  for (int i = 0; i < 500; ++i)
    clock.observe(Track::kSound, 95s + 20ms * i, 20ms * i, 20ms * i);
  EXPECT_EQ(*clock.sound_time(1s), 96s);
}
