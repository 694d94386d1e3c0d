// The metronome under a script: kills, stalls, slates, restarts; every part judged as a strict decoder would.
#include <gtest/gtest.h>

#include <random>

#include "room_model.hpp"

namespace pult::packager {
namespace {

using namespace test;

class TimelineTest : public testing::Test {
 protected:
  void go_live() {
    room.connect();
    room.send_slates();
    room.timeline->begin_show("s", 0, false, room.now);
    room.run_for(6s);
  }
  // Indices of a rung that were filled, in order.
  std::vector<PictureIndex> filled(std::size_t track = 0) const {
    std::vector<PictureIndex> indices;
    for (const auto& [key, seen] : room.judge.seen)
      if (key.first == track && !seen.live) indices.push_back(key.second);
    return indices;
  }
  Nanoseconds worst_gap() const { // between two parts of rung 0, as a player sees them
    Nanoseconds worst{};
    std::optional<Nanoseconds> last;
    for (const auto& [key, seen] : room.judge.seen) {
      if (key.first != 0) continue;
      if (last) worst = std::max(worst, seen.published - *last);
      last = seen.published;
    }
    return worst;
  }
  const Timeline::Counters& counters() const { return room.timeline->counters(); }

  Room room;
};

TEST_F(TimelineTest, LiveIsPublishedAsSoonAsItIsThere) {
  go_live();
  EXPECT_TRUE(room.timeline->live());
  EXPECT_TRUE(filled().empty());
  EXPECT_EQ(counters().filled_sounds, 0U);
  ASSERT_FALSE(room.judge.parts.empty());
  EXPECT_EQ(room.judge.parts.front().sequence, 0);
  EXPECT_TRUE(room.cutting.starts_segment(room.judge.parts.front().first_picture));
  for (const CutPart& part : room.judge.parts) {
    const auto last = room.grid.time_of(part.first_picture + 7);
    const auto published = room.judge.seen[{0, part.first_picture}].published;
    EXPECT_LE(published - last, 180ms);
  }
  EXPECT_NEAR(static_cast<double>(room.timeline->usual().count()), 140e6, 30e6);
}

TEST_F(TimelineTest, AKilledEncoderIsFilledWhenDueAndComesBackOnAllTracksAtOneIndex) {
  go_live();
  room.kill();
  room.run_for(800ms);
  EXPECT_FALSE(room.timeline->live());
  room.connect();
  room.run_for(3s);
  EXPECT_TRUE(room.timeline->live());
  EXPECT_EQ(filled(0), filled(1));
  ASSERT_FALSE(filled().empty());
  EXPECT_EQ(filled().back() - filled().front() + 1, static_cast<PictureIndex>(filled().size()))
      << "one fill, no flapping";
  const PictureIndex back = filled().back() + 1;
  EXPECT_TRUE(room.judge.seen.at({0, back}).idr);
  const SoundIndex sound = room.grid.sound_at_or_after(back);
  EXPECT_TRUE(room.judge.seen.at({2, sound}).live);
  EXPECT_FALSE(room.judge.seen.at({2, sound - 1}).live);
  for (const auto& [key, seen] : room.judge.seen)
    EXPECT_FALSE(seen.slate) << "a slate for a fault of less than 3 s";
  EXPECT_LE(worst_gap(), 320ms + 250ms + 20ms);
  EXPECT_EQ(counters().faults, 1U);
  EXPECT_EQ(counters().late_parts, 0U);
  EXPECT_TRUE(room.judge.discontinuities.empty());
}

TEST_F(TimelineTest, ALongFaultShowsTheSlateAfterThreeSeconds) {
  go_live();
  room.kill();
  room.run_for(6s);
  EXPECT_EQ(room.timeline->slate_shown(), SlateKind::kFault);
  const PictureIndex first = filled().front();
  // At the first part that begins 3 s after the fault or later.
  const PictureIndex slate_from = (first + 75 + 7) / 8 * 8;
  for (const PictureIndex n : filled())
    EXPECT_EQ(room.judge.seen.at({0, n}).slate.has_value(), n >= slate_from) << n - first;
  room.connect();
  room.run_for(3s);
  EXPECT_TRUE(room.timeline->live());
  EXPECT_FALSE(room.timeline->slate_shown());
}

TEST_F(TimelineTest, AShortStopIsWaitedForAndShowsNoSlate) {
  go_live();
  room.stall(500ms);
  room.run_for(4s);
  EXPECT_TRUE(room.timeline->live());
  EXPECT_LE(filled().size(), 20U);
  for (const auto& [key, seen] : room.judge.seen)
    EXPECT_FALSE(seen.slate);
  EXPECT_EQ(counters().late_parts, 0U);
}

TEST_F(TimelineTest, AStopOfThreeSecondsRefusesTheLatePacketsAndComesBackAtAnIdr) {
  go_live();
  room.stall(3s);
  room.run_for(3s);
  EXPECT_FALSE(room.timeline->live());
  room.run_for(2s);
  EXPECT_TRUE(room.timeline->live());
  EXPECT_GT(counters().late_packets, 50U);
  EXPECT_GT(room.judge.asked, 0);
  EXPECT_EQ(counters().late_parts, 0U);
}

TEST_F(TimelineTest, OurOwnLateWakeIsNoFaultOfTheEncoders) {
  go_live();
  room.sleep_for(900ms); // stopped, or starved; what was sent waits in the socket
  room.timeline->woke_late(room.now);
  (void)room.timeline->advance(room.now);
  room.run_for(2s);
  EXPECT_TRUE(filled().empty());
  room.kill();
  for (int i = 0; i < 100; ++i) { // always late: the timeline goes on all the same
    room.sleep_for(100ms);
    room.timeline->woke_late(room.now);
    (void)room.timeline->advance(room.now);
  }
  EXPECT_LE(room.now - room.grid.time_of(room.timeline->next_picture()), 1200ms);
}

TEST_F(TimelineTest, ALostPictureHoldsThatRungOnlyUntilTheNextCommonIdr) {
  go_live();
  const PictureIndex lost = room.timeline->next_picture() + 19;
  room.loses = [&](std::size_t track, std::int64_t index) { return track == 1 && index == lost; };
  room.run_for(4s);
  EXPECT_TRUE(filled(0).empty());
  ASSERT_FALSE(filled(1).empty());
  EXPECT_EQ(filled(1).front(), lost);
  EXPECT_TRUE(room.timeline->live());
}

TEST_F(TimelineTest, TheCrewsSlateLiesOverAtOnceAndGoesAtAnIdr) {
  go_live();
  room.timeline->crew_slate(SlateKind::kPause, room.now);
  room.run_for(5s);
  EXPECT_EQ(room.timeline->slate_shown(), SlateKind::kPause);
  EXPECT_EQ(counters().faults, 0U);
  EXPECT_EQ(room.judge.asked, 0);
  for (const PictureIndex n : filled()) {
    EXPECT_EQ(room.judge.seen.at({0, n}).slate, SlateKind::kPause);
    EXPECT_FALSE(room.judge.seen.at({2, room.grid.sound_at_or_after(n)}).live);
  }
  room.timeline->crew_slate(std::nullopt, room.now);
  room.run_for(2s);
  EXPECT_TRUE(room.timeline->live());
  EXPECT_EQ(room.judge.asked, 1);
  EXPECT_LE(worst_gap(), 320ms + 250ms + 20ms);
}

TEST_F(TimelineTest, AFaultUnderTheCrewsSlateKeepsTheCrewsSlate) {
  go_live();
  room.timeline->crew_slate(SlateKind::kPause, room.now);
  room.run_for(1s);
  room.kill();
  room.run_for(6s);
  EXPECT_EQ(room.timeline->slate_shown(), SlateKind::kPause);
  room.timeline->crew_slate(std::nullopt, room.now);
  room.run_for(2s);
  EXPECT_EQ(room.timeline->slate_shown(), SlateKind::kPause) << "nothing else to show yet";
  room.run_for(3s);
  EXPECT_EQ(room.timeline->slate_shown(), SlateKind::kFault);
}

TEST_F(TimelineTest, ARestartedPackagerGoesOnLiveFromWhatTranscodeKept) {
  go_live();
  room.restart_packager(200ms);
  room.run_for(3s);
  EXPECT_TRUE(filled().empty());
  EXPECT_TRUE(room.timeline->live());
  EXPECT_EQ(counters().late_parts, 0U);
}

TEST_F(TimelineTest, ARestartedPackagerWithoutTranscodeFillsAndNeverBreaksTheChain) {
  go_live();
  room.kill();
  room.restart_packager(900ms);
  room.timeline->link_closed();
  room.run_for(2s);
  EXPECT_FALSE(room.timeline->live());
  room.connect();
  room.run_for(3s);
  EXPECT_TRUE(room.timeline->live());
  EXPECT_TRUE(room.judge.discontinuities.empty());
}

TEST_F(TimelineTest, ARestartDuringAFillGoesOnWithTheFill) {
  go_live();
  room.kill();
  room.run_for(1500ms);
  room.restart_packager(300ms);
  room.timeline->link_closed();
  room.run_for(4s);
  room.connect();
  room.run_for(3s);
  EXPECT_TRUE(room.timeline->live());
  EXPECT_EQ(filled(0), filled(1));
}

struct Recorder : TimelineOut {
  void formats(const std::vector<TrackToolsPtr>&) override {}
  void part(const CutPart& part) override { parts.push_back(part); }
  void show_ends(const std::string&) override {}
  void ask_idr(std::uint32_t) override {}
  std::vector<CutPart> parts;
};

TEST_F(TimelineTest, ARowThatOnlySomeTracksHaveIsMadeUpFor) {
  go_live();
  const CutPart lost = room.judge.parts.back();
  ASSERT_EQ(lost.track, 2U);
  room.judge.parts.pop_back(); // killed after the rungs' lines, before the sound's
  Recorder out;
  Timeline again(room.cutting, {TrackKind::kVideo, TrackKind::kVideo, TrackKind::kSound}, out);
  again.resume_show(room.resume_point(), room.now);
  (void)again.advance(room.now + 600ms);
  ASSERT_GE(out.parts.size(), 4U);
  EXPECT_EQ(out.parts[0].track, 2U);
  EXPECT_EQ(out.parts[0].first_picture, lost.first_picture);
  EXPECT_EQ(out.parts[0].sequence, lost.sequence);
  EXPECT_EQ(out.parts[0].number, lost.number);
  for (std::size_t t = 0; t < 3; ++t) {
    EXPECT_EQ(out.parts[1 + t].track, t);
    EXPECT_EQ(out.parts[1 + t].first_picture, lost.first_picture + 8);
  }
}

TEST_F(TimelineTest, ARestartDuringAFillWaitsForNobody) {
  go_live();
  room.kill();
  room.run_for(1500ms);
  ASSERT_FALSE(room.timeline->live());
  Recorder out;
  Timeline again(room.cutting, {TrackKind::kVideo, TrackKind::kVideo, TrackKind::kSound}, out);
  room.now += 400ms; // what the restart took
  again.resume_show(room.resume_point(), room.now);
  (void)again.advance(room.now);
  EXPECT_GE(out.parts.size(), 3U) << "transcode was away before the packager was: what is due is filled at once";
}

TEST_F(TimelineTest, MoreThanThirtySecondsBehindLeapsOnceWithADiscontinuity) {
  go_live();
  room.kill();
  const auto sequence = room.judge.parts.back().sequence;
  room.now += 60s;
  room.run_for(3s);
  room.connect();
  room.run_for(4s);
  EXPECT_EQ(room.judge.discontinuities.size(), 1U);
  EXPECT_EQ(counters().discontinuities, 1U);
  EXPECT_LE(room.judge.parts.back().sequence, sequence + 6) << "no flood of segments for the time that is lost";
  EXPECT_TRUE(room.timeline->live());
}

TEST_F(TimelineTest, TwentySecondsBehindAreFilledWithoutADiscontinuity) {
  go_live();
  room.kill();
  room.now += 20s;
  room.run_for(100ms);
  room.connect();
  room.run_for(4s);
  EXPECT_TRUE(room.judge.discontinuities.empty());
  EXPECT_TRUE(room.timeline->live());
}

TEST_F(TimelineTest, OtherParameterSetsMakeOneDiscontinuityAtASegment) {
  go_live();
  room.kill();
  room.run_for(500ms);
  room.sps = kSps;
  room.sps[3] = 42; // another level
  room.connect();
  room.run_for(5s);
  ASSERT_EQ(room.judge.discontinuities.size(), 1U);
  EXPECT_TRUE(room.timeline->live());
  EXPECT_EQ(room.judge.parts.front().tools->codec, room.judge.parts[1].tools->codec);
  for (const CutPart& part : room.judge.parts) {
    const bool behind = part.first_picture >= *room.judge.discontinuities.begin();
    EXPECT_TRUE(part.track == 2 || part.tools->codec.ends_with("2a") == behind) << part.tools->codec;
  }
}

TEST_F(TimelineTest, TheShowEndsWithItsSegment) {
  go_live();
  room.timeline->end_show();
  room.run_for(3s);
  EXPECT_EQ(room.judge.ended, std::vector<std::string>{"s"});
  EXPECT_TRUE(room.judge.parts.back().last_of_segment);
  EXPECT_FALSE(room.timeline->on_air());
}

TEST_F(TimelineTest, WithoutAnyPictureTheShowBeginsLater) {
  room.timeline->begin_show("s", 5, false, room.now);
  room.run_for(3s); // nobody is there, nothing is known
  EXPECT_TRUE(room.judge.parts.empty());
  room.connect();
  room.run_for(6s);
  ASSERT_FALSE(room.judge.parts.empty());
  EXPECT_EQ(room.judge.parts.front().sequence, 5);
  EXPECT_TRUE(room.timeline->live());
  EXPECT_TRUE(filled().empty());
}

TEST_F(TimelineTest, BrokenAndStrayPacketsAreCountedAndChangeNothing) {
  go_live();
  const auto next = room.timeline->next_picture();
  room.timeline->packet(0, room.run, next, share(Bytes{0, 0, 0, 9, 0x65}));
  room.timeline->packet(9, room.run, next, share(Bytes{1}));
  room.timeline->packet(0, room.run, next + 100000, make_sample({true, true, 0, 7, 0, 1, 0}, 1));
  room.timeline->packet(0, room.run, next - 1, make_sample({true, true, 0, 7, 0, 1, 0}, 1));
  EXPECT_EQ(counters().refused_packets, 3U);
  EXPECT_EQ(counters().late_packets, 1U);
  room.run_for(2s);
  EXPECT_TRUE(filled().empty());
}

// Random schedules over all rates: whatever happens, the judge finds nothing.
class TimelineSchedules : public testing::TestWithParam<int> {};

TEST_P(TimelineSchedules, HoldTheRules) {
  std::mt19937 random(static_cast<unsigned>(GetParam()));
  const std::array rates{25, 30, 50, 60};
  Room room(rates[random() % rates.size()]);
  room.connect();
  if (random() % 4 != 0) room.send_slates();
  room.timeline->begin_show("s", 0, false, room.now);
  bool up = true;
  for (int act = 0; act < 8; ++act) {
    room.run_for(std::chrono::milliseconds(100 + random() % 1800));
    switch (random() % 7) {
    case 0:
      if (up) room.kill();
      up = false;
      break;
    case 1:
      if (!up) room.connect();
      up = true;
      break;
    case 2:
      room.stall(std::chrono::milliseconds(random() % 1200));
      break;
    case 3:
      room.timeline->crew_slate(static_cast<SlateKind>(random() % 4), room.now);
      break;
    case 4:
      room.timeline->crew_slate(std::nullopt, room.now);
      break;
    case 5:
      if (room.judge.parts.empty()) break;
      room.restart_packager(std::chrono::milliseconds(random() % 700));
      if (!up) room.timeline->link_closed();
      break;
    default:
      room.loses = [seed = random()](std::size_t track, std::int64_t index) {
        return (static_cast<std::uint64_t>(index) * 7 + track + seed) % 90 == 0;
      };
    }
  }
  room.loses = [](auto, auto) { return false; };
  room.timeline->crew_slate(std::nullopt, room.now);
  if (!up) room.connect();
  room.run_for(5s);
  EXPECT_TRUE(room.timeline->live());
  EXPECT_TRUE(room.judge.discontinuities.empty());
}

INSTANTIATE_TEST_SUITE_P(Seeds, TimelineSchedules, testing::Range(0, 40));

} // namespace
} // namespace pult::packager
