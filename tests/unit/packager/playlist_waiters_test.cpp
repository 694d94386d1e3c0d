#include "packager/playlist_waiters.hpp"

#include <gtest/gtest.h>

namespace pult::packager {
namespace {

using namespace std::chrono_literals;

HlsTiming timing() {
  return HlsTiming::of(Cutting::of(*Grid::of(25), 1920ms, 320ms));
}

TEST(Directives, AreRead) {
  EXPECT_EQ(parse_directives(""), (Directives{}));
  EXPECT_EQ(parse_directives("x=1"), (Directives{}));
  EXPECT_EQ(parse_directives("_HLS_msn=7"), (Directives{7, std::nullopt, false}));
  EXPECT_EQ(parse_directives("_HLS_msn=7&_HLS_part=3&_HLS_skip=YES"), (Directives{7, 3, true}));
  EXPECT_EQ(parse_directives("_HLS_skip=v2"), (Directives{std::nullopt, std::nullopt, true}));
  EXPECT_EQ(parse_directives("_HLS_skip=no"), (Directives{}));
}

TEST(Directives, WrongOnesAreRefused) {
  for (const auto* query : {"_HLS_part=1", "_HLS_msn=", "_HLS_msn=x", "_HLS_msn=-1", "_HLS_msn=1.5", "_HLS_msn=1 ",
                            "_HLS_msn=99999999999999999999", "_HLS_msn=1&_HLS_part=", "_HLS_msn=1&_HLS_part=-2"})
    EXPECT_FALSE(parse_directives(query)) << query;
}

TEST(Readiness, WithoutASequenceNumberNobodyWaits) {
  EXPECT_EQ(readiness({}, {10, 3}, timing()), Readiness::kNow);
}

TEST(Readiness, WaitsForThatPart) {
  const PartPlace next{10, 3}; // 10.2 is the last
  EXPECT_EQ(readiness({10, 2}, next, timing()), Readiness::kNow);
  EXPECT_EQ(readiness({10, 3}, next, timing()), Readiness::kWait);
  EXPECT_EQ(readiness({9, 5}, next, timing()), Readiness::kNow);
  EXPECT_EQ(readiness({11, 0}, next, timing()), Readiness::kWait);
}

TEST(Readiness, WithoutAPartWaitsForTheWholeSegment) {
  EXPECT_EQ(readiness({10, std::nullopt}, {10, 5}, timing()), Readiness::kWait);
  EXPECT_EQ(readiness({10, std::nullopt}, {11, 0}, timing()), Readiness::kNow);
}

TEST(Readiness, APartBehindTheLastOneIsTheFirstOfTheNextSegment) {
  EXPECT_EQ(readiness({10, 6}, {11, 0}, timing()), Readiness::kWait);
  EXPECT_EQ(readiness({10, 6}, {11, 1}, timing()), Readiness::kNow);
}

TEST(Readiness, MoreThanTwoSegmentsAheadIsRefused) {
  const PartPlace within{10, 3}; // 10 is listed
  EXPECT_EQ(readiness({12, 0}, within, timing()), Readiness::kWait);
  EXPECT_EQ(readiness({13, 0}, within, timing()), Readiness::kTooFarAhead);
  const PartPlace between{11, 0}; // 10 is the last that is listed
  EXPECT_EQ(readiness({12, std::nullopt}, between, timing()), Readiness::kWait);
  EXPECT_EQ(readiness({13, std::nullopt}, between, timing()), Readiness::kTooFarAhead);
  EXPECT_EQ(readiness({10, 1000}, within, timing()), Readiness::kTooFarAhead);
}

TEST(HeldForNextPart, OnlyBetweenAYoungPartAndAnOverdueOne) {
  const std::chrono::steady_clock::time_point published(100s);
  const auto held_at = [&](std::chrono::milliseconds after) {
    const auto now = published + after;
    return held_for_next_part(published, now, timing()) - now;
  };
  EXPECT_LE(held_at(0ms), 0ms);
  EXPECT_LE(held_at(79ms), 0ms);
  EXPECT_EQ(held_at(80ms), 290ms);
  EXPECT_EQ(held_at(300ms), 70ms);
  EXPECT_LE(held_at(370ms), 0ms);
  EXPECT_LE(held_for_next_part({}, published, timing()) - published, 0ms); // nothing yet since the start
}

} // namespace
} // namespace pult::packager
