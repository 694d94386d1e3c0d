// Schedules as people export and write them, and as nobody should.
#include "control/room_time.hpp"
#include "control/schedule/reading.hpp"
#include "control/schedule/texts.hpp"
#include "control/talks/talk_book.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pult::control {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

class ScheduleTest : public testing::Test {
 protected:
  void SetUp() override { use_timezone("Europe/Berlin"); }
  static ScheduleReading read(std::string_view text, const std::string& room = "Saal 1") {
    auto reading = read_schedule(text, room);
    EXPECT_TRUE(reading) << reading.error().message;
    return reading ? *reading : ScheduleReading{};
  }
  static std::string refusal(std::string_view text, const std::string& room = "Saal 1") {
    const auto reading = read_schedule(text, room);
    EXPECT_FALSE(reading);
    return reading ? "" : reading.error().message;
  }
};

std::string xml(const std::string& events, const std::string& head = "") {
  return R"(<?xml version="1.0" encoding="utf-8"?>)" + head + R"(
<schedule><version>0.1</version><conference><title>OD</title><time_zone_name>America/New_York</time_zone_name></conference>
<day index="1" date="2026-11-26" start="2026-11-26T04:00:00+01:00" end="2026-11-27T03:59:00+01:00">
<room name="Saal 1" guid="">)" +
         events + R"(</room><room name="Saal 2"><event id="90"><room>Saal 2</room><title>Anderswo</title>
<date>2026-11-26T10:00:00+01:00</date><duration>00:30</duration></event></room></day></schedule>)";
}

std::string event(const std::string& id, const std::string& more = "",
                  const std::string& title = "Bürgerdienste &amp; Daten") {
  return R"(<event guid="g)" + id + R"(" id=")" + id + R"("><room>Saal 1</room><title>)" + title +
         R"(</title><subtitle/><date>2026-11-26T10:00:00+01:00</date><start>10:00</start><duration>00:45</duration>
<abstract>Wie.</abstract><persons><person id="1">Ada Beispiel</person><person id="2">Jo Muster</person></persons>
<language>de</language><track>Verwaltung</track>)" +
         more + "</event>";
}

TEST_F(ScheduleTest, PretalxXmlIsReadWithItsOwnOffset) {
  const auto reading = read(xml(event("17", "<recording><license>CC-BY</license><optout>true</optout></recording>")));
  ASSERT_EQ(reading.talks.size(), 1u);
  EXPECT_EQ(reading.form, "schedule.xml");
  EXPECT_EQ(reading.of_other_rooms, 1u);
  const auto& talk = reading.talks[0];
  EXPECT_EQ(talk.id, "17");
  EXPECT_EQ(talk.title, "Bürgerdienste & Daten");
  EXPECT_THAT(talk.speakers, ElementsAre("Ada Beispiel", "Jo Muster"));
  EXPECT_EQ(talk.language, "deu");
  EXPECT_FALSE(talk.record);
  EXPECT_EQ(iso_time(talk.start).substr(0, 19), "2026-11-26T10:00:00") << "the offset counts, not the named zone";
  EXPECT_EQ(talk.duration, 45min);
  EXPECT_EQ(talk.day, 1);
}

