// Decoders at the mixer's door: the ring, its grants, and what is refused.
#include "transcode/encoder_rig.hpp"
#include "transcode/feed_listener.hpp"
#include "transcode/picture_ring.hpp"

#include "test_feed.hpp"

#include <boost/asio/post.hpp>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <gmock/gmock.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <thread>
#include <unistd.h>

namespace pult::transcode {
namespace {

using namespace std::chrono_literals;
using testing::TestFeed;

bool eventually(const std::function<bool()>& holds) {
  const auto deadline = std::chrono::steady_clock::now() + 20s;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(1ms);
  }
  return true;
}

class FeedListenerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(init_gstreamer().ok());
    char folder[] = "/dev/shm/pult-test-XXXXXX";
    ASSERT_NE(::mkdtemp(folder), nullptr);
    folder_ = folder;
    epoch_ = *RoomEpoch::open(folder_);
    input_ = std::make_shared<FeedInput>("cam1", 0ms);
    auto listener = FeedListener::open(io_, socket(), {{320, 180}, 25, epoch_}, {input_}, [](auto, const auto&) {});
    ASSERT_TRUE(listener.ok()) << listener.error().message;
    listener_ = std::move(*listener);
    thread_ = std::thread([this] {
      const auto work = asio::make_work_guard(io_);
      io_.run();
    });
  }
  void TearDown() override {
    asio::post(io_, [this] {
      listener_.reset();
      io_.stop();
    });
    thread_.join();
    std::filesystem::remove_all(folder_);
  }
  [[nodiscard]] std::string socket() const { return folder_ + "/feeds.sock"; }
  TestFeed::Content content() { return {}; }

  std::string folder_;
  asio::io_context io_;
  RoomEpoch epoch_;
  std::shared_ptr<FeedInput> input_;
  std::unique_ptr<FeedListener> listener_;
  std::thread thread_;
};

TEST_F(FeedListenerTest, PicturesArriveAndTheirSlotsAreGrantedAnew) {
  auto settings = content();
  settings.luma = [](std::int64_t n) { return static_cast<int>(20 + n % 200); };
  TestFeed feed(socket(), "cam1", epoch_, settings);
  // More pictures than the ring has slots: each pick lets the ones before it go.
  ASSERT_TRUE(eventually([&] {
    (void)input_->pick(epoch_.now());
    return feed.pictures() > 20;
  }));
  EXPECT_GT(feed.grants(), 20);
  const auto pick = input_->pick(epoch_.now());
  ASSERT_TRUE(pick.picture);
  EXPECT_EQ(pick.picture.size(), (PictureSize{320, 180}));
  EXPECT_GE(luma_at(pick.picture, 100, 100), 20);
}

const auto kSlots = slots_in_use(25, 200ms);        // the mixer's own delay
const auto kSlotsDelayed = slots_in_use(25, 600ms); // and 400 ms more

TEST_F(FeedListenerTest, AMixerThatTakesNothingKeepsTheDecoderAtItsSlots) {
  TestFeed feed(socket(), "cam1", epoch_, content());
  ASSERT_TRUE(eventually([&] { return input_->counts().pictures == kSlots; }));
  EXPECT_TRUE(eventually([&] { return input_->counts().sounds > 60; })); // a second later
  EXPECT_EQ(input_->counts().pictures, kSlots);
}

TEST_F(FeedListenerTest, ALongerDelayOnAirHasItsSlotsAtOnce) {
  TestFeed feed(socket(), "cam1", epoch_, content());
  ASSERT_TRUE(eventually([&] { return input_->counts().pictures == kSlots; }));
  asio::post(io_, [&] {
    input_->set_delay(400ms);
    listener_->delays_changed();
  });
  EXPECT_TRUE(eventually([&] { return input_->counts().pictures == kSlotsDelayed; }));
  // Shorter again: what is let go is not granted anew.
  asio::post(io_, [&] {
    input_->set_delay(0ms);
    listener_->delays_changed();
  });
  const auto grants = feed.grants();
  (void)input_->pick(epoch_.now());
  EXPECT_TRUE(eventually([&] { return feed.grants() >= grants + kSlots - 2; }));
  EXPECT_LE(feed.grants(), kSlotsDelayed + kSlots);
}

