// The origin over real connections and a real window on disk: what players ask, and that a restart changes nothing.
#include "packager/origin.hpp"

#include "temp_folder.hpp"
#include "tests/support/http_client.hpp"

#include <boost/asio/post.hpp>
#include <fmt/format.h>
#include <fstream>
#include <future>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <set>
#include <thread>
#include <zlib.h>

namespace pult::packager {
namespace {

using packet_link::TrackKind;
using pult::test::Answer;
using pult::test::Client;
using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;
using namespace std::chrono_literals;

constexpr int kParts = 6;
constexpr std::int64_t kPartPictures = 8;
constexpr std::int64_t kVideoPart = 28800; // 0.32 s at 90 kHz
constexpr std::int64_t kSoundPart = 15360; // and at 48 kHz
constexpr Nanoseconds kEpochWall = 1'795'348'800s;

Cutting cutting() {
  return Cutting::of(*Grid::of(25), 1920ms, 320ms);
}

// Parts so long that a test on a busy machine never misses one.
Cutting slow_cutting() {
  return Cutting::of(*Grid::of(25), 36s, 6s);
}

Show make_show(const std::string& id) {
  Show show{id, {}, 0, 0};
  show.tracks = {{TrackKind::kVideo, "720p", "avc1.64001f", 1280, 720, 2500, "", 90000},
                 {TrackKind::kSound, "original", "mp4a.40.2", 0, 0, 128, "deu", 48000}};
  return show;
}

SharedBytes bytes_of(const std::string& text) {
  return share(Bytes(text.begin(), text.end()));
}

// Says what it is, so that any mix-up shows; large enough to be several writes of a slow disk.
std::string part_bytes(std::size_t track, std::int64_t sequence, int number) {
  std::string text = fmt::format("track {} segment {} part {}\n", track, sequence, number);
  while (text.size() < (track == 0 ? 20'000u : 5'000u))
    text += text;
  return text;
}

std::string segment_bytes(std::size_t track, std::int64_t sequence, int parts = kParts) {
  std::string text;
  for (int part = 0; part < parts; ++part)
    text += part_bytes(track, sequence, part);
  return text;
}

PublishedPart make_part(std::size_t track, std::int64_t sequence, int number) {
  PublishedPart part;
  part.track = track;
  part.sequence = sequence;
  part.number = number;
  part.last_of_segment = number + 1 == kParts;
  part.independent = number == 0 || track == 1;
  part.duration = track == 0 ? kVideoPart : kSoundPart;
  part.first_picture = (sequence * kParts + number) * kPartPictures;
  part.begin = (sequence * kParts + number) * part.duration;
  part.init_name = "init-a.mp4";
  part.bytes = bytes_of(part_bytes(track, sequence, number));
  return part;
}

// A packager's front half with an io thread of its own; this thread is its timeline.
class House {
 public:
  explicit House(const std::filesystem::path& folder, std::chrono::seconds window = 7200s,
                 const Cutting& cut = cutting()) {
    origin_ = std::make_unique<Origin>(io_, Origin::Settings{cut, 1920ms, window, kEpochWall},
                                       Window::open(io_, folder / "window"), StaticFiles{});
  }
  ~House() {
    if (thread_.joinable()) {
      asio::post(io_, [this] { origin_->stop(1s); });
      thread_.join();
    }
  }
  void open() {
    auto listening = http::listen_tcp({"127.0.0.1", 0});
    auto started = origin_->start(std::move(listening.value()));
    if (!started) throw std::runtime_error(started.error().message);
    port_ = origin_->port();
    thread_ = std::thread([this] { io_.run(); });
  }

  void begin(const std::string& id) {
    origin_->show_begins(make_show(id));
    for (std::size_t track = 0; track < 2; ++track)
      origin_->init_section({track, "init-a.mp4", bytes_of(fmt::format("init of track {}", track))});
  }
  void part(std::int64_t sequence, int number) {
    for (std::size_t track = 0; track < 2; ++track)
      origin_->part(make_part(track, sequence, number));
  }
  void segments(std::int64_t first, std::int64_t last) {
    for (auto sequence = first; sequence <= last; ++sequence)
      for (int number = 0; number < kParts; ++number)
        part(sequence, number);
  }
  template <typename F>
  auto on_io(F f) {
    std::promise<decltype(f())> done;
    asio::post(io_, [&] { done.set_value(f()); });
    return done.get_future().get();
  }
  // All that was published by now is listed when this returns.
  void settle() {
    on_io([] { return 0; });
  }
  void wait_for_blocked(std::size_t count) {
    const auto deadline = std::chrono::steady_clock::now() + pult::test::kPatience;
    while (on_io([&] { return origin_->waiting(); }) < count)
      ASSERT_LT(std::chrono::steady_clock::now(), deadline) << "nobody waits";
  }
  void wait_until_stored() {
    const auto deadline = std::chrono::steady_clock::now() + pult::test::kPatience;
    while (origin_->window().unfinished() > 0)
      ASSERT_LT(std::chrono::steady_clock::now(), deadline) << "the window is not written";
    settle();
  }
  Client client() const { return Client::tcp(port_); }
  Answer get(const std::string& target, const std::string& headers = "") const { return client().get(target, headers); }
  Origin& origin() { return *origin_; }

 private:
  asio::io_context io_{1};
  std::unique_ptr<Origin> origin_;
  int port_ = 0;
  std::thread thread_;
};

class OriginTest : public testing::Test {
 protected:
  // A show of that many segments, open to viewers.
  void go_on_air(std::int64_t segments) {
    house.open();
    house.begin("s1");
    house.segments(0, segments - 1);
    house.settle();
  }
  test::TempFolder folder;
  House house{folder.path()};
};

std::string unpacked(const std::string& packed) {
  z_stream stream{};
  ::inflateInit2(&stream, 15 + 16);
  std::string text(1u << 20, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = reinterpret_cast<Bytef*>(text.data());
  stream.avail_out = static_cast<uInt>(text.size());
  EXPECT_EQ(::inflate(&stream, Z_FINISH), Z_STREAM_END);
  text.resize(stream.total_out);
  ::inflateEnd(&stream);
  return text;
}

const std::string kVideo = "/live/s1/720p/";
const std::string kSound = "/live/s1/original/";

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
  test::TempFolder folder;
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

TEST(OriginWindow, MovesByOneAndIsPruned) {
  test::TempFolder folder;
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
  test::TempFolder folder;
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
  test::TempFolder folder;
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
  test::TempFolder folder;
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
  test::TempFolder folder;
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
  test::TempFolder folder;
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
  test::TempFolder folder;
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
  test::TempFolder folder;
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
