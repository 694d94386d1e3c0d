// What each order makes of the talks: a function of the book, the order and the time.
#include "control/talks/job_book.hpp"
#include "control/talks/schedule_clock.hpp"
#include "control/talks/talk_book.hpp"
#include "control/talks/talk_lines.hpp"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pult::control {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
namespace json = boost::json;

constexpr Nanoseconds kTen = 1'790'000'000s; // wall time of the first talk

Talk planned(const std::string& id, const std::string& title, std::chrono::minutes after, bool record = true) {
  Talk talk;
  talk.id = id;
  talk.title = title;
  talk.slug = slug_of(title, id);
  talk.speakers = {"Ada Beispiel"};
  talk.start = kTen + after;
  talk.duration = 45min;
  talk.record = record;
  return talk;
}

TalkBook a_day() {
  return TalkBook({planned("17", "Bürgerdienste & Daten", 0min), planned("18", "Offene Karten", 60min, false),
                   planned("19", "Netze für alle", 120min)});
}

TEST(TalkBook, TheNextTalkIsTheOneThatShouldRunElseTheFirstToCome) {
  const auto book = a_day();
  EXPECT_EQ(book.next(kTen - 1h)->id, "17");
  EXPECT_EQ(book.next(kTen + 10min)->id, "17");
  EXPECT_EQ(book.next(kTen + 46min)->id, "18");
  EXPECT_EQ(book.next(kTen + 5h), nullptr);
}

TEST(TalkBook, ATalkBeginsIsMarkedAndEnds) {
  auto book = a_day();
  ASSERT_TRUE(book.start("", kTen + 1min, kTen + 1min, "show-1"));
  EXPECT_EQ(book.running()->id, "17");
  EXPECT_EQ(book.running()->in, kTen + 1min);
  ASSERT_TRUE(book.mark("Fragen", kTen + 30min));
  ASSERT_TRUE(book.stop(kTen + 50min));
  EXPECT_EQ(book.running(), nullptr);
  const auto* talk = book.find("17");
  EXPECT_EQ(talk->state, TalkState::kRecorded);
  EXPECT_EQ(talk->out, kTen + 50min);
  EXPECT_EQ(talk->chapters.at(0).text, "Fragen");
  EXPECT_EQ(book.next(kTen + 51min)->id, "18");
}

TEST(TalkBook, RefusalsSayWhyAndChangeNothing) {
  auto book = a_day();
  EXPECT_THAT(book.start("71", kTen, kTen, "show-1").error().message, HasSubstr("no talk \"71\""));
  EXPECT_THAT(book.start("buergerdienste-datn", kTen, kTen, "show-1").error().message,
              HasSubstr("buergerdienste-daten"));
  EXPECT_THAT(book.start("17", kTen, kTen, "").error().message, HasSubstr("pult show start"));
  EXPECT_THAT(book.stop(kTen).error().message, HasSubstr("no talk is running"));
  EXPECT_THAT(book.mark("x", kTen).error().message, HasSubstr("no talk is running"));
  ASSERT_TRUE(book.start("17", kTen, kTen, "show-1"));
  EXPECT_THAT(book.start("18", kTen, kTen, "show-1").error().message, HasSubstr("is running"));
  EXPECT_THAT(book.cancel("17").error().message, HasSubstr("is running"));
  EXPECT_THAT(book.swap("17", "19").error().message, HasSubstr("only planned talks"));
  EXPECT_THAT(book.stop(kTen - 1s).error().message, HasSubstr("before it began"));
  ASSERT_TRUE(book.stop(kTen + 1min));
  EXPECT_THAT(book.start("17", kTen, kTen, "show-1").error().message, HasSubstr("has ended already"));
}

TEST(TalkBook, ATalkThatOverrunsEndsLaterThanPlannedOrThanNow) {
  auto book = a_day();
  EXPECT_THAT(book.extend(5min, kTen).error().message, HasSubstr("no talk is running"));
  ASSERT_TRUE(book.start("17", kTen + 3min, kTen + 3min, "show-1"));
  ASSERT_TRUE(book.extend(5min, kTen + 40min));
  EXPECT_EQ(book.running()->end(), kTen + 50min) << "after its planned end";
  ASSERT_TRUE(book.extend(5min, kTen + 55min));
  EXPECT_EQ(book.running()->end(), kTen + 60min) << "after now, where that is past";
  EXPECT_FALSE(book.extend(0min, kTen));
  EXPECT_FALSE(book.extend(24h, kTen));
  auto shorter = a_day().talks();
  book.import(shorter);
  EXPECT_EQ(book.running()->end(), kTen + 60min) << "an import leaves it";
}

