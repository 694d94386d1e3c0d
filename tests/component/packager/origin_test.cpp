// What players ask of the origin, and what it answers, at once or when there is more.
#include "origin_house.hpp"

#include <libdeflate.h>
#include <set>

namespace pult::packager {
namespace {

using namespace test;
using pult::test::Client;
using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

std::string unpacked(const std::string& packed) {
  std::string text(1u << 20, '\0');
  std::size_t size = 0;
  auto* reader = ::libdeflate_alloc_decompressor();
  EXPECT_EQ(::libdeflate_gzip_decompress(reader, packed.data(), packed.size(), text.data(), text.size(), &size),
            LIBDEFLATE_SUCCESS);
  ::libdeflate_free_decompressor(reader);
  text.resize(size);
  return text;
}

TEST_F(OriginTest, IsClosedWithoutAShow) {
  house.open();
  for (const auto* target : {"/live/master.m3u8", "/live/s1/720p/index.m3u8", "/live/", "/live/x"}) {
    const auto answer = house.get(target);
    EXPECT_EQ(answer.status, 404) << target;
    EXPECT_EQ(answer.header("access-control-allow-origin"), "*");
    EXPECT_EQ(answer.header("cache-control"), "no-store");
  }
  const auto state = house.get("/live/state.json");
  EXPECT_EQ(state.status, 200);
  EXPECT_EQ(state.header("access-control-allow-origin"), "*");
  EXPECT_THAT(state.body, StartsWith("{\"state\":\"rehearsal\",\"starts_at\":null,\"talk\":null,\"slate\":null"));
}

TEST_F(OriginTest, TakesOnlyWhatReads) {
  house.open();
  auto client = house.client();
  client.send("OPTIONS /live/master.m3u8 HTTP/1.1\r\nHost: a\r\n\r\n");
  const auto preflight = client.receive();
  EXPECT_EQ(preflight.status, 204);
  EXPECT_EQ(preflight.header("access-control-allow-headers"), "Range");
  client.send("POST /live/master.m3u8 HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(client.receive().status, 405);
}

TEST_F(OriginTest, ShowsTheMasterWithTheThirdSegment) {
  house.open();
  house.begin("s1");
  house.segments(0, 1);
  for (int number = 0; number < kParts - 1; ++number)
    house.part(2, number);
  house.settle();
  EXPECT_EQ(house.get("/live/master.m3u8").status, 404);
  house.origin().part(make_part(0, 2, kParts - 1)); // the sound is not there yet
  house.settle();
  EXPECT_EQ(house.get("/live/master.m3u8").status, 404);
  house.origin().part(make_part(1, 2, kParts - 1));
  house.settle();
  const auto master = house.get("/live/master.m3u8");
  EXPECT_EQ(master.status, 200);
  EXPECT_EQ(master.header("content-type"), "application/vnd.apple.mpegurl");
  EXPECT_THAT(master.body, AllOf(HasSubstr("\ns1/720p/index.m3u8\n"), HasSubstr("URI=\"s1/original/index.m3u8\"")));
}

TEST_F(OriginTest, PlaylistsArePackedForWhoTakesIt) {
  go_on_air(4);
  const auto plain = house.get(kVideo + "index.m3u8");
  EXPECT_EQ(plain.header("content-type"), "application/vnd.apple.mpegurl");
  EXPECT_EQ(plain.header("cache-control"), "public, max-age=1");
  EXPECT_EQ(plain.header("vary"), "Accept-Encoding");
  EXPECT_EQ(plain.header("access-control-allow-origin"), "*");
  EXPECT_THAT(plain.body, HasSubstr("#EXT-X-RENDITION-REPORT:URI=\"../original/index.m3u8\",LAST-MSN=3,LAST-PART=5\n"));
  EXPECT_THAT(plain.body, HasSubstr("#EXT-X-PROGRAM-DATE-TIME:2026-11-22T12:00:05.760Z\n"));
  const auto packed = house.get(kVideo + "index.m3u8", "Accept-Encoding: gzip, br\r\n");
  EXPECT_EQ(packed.header("content-encoding"), "gzip");
  EXPECT_LT(packed.body.size(), plain.body.size());
  EXPECT_EQ(unpacked(packed.body), plain.body);
}

TEST_F(OriginTest, AllTracksHaveTheSameDateTimes) {
  go_on_air(5);
  const auto times = [&](const std::string& track) {
    std::vector<std::string> found;
    const auto text = house.get(track + "index.m3u8").body;
    for (auto at = text.find("DATE-TIME:"); at != std::string::npos; at = text.find("DATE-TIME:", at + 1))
      found.push_back(text.substr(at, text.find('\n', at) - at));
    return found;
  };
  EXPECT_EQ(times(kVideo).size(), 5u);
  EXPECT_EQ(times(kVideo), times(kSound));
}

TEST_F(OriginTest, ServesInitSegmentsAndParts) {
  go_on_air(3);
  const auto init = house.get(kVideo + "init-a.mp4");
  EXPECT_EQ(init.header("content-type"), "video/mp4");
  EXPECT_EQ(init.body, "init of track 0");
  const auto segment = house.get(kSound + "2.m4s");
  EXPECT_EQ(segment.header("content-type"), "video/iso.segment");
  EXPECT_EQ(segment.header("cache-control"), "public, max-age=7200, immutable");
  EXPECT_EQ(segment.header("access-control-allow-origin"), "*");
  EXPECT_EQ(segment.body, segment_bytes(1, 2));
  EXPECT_EQ(house.get(kVideo + "1.4.m4s").body, part_bytes(0, 1, 4));
  const auto range = house.get(kVideo + "2.m4s", "Range: bytes=19990-40009\r\n");
  EXPECT_EQ(range.status, 206);
  EXPECT_EQ(range.body, segment_bytes(0, 2).substr(19990, 20020));
  const auto beyond = house.get(kVideo + "2.m4s", "Range: bytes=9999999-\r\n");
  EXPECT_EQ(beyond.status, 416);
  EXPECT_EQ(beyond.header("cache-control"), "no-store"); // the bytes are for ever, the error is not
  EXPECT_EQ(beyond.header("access-control-allow-origin"), "*");
}

TEST_F(OriginTest, HasOneNameForEachThing) {
  go_on_air(3);
  for (const auto* name : {"3.m4s", "3.1.m4s", "2.6.m4s", "02.m4s", "2.00.m4s", "+2.m4s", "-1.m4s", "2.m4s.x", "2..m4s",
                           "2.1.1.m4s", "x.m4s", ".m4s", "99999999999999999999.m4s", "init-b.mp4", "", "index.m3u8/"})
    EXPECT_EQ(house.get(kVideo + name).status, 404) << name;
  EXPECT_EQ(house.get("/live/s1/nope/index.m3u8").status, 404);
  EXPECT_EQ(house.get("/live/s2/720p/index.m3u8").header("cache-control"), "no-store");
  EXPECT_EQ(house.get(kVideo + "x").header("cache-control"), "public, max-age=1");
  EXPECT_EQ(house.get(kVideo + "x").header("access-control-allow-origin"), "*");
}

TEST_F(OriginTest, HoldsAReloadUntilItsPart) {
  go_on_air(3);
  auto client = house.client();
  client.send("GET " + kVideo + "index.m3u8?_HLS_msn=3&_HLS_part=1 HTTP/1.1\r\nHost: a\r\n\r\n");
  house.wait_for_blocked(1);
  house.part(3, 0);
  house.settle();
  house.wait_for_blocked(1); // not this one
  house.part(3, 1);
  const auto answer = client.receive();
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.header("cache-control"), "public, max-age=12");
  EXPECT_THAT(answer.body, HasSubstr("URI=\"3.1.m4s\"\n#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"3.2.m4s\"\n"));
}

TEST_F(OriginTest, HoldsAReloadWithoutAPartUntilTheSegment) {
  go_on_air(3);
  auto client = house.client();
  client.send("GET " + kVideo + "index.m3u8?_HLS_msn=3 HTTP/1.1\r\nHost: a\r\n\r\n");
  for (int number = 0; number < kParts - 1; ++number) {
    house.part(3, number);
    house.settle();
    house.wait_for_blocked(1);
  }
  house.part(3, kParts - 1);
  EXPECT_THAT(client.receive().body, HasSubstr(",\n3.m4s\n#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"4.0.m4s\"\n"));
}

TEST(OriginFirstReload, WaitsForANewPartWhenTheLastOneIsOld) {
  TempFolder folder;
  House house(folder.path(), 7200s, slow_cutting());
  house.open();
  house.begin("s1");
  house.segments(0, 2);
  house.settle();
  EXPECT_THAT(house.get(kVideo + "index.m3u8").body, EndsWith("LAST-MSN=2,LAST-PART=5\n")); // young: at once
  std::this_thread::sleep_for(HlsTiming::of(slow_cutting()).part_target / 4);
  auto client = house.client();
  client.send("GET " + kVideo + "index.m3u8 HTTP/1.1\r\nHost: a\r\n\r\n");
  house.wait_for_blocked(1);
  house.part(3, 0);
  const auto answer = client.receive();
  EXPECT_THAT(answer.body, HasSubstr("URI=\"3.0.m4s\""));
  EXPECT_EQ(answer.header("cache-control"), "public, max-age=1");
}

TEST_F(OriginTest, ManyWhoWaitGetTheSameAnswer) {
  go_on_air(3);
  std::vector<Client> clients;
  for (int i = 0; i < 200; ++i) {
    clients.push_back(house.client());
    clients.back().send("GET " + kVideo +
                        "index.m3u8?_HLS_msn=3&_HLS_part=0&_HLS_skip=YES HTTP/1.1\r\nHost: a\r\n\r\n");
  }
  house.wait_for_blocked(200);
  house.part(3, 0);
  std::set<std::string> bodies;
  for (auto& client : clients)
    bodies.insert(client.receive().body);
  EXPECT_EQ(bodies.size(), 1u);
  EXPECT_THAT(*bodies.begin(), HasSubstr("URI=\"3.0.m4s\""));
}

TEST_F(OriginTest, RefusesDirectivesThatMakeNoSense) {
  go_on_air(3); // 2 is the last
  for (const auto* query :
       {"_HLS_msn=5", "_HLS_msn=5&_HLS_part=0", "_HLS_part=0", "_HLS_msn=x", "_HLS_msn=3&_HLS_part=-1"})
    EXPECT_EQ(house.get(kVideo + "index.m3u8?" + query).status, 400) << query;
  EXPECT_EQ(house.get(kVideo + "index.m3u8?_HLS_msn=0&_HLS_part=3").status, 200); // long there
}

TEST_F(OriginTest, SaysNoAfterThreeTargetDurations) {
  go_on_air(3);
  const auto begun = std::chrono::steady_clock::now();
  auto hinted = house.client();
  hinted.send("GET " + kVideo + "3.0.m4s HTTP/1.1\r\nHost: a\r\n\r\n");
  const auto answer = house.get(kVideo + "index.m3u8?_HLS_msn=3&_HLS_part=0");
  const auto took = std::chrono::steady_clock::now() - begun;
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.header("access-control-allow-origin"), "*");
  EXPECT_EQ(hinted.receive().status, 503);
  EXPECT_GE(took, 6s);
  EXPECT_LT(took, 7s);
}

TEST_F(OriginTest, HoldsTheHintedPartUntilItIsWhole) {
  go_on_air(3);
  auto client = house.client();
  client.send("GET " + kVideo + "3.0.m4s HTTP/1.1\r\nHost: a\r\n\r\n");
  house.wait_for_blocked(1);
  EXPECT_EQ(house.get(kVideo + "3.1.m4s").status, 404); // not hinted
  house.part(3, 0);
  EXPECT_EQ(client.receive().body, part_bytes(0, 3, 0));
}

TEST_F(OriginTest, DeltasSkipOldSegments) {
  go_on_air(20);
  const auto full = house.get(kVideo + "index.m3u8").body;
  const auto delta = house.get(kVideo + "index.m3u8?_HLS_skip=YES").body;
  EXPECT_THAT(full, Not(HasSubstr("EXT-X-SKIP")));
  EXPECT_THAT(delta, HasSubstr("#EXT-X-SKIP:SKIPPED-SEGMENTS=13\n"));
  EXPECT_LT(delta.size(), full.size());
}

TEST_F(OriginTest, AfterTheEndDirectivesAreIgnored) {
  go_on_air(3);
  auto waiting = house.client();
  waiting.send("GET " + kVideo + "index.m3u8?_HLS_msn=4 HTTP/1.1\r\nHost: a\r\n\r\n");
  auto hinted = house.client();
  hinted.send("GET " + kVideo + "3.0.m4s HTTP/1.1\r\nHost: a\r\n\r\n");
  house.wait_for_blocked(2);
  house.origin().show_ends("s1");
  EXPECT_THAT(waiting.receive().body, EndsWith("2.m4s\n#EXT-X-ENDLIST\n"));
  EXPECT_EQ(hinted.receive().status, 404);
  EXPECT_EQ(house.get(kVideo + "index.m3u8?_HLS_msn=99").status, 200);
  EXPECT_EQ(house.get("/live/master.m3u8").status, 200);
}

TEST_F(OriginTest, TheNextShowHasAMasterOfItsOwn) {
  go_on_air(3);
  house.origin().show_ends("s1");
  house.settle();
  EXPECT_EQ(house.get("/live/master.m3u8").status, 200);
  house.on_io([&] { return house.origin().set_state({"live", "s2", "", "", "", ""}), 0; });
  EXPECT_EQ(house.get("/live/master.m3u8").status, 404); // from the crew's word on, not from the first part on
  house.begin("s2");
  house.segments(0, 1);
  house.settle();
  EXPECT_EQ(house.get("/live/master.m3u8").status, 404);
  EXPECT_EQ(house.get(kVideo + "2.m4s").body, segment_bytes(0, 2)); // the last show stays
  house.segments(2, 2);
  house.settle();
  EXPECT_THAT(house.get("/live/master.m3u8").body, HasSubstr("s2/720p/index.m3u8"));
}

TEST_F(OriginTest, OldSegmentsComeFromDiskWithTheSameBytes) {
  go_on_air(80); // 153 s: the first minute and a half is out of memory
  house.wait_until_stored();
  house.segments(80, 80);
  house.settle();
  const auto reads = [&] { return house.on_io([&] { return house.origin().counters().disk_reads; }); };
  EXPECT_EQ(house.get(kVideo + "0.m4s").body, segment_bytes(0, 0));
  EXPECT_EQ(house.get(kSound + "17.m4s").body, segment_bytes(1, 17));
  EXPECT_EQ(house.get(kVideo + "3.5.m4s").body, part_bytes(0, 3, 5));
  EXPECT_EQ(house.get(kVideo + "3.m4s", "Range: bytes=-7\r\n").body,
            segment_bytes(0, 3).substr(segment_bytes(0, 3).size() - 7));
  EXPECT_EQ(reads(), 4u);
  EXPECT_EQ(house.get(kVideo + "79.m4s").body, segment_bytes(0, 79));
  EXPECT_EQ(reads(), 4u); // that one is in memory
}

} // namespace
} // namespace pult::packager