TEST_F(FeedListenerTest, ADelayMayChangeBeforeADecoderHasSaidHello) {
  const UniqueFd silent(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{AF_UNIX, {}};
  socket().copy(address.sun_path, sizeof address.sun_path - 1);
  ASSERT_EQ(::connect(silent.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  // Taken up before the next one, which has pictures only when the loop goes on.
  TestFeed feed(socket(), "cam1", epoch_, content());
  EXPECT_TRUE(eventually([&] {
    asio::post(io_, [this] { listener_->delays_changed(); });
    return feed.pictures() > 0;
  }));
}

TEST_F(FeedListenerTest, ASecondDecoderOfAFeedReplacesTheFirst) {
  TestFeed first(socket(), "cam1", epoch_, content());
  ASSERT_TRUE(eventually([&] { return first.pictures() > 0; }));
  TestFeed second(socket(), "cam1", epoch_, content());
  EXPECT_TRUE(eventually([&] { return first.closed(); }));
  EXPECT_TRUE(eventually([&] { return second.pictures() > 0; }));
  EXPECT_TRUE(input_->counts().connected);
}

TEST_F(FeedListenerTest, AnUnknownFeedIsRefused) {
  TestFeed feed(socket(), "stranger", epoch_, content());
  EXPECT_TRUE(eventually([&] { return feed.closed(); }));
  EXPECT_EQ(feed.grants(), 0);
}

TEST_F(FeedListenerTest, ASlotThatWasNotGrantedEndsTheLink) {
  TestFeed feed(socket(), "cam1", epoch_, content());
  ASSERT_TRUE(eventually([&] { return feed.pictures() > 2; }));
  feed.send_ungranted_picture();
  EXPECT_TRUE(eventually([&] { return feed.closed(); }));
  // What it had sent is still there to be read.
  EXPECT_TRUE(input_->pick(epoch_.now()).picture);
}

TEST(PictureRing, CannotBeTruncatedOrGrownByItsOtherHolder) {
  auto ring = PictureRing::make(ring_shape({320, 180}, 25), [](auto) {});
  ASSERT_TRUE(ring.ok()) << ring.error().message;
  const auto fd = (*ring)->share_fd();
  EXPECT_EQ(::ftruncate(fd.get(), 0), -1);
  EXPECT_EQ(errno, EPERM);
  EXPECT_EQ(::ftruncate(fd.get(), 1 << 30), -1);
  EXPECT_EQ(::fcntl(fd.get(), F_ADD_SEALS, F_SEAL_WRITE), -1);
  void* memory = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd.get(), 0);
  EXPECT_NE(memory, MAP_FAILED); // its pictures it may write
  ::munmap(memory, 4096);
}

TEST(PictureRing, ASlotIsFreedByThePicturesLastHolderAndOutlivesTheRing) {
  gst_init(nullptr, nullptr);
  std::vector<std::uint32_t> freed;
  auto ring = PictureRing::make(ring_shape({320, 180}, 25), [&](auto slot) { freed.push_back(slot); });
  ASSERT_TRUE(ring.ok());
  auto picture = (*ring)->wrap(3, {320, 180});
  auto copy = picture;
  *ring = nullptr;
  picture = {};
  EXPECT_THAT(freed, ::testing::IsEmpty());
  EXPECT_EQ(luma_at(copy, 10, 10), 0);
  copy = {};
  EXPECT_THAT(freed, ::testing::ElementsAre(3U));
}

TEST(PictureRing, HoldsTheMixersDelayAndWhatIsBusyAtEveryRate) {
  EXPECT_EQ(slots_in_use(25, 200ms), 23U);
  EXPECT_EQ(slots_in_use(60, 200ms), 40U);
  EXPECT_EQ(slots_in_use(60, 5200ms), 340U);
  EXPECT_EQ(ring_shape({1920, 1080}, 60).slots, 340);
  EXPECT_EQ(slots_in_use(60, 50s), 340U);
}

} // namespace
} // namespace pult::transcode