TEST(TalkBook, AnOptedOutTalkLeavesNothingToCut) {
  auto book = a_day();
  ASSERT_TRUE(book.start("18", kTen, kTen, "show-1"));
  ASSERT_TRUE(book.stop(kTen + 1min));
  EXPECT_EQ(book.find("18")->state, TalkState::kUnrecorded);
  EXPECT_THAT(book.trim("18", kTen, kTen + 1min, "", 0).error().message, HasSubstr("was not recorded"));
}

TEST(TalkBook, TalksThatNobodyPlannedGetIdsOfTheirOwn) {
  TalkBook book;
  ASSERT_TRUE(book.start("", kTen, kTen, "show-1"));
  EXPECT_EQ(book.running()->id, "x1");
  ASSERT_TRUE(book.stop(kTen + 1s));
  ASSERT_TRUE(book.start("", kTen + 2s, kTen, "show-1"));
  EXPECT_EQ(book.running()->id, "x2");
  EXPECT_NE(book.find("x1")->slug, book.find("x2")->slug);
}

TEST(TalkBook, SwappedTalksChangePlacesAndStaySoOverAnImport) {
  auto book = a_day();
  const auto as_planned = book.talks();
  ASSERT_TRUE(book.swap("17", "19"));
  EXPECT_EQ(book.talks().front().id, "19");
  for (const auto& difference : book.differences(as_planned))
    EXPECT_EQ(difference.kind, TalkDifference::Kind::kKept) << difference.what;
  book.import(as_planned);
  EXPECT_EQ(book.talks().front().id, "19");
}

TEST(TalkBook, AnImportChangesWhatIsPlannedAndNeverMovesARunningTalk) {
  auto book = a_day();
  ASSERT_TRUE(book.edit("19", {.title = "Netze, von Hand"}));
  ASSERT_TRUE(book.start("17", kTen, kTen, "show-1"));
  auto schedule = a_day().talks();
  schedule[0].start += 30min;
  schedule[0].title = "Bürgerdienste und Daten";
  schedule[1].start += 15min;
  schedule[2].title = "Netze für alle, zweite Fassung";
  schedule.push_back(planned("20", "Neu", 180min));
  const auto before = book.differences(schedule);
  EXPECT_EQ(before.size(), 5u);
  book.import(schedule);
  EXPECT_EQ(book.find("17")->start, kTen) << "a running talk never moves";
  EXPECT_EQ(book.find("17")->title, "Bürgerdienste und Daten");
  EXPECT_EQ(book.find("18")->start, kTen + 75min);
  EXPECT_EQ(book.find("19")->title, "Netze, von Hand") << "hand edits survive";
  EXPECT_EQ(book.find("20")->state, TalkState::kPlanned);
  EXPECT_EQ(book.differences(schedule).size(), 2u) << "only what is kept differs";
}

TEST(TalkBook, WhatLeavesTheScheduleIsCancelledAndComesBackWithIt) {
  auto book = a_day();
  ASSERT_TRUE(book.cancel("18"));
  const auto whole = a_day().talks();
  book.import({whole[0]});
  EXPECT_EQ(book.find("19")->state, TalkState::kCancelled);
  book.import(whole);
  EXPECT_EQ(book.find("19")->state, TalkState::kPlanned);
  EXPECT_EQ(book.find("18")->state, TalkState::kCancelled) << "a hand cancelled it";
}

TEST(TalkStatus, SaysWhatRunsHowLongAndWhatComes) {
  EXPECT_TRUE(talk_status(TalkBook(), kTen, kTen).is_null());
  auto book = a_day();
  const auto before = talk_status(book, kTen - 5min, kTen - 5min);
  EXPECT_TRUE(before.at("id").is_null());
  EXPECT_EQ(before.at("next").at("id"), "17");
  EXPECT_EQ(before.at("next").at("starts_in_s"), 300);
  ASSERT_TRUE(book.start("17", kTen + 2min, kTen + 2min, "show-1"));
  const auto over = talk_status(book, kTen + 50min, kTen + 50min);
  EXPECT_EQ(over.at("id"), "17");
  EXPECT_EQ(over.at("runs_s"), 48 * 60);
  EXPECT_EQ(over.at("left_s"), -5 * 60) << "it overruns";
  EXPECT_EQ(over.at("next").at("record"), false);
}

TEST(ArchiveList, IsWhatTheBookAndTheJobsSayWheneverItIsAsked) {
  auto book = a_day();
  JobBook jobs;
  ArchiveList list;
  const auto asked = [&] { return json::parse(list.text(book, jobs)).as_array(); };
  EXPECT_TRUE(asked().empty()) << "what is only planned has not run";
  ASSERT_TRUE(book.start("17", kTen, kTen, "show-1"));
  ASSERT_EQ(asked().size(), 1u);
  EXPECT_EQ(asked()[0].at("state"), "running");
  ASSERT_TRUE(book.stop(kTen + 40min));
  jobs.order("cut", "17", "", kTen + 40min);
  EXPECT_EQ(asked()[0].at("length_s"), 2400.0);
  EXPECT_EQ(asked()[0].at("job").at("kind"), "cut");
  EXPECT_EQ(asked()[0].at("watchable"), false);
  ASSERT_TRUE(book.set_files("17", {{"bytes", 123}, {"gaps", json::array{1, 2}}}));
  ASSERT_TRUE(book.set_state("17", TalkState::kDraft));
  EXPECT_EQ(asked()[0].at("bytes"), 123);
  EXPECT_EQ(asked()[0].at("gaps"), 2);
  EXPECT_EQ(asked()[0].at("watchable"), true);
  book = a_day();
  EXPECT_TRUE(asked().empty()) << "another book is another list";
}

