// What crosses between programs, bent at random: refused with a reason, or within what it promises. Seeded; the
// sanitizers watch.
#include "base/messages/feed_link.hpp"
#include "base/messages/packet_link.hpp"
#include "base/messages/picture_link.hpp"
#include "base/messages/wanted_state.hpp"
#include "base/wire.hpp"
#include "tests/support/bent_bytes.hpp"

#include <boost/json.hpp>
#include <cmath>
#include <gtest/gtest.h>

namespace pult {
namespace {

constexpr int kRounds = 1500;

// Hands bent copies of a good message to its decoder; what is decoded must hold `check`. Both must have happened.
template <typename Decode, typename Check>
void expect_holds(const char* what, const Bytes& good, Decode decode, Check check) {
  test::Bender bender(6);
  int taken = 0;
  int refused = 0;
  for (int round = 0; round < kRounds; ++round) {
    const auto bytes = bender.bent(good);
    const auto message = decode(ByteView(bytes));
    if (!message) {
      EXPECT_FALSE(message.error().message.empty()) << what;
      ++refused;
      continue;
    }
    ++taken;
    ASSERT_TRUE(check(*message)) << what << " in round " << round;
  }
  EXPECT_GT(taken, 0) << what;
  EXPECT_GT(refused, 0) << what;
}

TEST(BentMessagesTest, FeedLink) {
  const Bytes media(400, 0x47);
  expect_holds("chunk", feed_link::encode(feed_link::Chunk{Nanoseconds(1), 2, false, media}), feed_link::decode_chunk,
               [](const auto& chunk) { return chunk.bytes.size() <= feed_link::kMaxChunkBytes; });
  expect_holds("hello", feed_link::encode(feed_link::Hello{feed_link::kVersion, "cam1"}), feed_link::decode_hello,
               [](const auto& hello) { return hello.version == feed_link::kVersion && hello.feed.size() <= 4096; });
}

TEST(BentMessagesTest, PictureLink) {
  using namespace picture_link;
  const Ring ring{kRingSlots, HouseLayout::of(640, 360).bytes, 640, 360, 25};
  expect_holds(
      "picture", encode(Picture{3, 640, 360, Nanoseconds(40'000'000), 1}),
      [&](ByteView bytes) { return decode_picture(bytes, ring); },
      [&](const Picture& picture) {
        return picture.slot < static_cast<std::uint32_t>(ring.slots) && picture.width > 0 && picture.height > 0 &&
               picture.width <= ring.width && picture.height <= ring.height &&
               HouseLayout::of(picture.width, picture.height).bytes <= ring.slot_bytes;
      });
  expect_holds("ring", encode(ring), decode_ring, [](const Ring& taken) {
    return taken.slots > 0 && HouseLayout::of(taken.width, taken.height).bytes <= taken.slot_bytes;
  });
  expect_holds("sound", encode(Sound{960, std::vector<float>(2 * kSoundFrameSamples, 0.25F)}), decode_sound,
               [](const Sound& sound) {
                 return sound.samples.size() == 2 * kSoundFrameSamples &&
                        std::all_of(sound.samples.begin(), sound.samples.end(),
                                    [](float s) { return std::isfinite(s); });
               });
}

TEST(BentMessagesTest, PacketLink) {
  using namespace packet_link;
  const Bytes sample(60, 0x65);
  expect_holds("hello",
               encode(Hello{kVersion,
                            77,
                            25,
                            {{TrackKind::kVideo, "1080p", {1, 2, 3}, 1920, 1080, {}},
                             {TrackKind::kSound, "original", {0x11, 0x90}, 0, 0, {9}}}}),
               decode_hello, [](const Hello& hello) { return hello.tracks.size() < 1000; });
  expect_holds("packet", encode(Packet{77, 1, 5, true, sample}), decode_packet,
               [&](const Packet& packet) { return packet.bytes.size() < 2 * sample.size() + 500; });
  expect_holds("resume", encode(Resume{77, {1, 2, 3}}), decode_resume,
               [](const Resume& resume) { return resume.next.size() < 1000; });
}

TEST(BentMessagesTest, WantedState) {
  WantedState state;
  state.epoch = 2;
  state.on_air.name = "stage";
  state.slate = {"pause", "13:30"};
  state.hold = {true, true, "opted out"};
  state.talk = {"17", "Bürgerdienste", "Ada Beispiel", false};
  state.lower_third = {"Jörg <Müller> & Söhne", "Bürgermeister", "blue", 16, 123456};
  const auto text = boost::json::serialize(to_json(state));
  expect_holds(
      "wanted state", Bytes(text.begin(), text.end()),
      [](ByteView bytes) {
        return wanted_state_from_json({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
      },
      [](const WantedState& taken) { return !boost::json::serialize(to_json(taken)).empty(); });
}

} // namespace
} // namespace pult
