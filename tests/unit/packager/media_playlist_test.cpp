#include "packager/media_playlist.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pult::packager {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

constexpr std::uint32_t kTimescale = 90000;
constexpr std::int64_t kPart = 28800;                         // 0.32 s
constexpr Nanoseconds kNoon = 1'795'348'800s + 123'456'789ns; // 2026-11-22T12:00:00.123…Z

HlsTiming timing() {
  return HlsTiming::of(Cutting::of(*Grid::of(25), 1920ms, 320ms));
}

SegmentEntry segment(std::int64_t sequence, const std::string& init = "init-a.mp4") {
  SegmentEntry entry;
  entry.sequence = sequence;
  entry.wall = kNoon + sequence * 1920ms;
  entry.init_name = init;
  return entry;
}

SegmentEntry whole(std::int64_t sequence) {
  auto entry = segment(sequence);
  entry.parts = {{kPart, true}, {kPart, false}, {kPart, false}, {kPart, false}, {kPart, false}, {kPart, false}};
  return entry;
}

MediaPlaylist playlist_of(std::int64_t first, std::int64_t count, std::chrono::seconds window = 7200s) {
  MediaPlaylist playlist(timing(), kTimescale, window);
  for (std::int64_t i = 0; i < count; ++i)
    playlist.append_segment(whole(first + i));
  return playlist;
}

TEST(HlsTiming, DefaultMeetsOnBothGrids) {
  const auto timing_25 = timing();
  EXPECT_EQ(timing_25.parts_per_segment, 6);
  EXPECT_EQ(timing_25.target_duration, 2s);
  EXPECT_EQ(timing_25.part_target, 320ms);
  EXPECT_EQ(timing_25.part_hold_back(), 960ms);
  EXPECT_EQ(timing_25.can_skip_until(), 12s);
}

TEST(HlsTiming, OtherRatesAllowForWholeSoundFrames) {
  // 10 pictures of 30 are 333.3 ms; sound cut at whole frames of 21.3 ms has parts of 15 or 16 frames.
  const auto timing_30 = HlsTiming::of(Cutting::of(*Grid::of(30), 2000ms, 333ms));
  EXPECT_EQ(timing_30.part_target, 342ms);
  EXPECT_EQ(timing_30.target_duration, 2s);
}

