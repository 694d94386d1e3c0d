// The timeline thread over its real socket, real packets and the real clock: on air, a lost encoder, a restart.
#include <gtest/gtest.h>

#include <condition_variable>
#include <map>
#include <mutex>

#include "packager/live_timeline.hpp"
#include "small_transcode.hpp"
#include "temp_folder.hpp"
#include "test_media.hpp"

namespace pult::packager {
namespace {

using namespace std::chrono_literals;
using test::EncodedSound;
using test::EncodedVideo;

using test::Sender;
constexpr int kSegment = test::kSenderSegment;

// Takes what is published, as the origin does, and lets the test wait for it.
class Shelf : public PartSink {
 public:
  void show_begins(const Show& show) override {
    const std::lock_guard lock(mutex);
    shows.push_back(show);
  }
  void init_section(const InitSection& init) override {
    const std::lock_guard lock(mutex);
    inits[init.track] = init.bytes;
  }
  void part(const PublishedPart& part) override {
    {
      const std::lock_guard lock(mutex);
      parts.push_back(part);
      arrived.push_back(monotonic_now());
    }
    changed.notify_all();
  }
  void show_ends(const std::string& show) override {
    {
      const std::lock_guard lock(mutex);
      ended = show;
    }
    changed.notify_all();
  }
  template <typename Predicate>
  bool wait(Predicate predicate, std::chrono::seconds limit = 40s) {
    std::unique_lock lock(mutex);
    return changed.wait_for(lock, limit, predicate);
  }
  // All of one track that was published, as one file.
  Bytes file(std::size_t track) {
    const std::lock_guard lock(mutex);
    Bytes whole = *inits[track];
    for (const auto& part : parts)
      if (part.track == track) whole.insert(whole.end(), part.bytes->begin(), part.bytes->end());
    return whole;
  }

  std::mutex mutex;
  std::condition_variable changed;
  std::vector<Show> shows;
  std::map<std::size_t, SharedBytes> inits;
  std::vector<PublishedPart> parts;
  std::vector<Nanoseconds> arrived;
  std::string ended;
};

class LiveTimelineTest : public testing::Test {
 protected:
  void SetUp() override {
    config.run_dir = folder.path() / "run";
    config.data_dir = folder.path() / "data";
    config.renditions = {{"360p", {320, 180}, 300}};
    config.sounds = {{"original", "deu", 128}};
    run_dir.emplace(*RunDir::open(config.run_dir));
    epoch = *RoomEpoch::open(config.run_dir);
    heartbeat.emplace(*Heartbeat::open(*run_dir, "pult-packager"));
    video = test::encode_video({}, 2 * kSegment, {kSegment});
    sound = test::encode_sound(64);
  }

  void start_packager(Shelf& taker, Shelf* recorder = nullptr) {
    Sinks sinks{{&taker}, {}};
    if (recorder != nullptr) sinks.recorders.push_back(recorder);
    auto started =
        LiveTimeline::start(config, *run_dir, epoch, *heartbeat, std::move(sinks),
                            {[](const WantedState&, PictureIndex) {}, [](std::string_view, const std::string&) {}});
    ASSERT_TRUE(started) << started.error().message;
    packager = std::move(*started);
    packager->want(wanted);
  }
  void start_sender(std::uint64_t run) { sender = std::make_unique<Sender>(*run_dir, epoch, video, sound, run); }
  void want_show(const std::string& id, WantedState::ShowState state = WantedState::ShowState::kLive) {
    ++wanted.number;
    wanted.show = {state, id};
    if (packager) packager->want(wanted);
  }

  // What a player sees: no gap, no jump of numbers, decode times contiguous, every picture decodes.
  void expect_unbroken(Shelf& taken) {
    std::map<std::size_t, PublishedPart> last;
    for (const auto& part : taken.parts) {
      EXPECT_FALSE(part.discontinuity_before);
      if (last.contains(part.track)) {
        const auto& before = last[part.track];
        EXPECT_EQ(part.begin, before.begin + before.duration);
        EXPECT_EQ(part.sequence, before.sequence + (before.last_of_segment ? 1 : 0));
      }
      last[part.track] = part;
    }
    const auto pictures =
        std::count_if(taken.parts.begin(), taken.parts.end(), [](const auto& part) { return part.track == 0; }) * 8;
    const auto decoded = test::decode_file(taken.file(0));
    EXPECT_EQ(decoded.complaints, 0);
    EXPECT_EQ(decoded.pictures, pictures);
    EXPECT_EQ(decoded.gaps, 0);
    EXPECT_EQ(test::decode_file(taken.file(1)).gaps, 0);
  }
  static bool filled(const PublishedPart& part) { return !part.filled.empty(); }