TEST_F(ScheduleTest, Row34EntitiesBombsAndDoctypesAreRefused) {
  EXPECT_THAT(refusal(xml(event("1"), R"(<!DOCTYPE schedule [<!ENTITY x SYSTEM "file:///etc/passwd">]>)")),
              HasSubstr("document type"));
  EXPECT_THAT(refusal(xml(event("1"), R"(<!DOCTYPE s [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>)")),
              HasSubstr("document type"));
  const auto reading = read(xml(event("1", "", "A &xxe; B")));
  EXPECT_EQ(reading.talks[0].title, "A &xxe; B") << "an unknown entity stays text";
}

TEST_F(ScheduleTest, Row34DuplicatesOverlapsAndBackwardsTalksAreToldLineByLine) {
  const auto reading =
      read("id;date;start;duration;room;title\n1;26.11.2026;10:00;45;Saal 1;A\n1;26.11.2026;11:00;45;Saal 1;B\n"
           "2;26.11.2026;10:30;45;Saal 1;C\n3;26.11.2026;25:00;45;Saal 1;D\n4;26.11.2026;12:00;0;Saal 1;E\n"
           "5;26.11.2026;12:00;99:00;Saal 1;F\n6;31.02.2026;12:00;10;Saal 1;G\n");
  EXPECT_EQ(reading.talks.size(), 2u);
  EXPECT_THAT(reading.remarks, Contains(HasSubstr("its id is there twice")));
  EXPECT_THAT(reading.remarks, Contains(HasSubstr("before talk 1 \"A\" ends")));
  EXPECT_THAT(reading.remarks, Contains(HasSubstr("line 5: \"26.11.2026 25:00\" is no date and time")));
  EXPECT_THAT(reading.remarks, Contains(HasSubstr("has no length")));
  EXPECT_THAT(reading.remarks, Contains(HasSubstr("more than a day")));
  EXPECT_THAT(reading.remarks, Contains(HasSubstr("31.02.2026")));
}

TEST_F(ScheduleTest, Row34TooLargeTooDeepAndBrokenAreRefusedWithALine) {
  EXPECT_THAT(refusal(std::string(21u << 20, ' ') + "{"), HasSubstr("20 at most"));
  EXPECT_THAT(refusal("{\"schedule\":\n" + std::string(100, '[')), HasSubstr("line 2"));
  EXPECT_THAT(refusal("<schedule>\n<day>"), HasSubstr("line"));
  EXPECT_THAT(refusal("{\"schedule\":{}}"), HasSubstr("conference.days"));
  EXPECT_THAT(refusal("nothing"), HasSubstr("no schedule that we know"));
  EXPECT_THAT(refusal(""), HasSubstr("no schedule that we know"));
  EXPECT_THAT(refusal("date;title\n"), HasSubstr("line 1 has no column \"start\""));
}

TEST_F(ScheduleTest, Row34ARenamedRoomIsToldWithTheNearestName) {
  EXPECT_THAT(refusal(xml(event("17")), "Saal 3"),
              testing::AllOf(HasSubstr("no talk is in \"Saal 3\""), HasSubstr("Saal 1")));
}

TEST_F(ScheduleTest, Row34TheOldScheduleStays) {
  TalkBook book(read(xml(event("17"))).talks);
  EXPECT_FALSE(read_schedule("<schedule><day>", "Saal 1")); // nothing to import
  EXPECT_EQ(book.talks().size(), 1u);
}

TEST_F(ScheduleTest, JsonOfBothVersionsIsRead) {
  const auto json = [](const std::string& event) {
    return R"({"schedule":{"version":"1","conference":{"acronym":"od26","rooms":[{"name":"Saal 1","guid":null},{"name":"Saal 2","guid":null}],
"days":[{"index":1,"date":"2026-11-26","day_start":"2026-11-26T04:00:00+01:00","rooms":{"Saal 1":[)" +
           event + "]}}]}}}";
  };
  const auto one = read(
      json(R"({"id":17,"guid":"a","logo":null,"date":"2026-11-26T23:30:00+01:00","start":"23:30","duration":"01:30",
"room":"Saal 1","title":"Nacht","subtitle":"","track":null,"language":"en","do_not_record":true,"persons":[{"id":1,"public_name":"Ada Beispiel"}]})"));
  ASSERT_EQ(one.talks.size(), 1u);
  EXPECT_EQ(one.talks[0].id, "17");
  EXPECT_FALSE(one.talks[0].record);
  EXPECT_EQ(one.talks[0].duration, 90min);
  const auto two =
      read(json(R"({"code":"ABCDEF","guid":"a","date":"2026-11-26T10:00:00+01:00","duration":"00:45","room":"Saal 1",
"title":"Tag","track":{"name":"Verwaltung"},"language":"de-DE","persons":[{"guid":null,"name":"Jo Muster"}]})"));
  EXPECT_EQ(two.talks[0].id, "ABCDEF");
  EXPECT_EQ(two.talks[0].track, "Verwaltung");
  EXPECT_EQ(two.talks[0].language, "deu");
  EXPECT_TRUE(two.talks[0].record);
  EXPECT_THAT(two.talks[0].speakers, ElementsAre("Jo Muster"));
}

TEST_F(ScheduleTest, ATownHallsSpreadsheetIsReadInWindows1252) {
  const auto reading =
      read("Datum;Beginn;Dauer;Raum;Titel;Referenten;Sprache;Aufzeichnung\r\n"
           "26.11.2026;9:05;45 min;Saal 1;\"B\xFCrger; \"\"Daten\"\"\";Dr. \xDCmit Probe, Jo Muster;Deutsch;ja\r\n"
           "26.11.2026;10.30;0:30;Saal 1;\x84Zitat\x93 \x96 kurz;Ada;en;nein\r\n;;;;;;;\r\n");
  ASSERT_EQ(reading.talks.size(), 2u);
  EXPECT_EQ(reading.talks[0].title, "Bürger; \"Daten\"");
  EXPECT_EQ(reading.talks[0].id, "1126-0905");
  EXPECT_THAT(reading.talks[0].speakers, ElementsAre("Dr. Ümit Probe", "Jo Muster"));
  EXPECT_EQ(reading.talks[1].title, "„Zitat“ – kurz");
  EXPECT_FALSE(reading.talks[1].record);
  EXPECT_EQ(reading.talks[1].language, "eng");
}

TEST_F(ScheduleTest, CalendarsAreReadWithFoldedLinesAndRepeatsAreLeftOut) {
  const auto reading = read(
      "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//y//DE\r\nBEGIN:VEVENT\r\nUID:17@plan.example.org\r\n"
      "DTSTART:20261126T090000Z\r\nDTEND:20261126T094500Z\r\nSUMMARY:Bürgerdienste\\, ganz\r\n  anders - Ada "
      "Beispiel\r\n"
      "LOCATION:Saal "
      "1\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:18@x\r\nDTSTART:20261126T120000\r\nDTEND:20261126T123000\r\n"
      "SUMMARY:Floating\r\nLOCATION:Saal 1\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:19@x\r\nDTSTART:20261126T120000Z\r\n"
      "DTEND:20261126T123000Z\r\nRRULE:FREQ=DAILY\r\nSUMMARY:Yoga\r\nLOCATION:Saal "
      "1\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n");
  ASSERT_EQ(reading.talks.size(), 2u);
  EXPECT_EQ(reading.talks[0].id, "17");
  EXPECT_EQ(reading.talks[0].title, "Bürgerdienste, ganz anders");
  EXPECT_THAT(reading.talks[0].speakers, ElementsAre("Ada Beispiel"));
  EXPECT_EQ(iso_time(reading.talks[0].start).substr(11, 5), "10:00");
  EXPECT_EQ(iso_time(reading.talks[1].start).substr(11, 5), "12:00") << "floating times are the room's";
  EXPECT_THAT(reading.remarks, Contains(HasSubstr("repeats (RRULE)")));
}

// Row 33: what strangers write is text or left out.
TEST_F(ScheduleTest, Row33HostileNamesAreTidied) {
  std::vector<std::string> remarks;
  EXPECT_EQ(tidy_text("<script>&", 300, "here", remarks), "<script>&") << "text; whoever shows it escapes it";
  EXPECT_TRUE(remarks.empty());
  EXPECT_EQ(tidy_text("a\xE2\x80\xAE"
                      "b\x01"
                      "c\xff",
                      300, "here", remarks),
            "abc");
  EXPECT_THAT(remarks, ElementsAre("here: 3 broken or hidden characters are left out"));
  EXPECT_EQ(tidy_text(std::string(400, 'x'), 300, "there", remarks).size(), 300u);
}

TEST_F(ScheduleTest, TornSchedulesNeverFall) {
  const auto whole = xml(event("17"));
  for (std::size_t length = 0; length < whole.size(); length += 7)
    (void)read_schedule(std::string_view(whole).substr(0, length), "Saal 1");
  std::string bent = whole;
  for (std::size_t i = 0; i < bent.size(); i += 3) {
    std::swap(bent[i], bent[(i * 7) % bent.size()]);
    (void)read_schedule(bent, "Saal 1");
  }
}

} // namespace
} // namespace pult::control