TEST(MediaPlaylist, WholeText) {
  MediaPlaylist playlist = playlist_of(100, 4);
  playlist.begin_segment(segment(104), {kPart, true});
  playlist.append_part({kPart, false});
  const std::vector<RenditionReport> others{{"../720p/index.m3u8", {104, 1}}, {"../original/index.m3u8", {104, 0}}};
  EXPECT_EQ(playlist.text(others), R"(#EXTM3U
#EXT-X-VERSION:9
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-TARGETDURATION:2
#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=0.960,HOLD-BACK=6.0,CAN-SKIP-UNTIL=12.0
#EXT-X-PART-INF:PART-TARGET=0.320
#EXT-X-MEDIA-SEQUENCE:100
#EXT-X-DISCONTINUITY-SEQUENCE:0
#EXT-X-MAP:URI="init-a.mp4"
#EXT-X-PROGRAM-DATE-TIME:2026-11-22T12:03:12.123Z
#EXTINF:1.92000,
100.m4s
#EXT-X-PROGRAM-DATE-TIME:2026-11-22T12:03:14.043Z
#EXT-X-PART:DURATION=0.32000,URI="101.0.m4s",INDEPENDENT=YES
#EXT-X-PART:DURATION=0.32000,URI="101.1.m4s"
#EXT-X-PART:DURATION=0.32000,URI="101.2.m4s"
#EXT-X-PART:DURATION=0.32000,URI="101.3.m4s"
#EXT-X-PART:DURATION=0.32000,URI="101.4.m4s"
#EXT-X-PART:DURATION=0.32000,URI="101.5.m4s"
#EXTINF:1.92000,
101.m4s
#EXT-X-PROGRAM-DATE-TIME:2026-11-22T12:03:15.963Z
#EXT-X-PART:DURATION=0.32000,URI="102.0.m4s",INDEPENDENT=YES
#EXT-X-PART:DURATION=0.32000,URI="102.1.m4s"
#EXT-X-PART:DURATION=0.32000,URI="102.2.m4s"
#EXT-X-PART:DURATION=0.32000,URI="102.3.m4s"
#EXT-X-PART:DURATION=0.32000,URI="102.4.m4s"
#EXT-X-PART:DURATION=0.32000,URI="102.5.m4s"
#EXTINF:1.92000,
102.m4s
#EXT-X-PROGRAM-DATE-TIME:2026-11-22T12:03:17.883Z
#EXT-X-PART:DURATION=0.32000,URI="103.0.m4s",INDEPENDENT=YES
#EXT-X-PART:DURATION=0.32000,URI="103.1.m4s"
#EXT-X-PART:DURATION=0.32000,URI="103.2.m4s"
#EXT-X-PART:DURATION=0.32000,URI="103.3.m4s"
#EXT-X-PART:DURATION=0.32000,URI="103.4.m4s"
#EXT-X-PART:DURATION=0.32000,URI="103.5.m4s"
#EXTINF:1.92000,
103.m4s
#EXT-X-PROGRAM-DATE-TIME:2026-11-22T12:03:19.803Z
#EXT-X-PART:DURATION=0.32000,URI="104.0.m4s",INDEPENDENT=YES
#EXT-X-PART:DURATION=0.32000,URI="104.1.m4s"
#EXT-X-PRELOAD-HINT:TYPE=PART,URI="104.2.m4s"
#EXT-X-RENDITION-REPORT:URI="../720p/index.m3u8",LAST-MSN=104,LAST-PART=1
#EXT-X-RENDITION-REPORT:URI="../original/index.m3u8",LAST-MSN=104,LAST-PART=0
)");
}

TEST(MediaPlaylist, DeltaSkipsWhatLiesWhollyBeyondTheBoundary) {
  // The end is 0.32 s into segment 20: 14 to 19 end within 12 s of it (14 ends 9.92 s before, 13 11.84 s, 12 13.76 s).
  MediaPlaylist playlist = playlist_of(0, 20);
  playlist.begin_segment(segment(20), {kPart, true});
  const auto delta = playlist.delta_text({});
  EXPECT_THAT(delta, HasSubstr("#EXT-X-MEDIA-SEQUENCE:0\n#EXT-X-DISCONTINUITY-SEQUENCE:0\n"
                               "#EXT-X-SKIP:SKIPPED-SEGMENTS=13\n#EXT-X-PROGRAM-DATE-TIME:"));
  EXPECT_THAT(delta, HasSubstr(",\n13.m4s\n"));
  EXPECT_THAT(delta, Not(HasSubstr(",\n12.m4s\n")));
  // What is not skipped is the same text.
  const auto full = playlist.text({});
  const auto tail = delta.substr(delta.find("#EXT-X-PROGRAM-DATE-TIME"));
  EXPECT_EQ(full.substr(full.size() - tail.size()), tail);
}

TEST(MediaPlaylist, DeltaIsPlainWhereNothingIsSkipped) {
  const auto playlist = playlist_of(0, 6);
  EXPECT_EQ(playlist.delta_text({}), playlist.text({}));
}

TEST(MediaPlaylist, HintsTheFirstPartOfTheNextSegment) {
  const auto playlist = playlist_of(7, 1);
  EXPECT_THAT(playlist.text({}), HasSubstr("#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"8.0.m4s\"\n"));
  EXPECT_EQ(playlist.next(), (PartPlace{8, 0}));
  EXPECT_EQ(playlist.last_part(), (PartPlace{7, 5}));
}

