// What the origin keeps: its window on disk, and that a restart changes nothing that viewers see.
#include "origin_house.hpp"

#include <fstream>
#include <map>

namespace pult::packager {
namespace {

using namespace test;
using testing::EndsWith;
using testing::HasSubstr;

TEST(OriginWindow, MovesByOneAndIsPruned) {
  TempFolder folder;
  House house(folder.path(), 60s); // 32 segments
  house.open();
  house.begin("s1");
  std::int64_t first = 0;
  for (std::int64_t sequence = 0; sequence < 40; ++sequence) {
    house.segments(sequence, sequence);
    house.settle();
    const auto text = house.get(kVideo + "index.m3u8").body;
    const auto at = text.find("MEDIA-SEQUENCE:") + 15;
    const auto now = std::stoll(text.substr(at));
    EXPECT_LE(now - first, 1);
    first = now;
  }
  EXPECT_EQ(first, 8);
  house.wait_until_stored();
  EXPECT_EQ(house.get(kVideo + "0.m4s").status, 200); // two minutes more, for who saw it in a playlist
  house.segments(40, 110);
  house.settle();
  EXPECT_EQ(house.get(kVideo + "0.m4s").status, 404);
  EXPECT_EQ(house.get(kVideo + "60.m4s").body, segment_bytes(0, 60));
}

// All texts and bytes that a viewer can see.
std::map<std::string, std::string> everything(const House& house, std::int64_t first, std::int64_t last) {
  std::map<std::string, std::string> seen;
  auto client = house.client();
  seen["master"] = client.get("/live/master.m3u8").body;
  for (const auto& track : {kVideo, kSound}) {
    for (const auto* name : {"index.m3u8", "index.m3u8?_HLS_skip=YES", "init-a.mp4"})
      seen[track + name] = client.get(track + name).body;
    for (auto sequence = first; sequence <= last; ++sequence)
      seen[track + std::to_string(sequence)] = client.get(track + segment_uri(sequence)).body;
    for (auto sequence = last - 3; sequence <= last; ++sequence)
      for (int part = 0; part < kParts; ++part)
        seen[track + part_uri({sequence, part})] = client.get(track + part_uri({sequence, part})).body;
  }
  return seen;
}

// By name: a diff of megabytes helps nobody.
void expect_same(const std::map<std::string, std::string>& before, const std::map<std::string, std::string>& after) {
  ASSERT_EQ(before.size(), after.size());
  for (const auto& [name, text] : before)
    EXPECT_TRUE(after.at(name) == text) << name << " changed: " << text.size() << " and " << after.at(name).size();
}

TEST(OriginRestart, ChangesNothingThatViewersSee) {
  TempFolder folder;
  std::map<std::string, std::string> before;
  {
    House house(folder.path());
    house.open();
    house.begin("s1");
    house.segments(100, 199);
    house.part(200, 0);
    house.part(200, 1);
    house.wait_until_stored();
    before = everything(house, 100, 199);
    EXPECT_EQ(before[kVideo + "100"], segment_bytes(0, 100));
  }
  House again(folder.path());
  again.begin("s1");
  // The run directory has the last 120 s, and may begin in the middle of a segment.
  for (int number = 3; number < kParts; ++number)
    again.part(137, number);
  again.segments(138, 199);
  again.part(200, 0);
  again.part(200, 1);
  again.open();
  const auto after = everything(again, 100, 199);
  expect_same(before, after);
  // And it goes on.
  again.part(200, 2);
  again.settle();
  EXPECT_THAT(again.get(kVideo + "index.m3u8").body, HasSubstr("URI=\"200.2.m4s\"\n#EXT-X-PRELOAD-HINT"));
}

TEST(OriginRestart, SegmentsThatTheDiskLacksComeFromTheRunDirectory) {
  TempFolder folder;
  {
    House house(folder.path());
    house.open();
    house.begin("s1");
    house.segments(0, 9);
    house.wait_until_stored();
  }
  House again(folder.path());
  again.begin("s1");
  again.segments(5, 14); // 10 to 14 were published, and killed before they were written
  again.open();
  again.wait_until_stored();
  EXPECT_EQ(everything(again, 0, 14)[kVideo + "12"], segment_bytes(0, 12));
  EXPECT_THAT(again.get(kVideo + "index.m3u8").body, HasSubstr("#EXT-X-MEDIA-SEQUENCE:0\n"));
}

TEST(OriginRestart, AShowThatIsOverIsStillThere) {
  TempFolder folder;
  std::map<std::string, std::string> before;
  {
    House house(folder.path());
    house.open();
    house.begin("s1");
    house.segments(0, 9);
    house.part(10, 0);
    house.origin().show_ends("s1");
    house.wait_until_stored();
    before = everything(house, 0, 9);
    before["last"] = house.get(kVideo + "10.m4s").body;
    EXPECT_EQ(before["last"], part_bytes(0, 10, 0));
  }
  House again(folder.path());
  again.open();
  auto after = everything(again, 0, 9);
  after["last"] = again.get(kVideo + "10.m4s").body;
  expect_same(before, after);
}

TEST(OriginRestart, AShowThatNeverEndedWaitsForItsTimeline) {
  TempFolder folder;
  {
    House house(folder.path());
    house.open();
    house.begin("s1");
    house.segments(0, 9);
    house.wait_until_stored();
  }
  House again(folder.path());
  again.open();
  EXPECT_EQ(again.get(kVideo + "index.m3u8").status, 404);
  again.begin("s2"); // it never comes: another one begins
  again.segments(0, 2);
  again.settle();
  EXPECT_THAT(again.get(kVideo + "index.m3u8").body, EndsWith("\n#EXT-X-ENDLIST\n"));
  EXPECT_THAT(again.get("/live/master.m3u8").body, HasSubstr("s2/720p"));
}

TEST(OriginRestart, AfterALostTimelineTheShowGoesOnWithADiscontinuity) {
  TempFolder folder;
  {
    House house(folder.path());
    house.open();
    house.begin("s1");
    house.segments(0, 9);
    house.wait_until_stored();
  }
  House again(folder.path());
  again.begin("s1");
  again.open();
  for (std::size_t track = 0; track < 2; ++track)
    for (int number = 0; number < kParts; ++number) {
      auto part = make_part(track, 70, number);
      part.discontinuity_before = number == 0;
      again.origin().part(part);
    }
  again.segments(71, 72);
  again.settle();
  const auto text = again.get(kVideo + "index.m3u8").body;
  EXPECT_THAT(text,
              HasSubstr("#EXT-X-MEDIA-SEQUENCE:70\n#EXT-X-DISCONTINUITY-SEQUENCE:0\n#EXT-X-DISCONTINUITY\n#EXT-X-MAP"));
  EXPECT_EQ(again.get(kVideo + "9.m4s").body, segment_bytes(0, 9)); // no URL with other bytes
  EXPECT_EQ(again.get("/live/master.m3u8").status, 200);
}

TEST(OriginRestart, ATornIndexLineCostsThatSegmentOnly) {
  TempFolder folder;
  {
    House house(folder.path());
    house.open();
    house.begin("s1");
    house.segments(0, 9);
    house.wait_until_stored();
  }
  for (const auto* track : {"720p", "original"}) {
    const auto index = folder.path() / "window/s1" / track / "000000000000.index";
    std::filesystem::resize_file(index, std::filesystem::file_size(index) - 3);
  }
  House again(folder.path());
  again.begin("s1");
  again.segments(9, 12);
  again.open();
  EXPECT_EQ(everything(again, 0, 12)[kVideo + "9"], segment_bytes(0, 9));
}

TEST(OriginDisk, ADeadDiskCostsRewindOnly) {
  TempFolder folder;
  House house(folder.path());
  house.open();
  std::filesystem::remove_all(folder.path() / "window");
  std::ofstream(folder.path() / "window") << "in the way"; // root is not stopped by permissions
  house.begin("s1");
  house.segments(0, 99); // 192 s
  house.settle();
  EXPECT_GT(house.origin().window().counters().failed_writes, 0u);
  const auto text = house.get(kVideo + "index.m3u8").body;
  EXPECT_THAT(text, EndsWith("LAST-MSN=99,LAST-PART=5\n"));
  const auto at = text.find("MEDIA-SEQUENCE:") + 15;
  const auto first = std::stoll(text.substr(at));
  EXPECT_GT(first, 30); // what is not on disk leaves the playlist after two minutes
  EXPECT_EQ(house.get(kVideo + segment_uri(first)).body, segment_bytes(0, first));
}

} // namespace
} // namespace pult::packager