TEST(TalkBook, ATalkIsTheSameThroughItsJson) {
  auto talk = planned("17", "Bürgerdienste", 0min, false);
  talk.in = kTen;
  talk.out = kTen + 1min;
  talk.chapters = {{kTen + 1s, "Fragen"}};
  talk.edited = {"title"};
  talk.state = TalkState::kDraft;
  talk.files = {{"bytes", 5}};
  const auto back = talk_from_json(to_json(talk));
  ASSERT_TRUE(back);
  EXPECT_EQ(to_json(*back), to_json(talk));
  EXPECT_FALSE(talk_from_json({{"id", "../17"}}));
}

// Row 33: whatever a title is, folders and addresses are harmless.
TEST(Row33, SlugsAreHarmlessWhateverTheTitleIs) {
  EXPECT_EQ(slug_of("Bürgerdienste & Straßen", "1"), "buergerdienste-strassen");
  for (const std::string title : {"<script>alert(1)</script>", "../../etc/passwd",
                                  "\xE2\x80\xAE"
                                  "gnp.exe",
                                  "😀😀", "", ".", "-", "a\0b", "\xff\xfe"}) {
    const auto slug = slug_of(title, "17");
    EXPECT_FALSE(slug.empty());
    EXPECT_LE(slug.size(), 60u);
    EXPECT_EQ(slug.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-"), std::string::npos) << slug;
    EXPECT_NE(slug.front(), '-');
  }
  EXPECT_EQ(slug_of(std::string(300, 'x'), "1").size(), 60u);
}

TEST(JobBook, ANewerOrderTakesTheOlderBack) {
  JobBook jobs;
  jobs.order("cut", "17", "", kTen);
  jobs.order("cut", "17", "", kTen + 1s);
  ASSERT_EQ(jobs.unfinished().size(), 1u);
  const auto id = jobs.unfinished()[0]->id;
  EXPECT_EQ(jobs.take_changed().size(), 3u) << "two orders and a cancellation are kept";
  const auto ended =
      jobs.take_report({{{"id", id}, {"state", "done"}, {"progress", 1.0}, {"result", {{"bytes", 7}}}}}, kTen + 5s);
  ASSERT_EQ(ended.size(), 1u);
  EXPECT_EQ(ended[0].result.at("bytes"), 7);
  EXPECT_TRUE(jobs.unfinished().empty());
  EXPECT_TRUE(jobs.take_report({{{"id", id}, {"state", "running"}}}, kTen + 6s).empty()) << "what has ended has ended";
}

TEST(JobBook, UnfinishedJobsBeginAgainAfterAKill) {
  JobBook jobs;
  jobs.order("cut", "17", "", kTen);
  jobs.take_report({{{"id", jobs.jobs()[0].id}, {"state", "running"}, {"progress", 0.5}}}, kTen);
  const auto back = job_from_json(to_json(jobs.jobs()[0]));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->state, "waiting");
}

TEST(JobBook, AFailureCountsUntilItIsTriedAgain) {
  JobBook jobs;
  jobs.order("cut", "17", "", kTen);
  jobs.take_report({{{"id", jobs.jobs()[0].id}, {"state", "failed"}, {"error", "no"}}}, kTen);
  EXPECT_EQ(jobs.failed(), 1u);
  jobs.order("cut", "17", "", kTen + 1s);
  EXPECT_EQ(jobs.failed(), 0u);
}

TEST(ScheduleClock, RunsFasterFromWhereItIsTold) {
  const auto clock = ScheduleClock::of("2026-11-26T09:00:00+01:00,60", 100s);
  ASSERT_TRUE(clock);
  EXPECT_EQ(clock->at(0s, 100s), *parse_iso_time("2026-11-26T08:00:00Z"));
  EXPECT_EQ(clock->at(0s, 160s), *parse_iso_time("2026-11-26T09:00:00Z"));
  EXPECT_EQ(ScheduleClock().at(5s, 100s), 5s);
  for (const auto* bad : {"", "9 Uhr", "2026-11-26T09:00:00+01:00,0", "2026-11-26T09:00:00+01:00,x", "2026-11-26"})
    EXPECT_FALSE(ScheduleClock::of(bad, 0s)) << bad;
}

} // namespace
} // namespace pult::control