TEST(MediaPlaylist, DiscontinuityHasItsMapAndIsCountedWhenItLeaves) {
  MediaPlaylist playlist(timing(), kTimescale, 20s); // 11 segments
  playlist.append_segment(whole(0));
  auto after = segment(1, "init-b.mp4");
  after.discontinuity = true;
  after.discontinuity_sequence = 1;
  playlist.begin_segment(after, {kPart, true});
  EXPECT_THAT(playlist.text({}),
              HasSubstr("0.m4s\n#EXT-X-DISCONTINUITY\n#EXT-X-MAP:URI=\"init-b.mp4\"\n#EXT-X-PROGRAM-DATE-TIME"));
  for (int part = 1; part < 6; ++part)
    playlist.append_part({kPart, false});
  playlist.complete_segment();
  for (std::int64_t i = 2; i < 30; ++i) {
    auto entry = whole(i);
    entry.init_name = "init-b.mp4";
    entry.discontinuity_sequence = 1;
    playlist.append_segment(entry);
    const bool tag_listed = playlist.first_sequence() <= 1;
    const auto text = playlist.text({});
    EXPECT_EQ(text.find("#EXT-X-DISCONTINUITY\n") != std::string::npos, tag_listed);
    EXPECT_THAT(text,
                HasSubstr(tag_listed ? "#EXT-X-DISCONTINUITY-SEQUENCE:0\n" : "#EXT-X-DISCONTINUITY-SEQUENCE:1\n"));
    EXPECT_THAT(text, HasSubstr(playlist.first_sequence() == 0 ? "#EXT-X-MAP:URI=\"init-a.mp4\""
                                                               : "#EXT-X-MAP:URI=\"init-b.mp4\""));
  }
}

TEST(MediaPlaylist, TheWindowMovesByOneSegmentAtATime) {
  MediaPlaylist playlist(timing(), kTimescale, 20s);
  std::int64_t first = 0;
  for (std::int64_t i = 0; i < 40; ++i) {
    playlist.append_segment(whole(i));
    EXPECT_LE(playlist.first_sequence() - first, 1);
    first = playlist.first_sequence();
  }
  EXPECT_EQ(playlist.whole_segments(), 11u); // 21.12 s: never less than the window
}

TEST(MediaPlaylist, EndMakesAShorterLastSegment) {
  MediaPlaylist playlist = playlist_of(0, 3);
  playlist.begin_segment(segment(3), {kPart, true});
  playlist.end();
  const auto text = playlist.text({{"../720p/index.m3u8", {3, 0}}});
  EXPECT_THAT(text, HasSubstr("#EXT-X-PART:DURATION=0.32000,URI=\"3.0.m4s\",INDEPENDENT=YES\n"
                              "#EXTINF:0.32000,\n3.m4s\n#EXT-X-ENDLIST\n"));
  EXPECT_THAT(text, Not(HasSubstr("PRELOAD-HINT")));
  EXPECT_THAT(text, Not(HasSubstr("RENDITION-REPORT")));
}

TEST(MediaPlaylist, LinesNeverChange) {
  // Every line of a segment that both versions list is the same, but for PART lines that leave.
  MediaPlaylist playlist(timing(), kTimescale, 20s);
  std::map<std::int64_t, std::string> seen;
  for (std::int64_t i = 0; i < 30; ++i) {
    playlist.append_segment(whole(i));
    const auto text = playlist.text({});
    for (auto sequence = playlist.first_sequence(); sequence <= i; ++sequence) {
      const auto uri = ",\n" + std::to_string(sequence) + ".m4s\n";
      const auto end = text.find(uri);
      ASSERT_NE(end, std::string::npos);
      const auto begin = text.rfind("#EXTINF", end);
      const auto lines = text.substr(begin, end - begin);
      EXPECT_EQ(seen.try_emplace(sequence, lines).first->second, lines);
    }
  }
}

} // namespace
} // namespace pult::packager