  test::TempFolder folder;
  RoomConfig config;
  std::optional<RunDir> run_dir;
  RoomEpoch epoch;
  std::optional<Heartbeat> heartbeat;
  EncodedVideo video;
  EncodedSound sound;
  WantedState wanted;
  Shelf shelf, recording; // outlive the packager
  std::unique_ptr<LiveTimeline> packager;
  std::unique_ptr<Sender> sender;
};

TEST_F(LiveTimelineTest, AnEncoderThatDiesIsFilledInAndItsSuccessorTakenUp) {
  want_show("show-1");
  start_packager(shelf);
  start_sender(1);
  // Ten rows: the usual moment is known by then.
  ASSERT_TRUE(shelf.wait([&] { return shelf.parts.size() >= 20; })) << "never on air";
  {
    const std::lock_guard lock(shelf.mutex);
    EXPECT_EQ(shelf.shows.at(0).id, "show-1");
    EXPECT_EQ(shelf.shows.at(0).tracks.at(0).codec.substr(0, 5), "avc1.");
    EXPECT_EQ(shelf.parts.front().sequence, 0);
    EXPECT_EQ(std::count_if(shelf.parts.begin(), shelf.parts.end(), filled), 0);
  }
  sender.reset();
  const auto killed = monotonic_now();
  Nanoseconds fill_seen{};
  ASSERT_TRUE(shelf.wait([&] {
    fill_seen = shelf.arrived.back();
    return !shelf.parts.back().filled.empty();
  }));
  RecordProperty("kill_to_fill_ms", static_cast<int>((fill_seen - killed) / 1ms));
  EXPECT_LE(fill_seen - killed, 320ms + 250ms + 150ms);
  start_sender(2);
  ASSERT_TRUE(shelf.wait([&] {
    return shelf.parts.size() > 26 && shelf.parts.back().filled.empty() && shelf.parts.back().last_of_segment;
  }));
  packager.reset();
  expect_unbroken(shelf);
}

TEST_F(LiveTimelineTest, TheRecordingIsTheWindowsVeryBytesAndGoesOnCleanBehindASlate) {
  want_show("show-1");
  start_packager(shelf, &recording);
  start_sender(1);
  ASSERT_TRUE(recording.wait([&] { return recording.parts.size() >= 16; })) << "never on air";
  ++wanted.number;
  wanted.slate.kind = "pause";
  packager->want(wanted);
  ASSERT_TRUE(shelf.wait([&] { return shelf.parts.size() >= 40; }));
  ++wanted.number;
  wanted.slate.kind.clear();
  packager->want(wanted);
  ASSERT_TRUE(shelf.wait([&] { return shelf.parts.size() > 60 && shelf.parts.back().filled.empty(); }));
  const auto published = shelf.parts.size();
  ASSERT_TRUE(recording.wait([&] { return recording.parts.size() >= published; }));
  packager.reset();
  EXPECT_EQ(std::count_if(recording.parts.begin(), recording.parts.end(), filled), 0) << "behind the slate all is live";
  EXPECT_GT(std::count_if(shelf.parts.begin(), shelf.parts.end(), filled), 10);
  std::map<std::pair<std::size_t, PictureIndex>, SharedBytes> recorded;
  for (const auto& part : recording.parts)
    recorded[{part.track, part.first_picture}] = part.bytes;
  int same = 0;
  for (const auto& part : shelf.parts)
    if (part.filled.empty() && recorded[{part.track, part.first_picture}] == part.bytes) ++same;
  EXPECT_GE(same, 16) << "the window's buffers, not copies";
  expect_unbroken(shelf);
  expect_unbroken(recording);
}

TEST_F(LiveTimelineTest, ARecorderIsHandedWhatItMayHaveMissedAfterARestart) {
  want_show("show-1");
  start_packager(shelf, &recording);
  start_sender(1);
  ASSERT_TRUE(shelf.wait([&] { return shelf.parts.size() >= 15; })) << "never on air";
  packager.reset();
  Shelf second, again;
  start_packager(second, &again);
  ASSERT_TRUE(again.wait([&] { return again.parts.size() >= shelf.parts.size() + 12; }));
  packager.reset();
  expect_unbroken(again);
  for (std::size_t i = 0; i < shelf.parts.size(); ++i)
    EXPECT_TRUE(*again.parts[i].bytes == *shelf.parts[i].bytes);
}

TEST_F(LiveTimelineTest, ARestartedPackagerPublishesTheSameBytesAndGoesOn) {
  want_show("show-1");
  start_packager(shelf);
  start_sender(1);
  ASSERT_TRUE(shelf.wait([&] { return shelf.parts.size() >= 15; })) << "never on air";
  packager.reset();
  Shelf second;
  start_packager(second);
  ASSERT_TRUE(second.wait([&] { return second.parts.size() >= shelf.parts.size() + 12; }));
  packager.reset();
  for (std::size_t i = 0; i < shelf.parts.size(); ++i) {
    EXPECT_EQ(second.parts[i].sequence, shelf.parts[i].sequence);
    EXPECT_EQ(second.parts[i].track, shelf.parts[i].track);
    EXPECT_TRUE(*second.parts[i].bytes == *shelf.parts[i].bytes) << "other bytes under one name: part " << i;
  }
  EXPECT_EQ(second.shows.at(0).first, shelf.shows.at(0).first);
  EXPECT_TRUE(*second.inits[0] == *shelf.inits[0]);
  EXPECT_EQ(std::count_if(second.parts.begin(), second.parts.end(), filled), 0) << "transcode had kept all of it";
  expect_unbroken(second);
}

TEST_F(LiveTimelineTest, ARestartWithoutTranscodeFillsFromTheRunDirectory) {
  want_show("show-1");
  start_packager(shelf);
  start_sender(1);
  ASSERT_TRUE(shelf.wait([&] { return shelf.parts.size() >= 14; })) << "never on air";
  packager.reset();
  sender.reset();
  Shelf second;
  start_packager(second);
  ASSERT_TRUE(second.wait([&] { return second.parts.size() >= shelf.parts.size() + 14; }));
  EXPECT_FALSE(second.parts.back().filled.empty());
  packager.reset();
  expect_unbroken(second);
}

TEST_F(LiveTimelineTest, AShowThatEndsIsOverAndTheNextOneBegins) {
  want_show("show-1");
  start_packager(shelf);
  start_sender(1);
  ASSERT_TRUE(shelf.wait([&] { return shelf.parts.size() >= 4; })) << "never on air";
  want_show("show-2");
  ASSERT_TRUE(shelf.wait([&] { return shelf.ended == "show-1"; }));
  ASSERT_TRUE(shelf.wait([&] { return shelf.shows.size() == 2; }));
  EXPECT_EQ(shelf.shows[1].id, "show-2");
  want_show("show-2", WantedState::ShowState::kOver);
  ASSERT_TRUE(shelf.wait([&] { return shelf.ended == "show-2"; }));
  EXPECT_TRUE(shelf.parts.back().last_of_segment);
}

TEST_F(LiveTimelineTest, AShowWhoseRunDirectoryIsLostGoesOnAboveItsPromise) {
  want_show("show-1");
  start_packager(shelf);
  start_sender(1);
  ASSERT_TRUE(shelf.wait([&] { return shelf.parts.size() >= 4; })) << "never on air";
  packager.reset(); // its promise is on disk now
  const auto highest = shelf.parts.back().sequence;
  std::filesystem::remove_all(config.run_dir / "live");
  Shelf second;
  start_packager(second);
  ASSERT_TRUE(second.wait([&] { return second.parts.size() >= 2; }));
  packager.reset();
  EXPECT_GT(second.parts.front().sequence, highest);
  EXPECT_TRUE(second.parts.front().discontinuity_before);
}

} // namespace
} // namespace pult::packager
