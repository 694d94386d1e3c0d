// The timeline thread over its real socket, real packets and the real clock: on air, a lost encoder, a restart.
#include <gtest/gtest.h>

#include <condition_variable>
#include <map>
#include <mutex>

#include "base/link.hpp"
#include "packager/live_timeline.hpp"
#include "temp_folder.hpp"
#include "test_media.hpp"

namespace pult::packager {
namespace {

using namespace std::chrono_literals;
using test::EncodedSound;
using test::EncodedVideo;

constexpr int kFps = 25;
constexpr int kSegment = 48;

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
  bool wait(Predicate predicate, std::chrono::seconds limit = 15s) {
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

// Transcode in small: dials, says Hello, sends pre-encoded pictures when they are due, an IDR a segment.
class Sender {
 public:
  Sender(const RunDir& run_dir, const RoomEpoch& epoch, const EncodedVideo& video, const EncodedSound& sound,
         std::uint64_t run)
      : epoch_(epoch), video_(video), sound_(sound), run_(run),
        dialer_(io_, run_dir.socket_path(socket_name::kPackagerMedia), {}, [this](auto link) { on_link(link); }),
        timer_(io_.get_executor()) {
    dialer_.dial();
    thread_ = std::jthread([this] { io_.run(); });
  }
  ~Sender() {
    io_.stop();
    thread_.join();
  }

 private:
  void on_link(std::shared_ptr<Link> link) {
    link_ = link;
    link->start([this](std::uint16_t type, ByteView payload, const UniqueFd&) { return on_frame(type, payload); },
                [this](const Error&) {
                  link_.reset();
                  dialer_.dial();
                });
    packet_link::Track high;
    high.name = "360p";
    high.extradata = video_.avcc;
    high.width = 320;
    high.height = 180;
    packet_link::Track original;
    original.kind = packet_link::TrackKind::kSound;
    original.name = "original";
    original.extradata = sound_.config;
    original.silence = {0x21, 0x10, 0x04, 0x60, 0x8c, 0x1c};
    link_->send(packet_link::kHello, encode(packet_link::Hello{packet_link::kVersion, run_, kFps, {high, original}}));
    for (int kind = 0; kind < packet_link::kSlateKinds; ++kind)
      link_->send(packet_link::kSlate,
                  encode(packet_link::Slate{0, static_cast<packet_link::SlateKind>(kind), video_.samples[kSegment]}));
  }

  Result<void> on_frame(std::uint16_t type, ByteView payload) {
    if (type == packet_link::kIdrRequest) return {}; // our next IDR is the next segment's
    auto resume = packet_link::decode_resume(payload);
    if (!resume) return resume.error();
    if (next_picture_ == 0)
      next_picture_ = grid_.next_meeting((grid_.picture_at(epoch_.now()) / kSegment + 1) * kSegment);
    if (next_sound_ == 0) next_sound_ = grid_.sound_at_or_after(next_picture_);
    if (!resume->next.empty()) {
      next_picture_ = std::max<PictureIndex>(first_picture(), std::min(next_picture_, resume->next[0]));
      next_sound_ = std::max(grid_.sound_at_or_after(first_picture()), std::min(next_sound_, resume->next[1]));
    }
    tick();
    return {};
  }

  PictureIndex first_picture() {
    if (first_ == 0) first_ = next_picture_;
    return first_;
  }

  void tick() {
    if (!link_) return;
    (void)first_picture();
    for (; grid_.time_of(next_picture_) + 60ms <= epoch_.now(); ++next_picture_) {
      const auto at = static_cast<std::size_t>(next_picture_ % kSegment);
      link_->send(packet_link::kPacket,
                  encode(packet_link::Packet{run_, 0, next_picture_, at == 0, video_.samples[at]}));
    }
    for (; time_of_sample((next_sound_ + 1) * 1024) + 60ms <= epoch_.now(); ++next_sound_)
      link_->send(
          packet_link::kPacket,
          encode(packet_link::Packet{run_, 1, next_sound_, false,
                                     sound_.frames[static_cast<std::size_t>(next_sound_) % sound_.frames.size()]}));
    timer_.expires_after(10ms);
    timer_.async_wait([this](ErrorCode cancelled) {
      if (!cancelled) tick();
    });
  }

  Grid grid_ = *Grid::of(kFps);
  RoomEpoch epoch_;
  const EncodedVideo& video_;
  const EncodedSound& sound_;
  std::uint64_t run_;
  asio::io_context io_{1};
  LinkDialer dialer_;
  SteadyTimer timer_;
  std::shared_ptr<Link> link_;
  PictureIndex next_picture_ = 0;
  PictureIndex first_ = 0;
  SoundIndex next_sound_ = 0;
  std::jthread thread_;
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

  void start_packager(Shelf& taker) {
    auto started =
        LiveTimeline::start(config, *run_dir, epoch, *heartbeat, {&taker},
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
  static bool filled(const PublishedPart& part) { return part.filled; }

  test::TempFolder folder;
  RoomConfig config;
  std::optional<RunDir> run_dir;
  RoomEpoch epoch;
  std::optional<Heartbeat> heartbeat;
  EncodedVideo video;
  EncodedSound sound;
  WantedState wanted;
  Shelf shelf; // outlives the packager
  std::unique_ptr<LiveTimeline> packager;
  std::unique_ptr<Sender> sender;
};

TEST_F(LiveTimelineTest, AnEncoderThatDiesIsFilledInAndItsSuccessorTakenUp) {
  want_show("show-1");
  start_packager(shelf);
  start_sender(1);
  // Ten rows: the usual moment is known by then.
  ASSERT_TRUE(shelf.wait([&] { return shelf.parts.size() >= 20; })) << "never on air";
  EXPECT_EQ(shelf.shows.at(0).id, "show-1");
  EXPECT_EQ(shelf.shows.at(0).tracks.at(0).codec.substr(0, 5), "avc1.");
  EXPECT_EQ(shelf.parts.front().sequence, 0);
  EXPECT_EQ(std::count_if(shelf.parts.begin(), shelf.parts.end(), filled), 0);
  sender.reset();
  const auto killed = monotonic_now();
  ASSERT_TRUE(shelf.wait([&] { return shelf.parts.back().filled; }));
  RecordProperty("kill_to_fill_ms", static_cast<int>((shelf.arrived.back() - killed) / 1ms));
  EXPECT_LE(shelf.arrived.back() - killed, 320ms + 250ms + 150ms);
  start_sender(2);
  ASSERT_TRUE(shelf.wait(
      [&] { return shelf.parts.size() > 26 && !shelf.parts.back().filled && shelf.parts.back().last_of_segment; }));
  packager.reset();
  expect_unbroken(shelf);
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
  EXPECT_TRUE(second.parts.back().filled);
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
