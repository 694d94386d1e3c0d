#include "base/messages/feed_link.hpp"
#include "base/messages/packet_link.hpp"
#include "base/messages/picture_link.hpp"
#include "base/messages/wanted_state.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>
#include <limits>

namespace pult {
namespace {

// No truncation of a message may parse, and none may read past its end (the sanitizers watch).
template <typename Decode>
void expect_no_truncation_parses(const Bytes& bytes, std::size_t shortest_valid, Decode decode) {
  for (std::size_t length = 0; length < shortest_valid; ++length)
    EXPECT_FALSE(decode(ByteView(bytes).first(length)).ok()) << length;
}

TEST(FeedLink, GoesAround) {
  const Bytes media{0x47, 1, 2, 3};
  const auto bytes = feed_link::encode(feed_link::Chunk{Nanoseconds(123456789), 42, true, media});
  const auto chunk = feed_link::decode_chunk(bytes);
  ASSERT_TRUE(chunk.ok());
  EXPECT_EQ(chunk->arrival, Nanoseconds(123456789));
  EXPECT_EQ(chunk->connection, 42u);
  EXPECT_TRUE(chunk->replayed);
  EXPECT_EQ(Bytes(chunk->bytes.begin(), chunk->bytes.end()), media);
  expect_no_truncation_parses(bytes, bytes.size() - media.size(), feed_link::decode_chunk);
  const auto hello = feed_link::encode(feed_link::Hello{feed_link::kVersion, "cam1"});
  EXPECT_EQ(feed_link::decode_hello(hello)->feed, "cam1");
  expect_no_truncation_parses(hello, hello.size(), feed_link::decode_hello);
  EXPECT_FALSE(feed_link::decode_hello(feed_link::encode(feed_link::Hello{99, "cam1"})).ok());
}

TEST(PictureLink, ChecksAPictureAgainstItsRing) {
  using namespace picture_link;
  Ring ring{kRingSlots, HouseLayout::of(1920, 1080).bytes, 1920, 1080, 25};
  const auto ring_bytes = encode(ring);
  ASSERT_TRUE(decode_ring(ring_bytes).ok());
  EXPECT_EQ(decode_ring(ring_bytes)->slot_bytes, ring.slot_bytes);
  ring.slot_bytes -= 1;
  EXPECT_FALSE(decode_ring(encode(ring)).ok()) << "a slot too small for a picture";
  ring.slot_bytes += 1;

  const Picture good{3, 1920, 1080, Nanoseconds(40'000'000), 1};
  EXPECT_TRUE(decode_picture(encode(good), ring).ok());
  for (const auto& bad : {Picture{12, 1920, 1080}, Picture{0, 1922, 1080}, Picture{0, 1920, 1082}, Picture{0, 0, 0},
                          Picture{0, -2, 10}, Picture{0, 1919, 1080}})
    EXPECT_FALSE(decode_picture(encode(bad), ring).ok());
  EXPECT_FALSE(decode_grant(encode(Grant{12}), ring.slots).ok());
  EXPECT_EQ(decode_grant(encode(Grant{11}), ring.slots)->slot, 11u);
}

TEST(PictureLink, SoundIsWholeAndFinite) {
  using namespace picture_link;
  Sound sound{960, std::vector<float>(2 * kSoundFrameSamples, 0.25F)};
  const auto bytes = encode(sound);
  const auto back = decode_sound(bytes);
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(back->first, 960);
  EXPECT_EQ(back->samples, sound.samples);
  expect_no_truncation_parses(bytes, bytes.size(), decode_sound);
  sound.samples[7] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_FALSE(decode_sound(encode(sound)).ok());
}

TEST(HouseLayoutTest, PlanesDoNotOverlapAndFit) {
  const auto layout = picture_link::HouseLayout::of(854, 480);
  EXPECT_EQ(layout.stride[0] % 32, 0);
  EXPECT_GE(layout.stride[0], 854);
  EXPECT_GE(layout.stride[1], 427);
  EXPECT_EQ(layout.offset[1], static_cast<std::size_t>(layout.stride[0]) * 480);
  EXPECT_EQ(layout.bytes, layout.offset[2] + static_cast<std::size_t>(layout.stride[2]) * 240);
}

TEST(PacketLink, GoesAround) {
  using namespace packet_link;
  Hello hello{kVersion,
              77,
              25,
              {{TrackKind::kVideo, "1080p", {1, 2, 3}, 1920, 1080, {}},
               {TrackKind::kSound, "original", {0x11, 0x90}, 0, 0, {9}}}};
  const auto bytes = encode(hello);
  const auto back = decode_hello(bytes);
  ASSERT_TRUE(back.ok());
  ASSERT_EQ(back->tracks.size(), 2u);
  EXPECT_EQ(back->run, 77u);
  EXPECT_EQ(back->tracks[0].extradata, (Bytes{1, 2, 3}));
  EXPECT_EQ(back->tracks[1].kind, TrackKind::kSound);
  EXPECT_EQ(back->tracks[1].silence, (Bytes{9}));
  expect_no_truncation_parses(bytes, bytes.size(), decode_hello);

  const Bytes sample{0, 0, 0, 1, 0x65};
  const auto packet = encode(Packet{77, 1, -5, true, sample});
  EXPECT_EQ(decode_packet(packet)->index, -5);
  EXPECT_TRUE(decode_packet(packet)->idr);
  expect_no_truncation_parses(packet, packet.size() - sample.size() + 1, decode_packet);

  EXPECT_EQ(decode_slate(encode(Slate{1, SlateKind::kPause, sample}))->kind, SlateKind::kPause);
  EXPECT_EQ(decode_resume(encode(Resume{77, {1, 2}}))->next, (std::vector<std::int64_t>{1, 2}));
  EXPECT_EQ(decode_idr_request(encode(IdrRequest{3}))->request, 3u);
  EXPECT_EQ(decode_idr_answer(encode(IdrAnswer{3, 1000}))->picture, 1000);
}

TEST(WantedStateTest, GoesAroundAsJson) {
  WantedState state;
  state.epoch = 2;
  state.number = 17;
  state.show = {WantedState::ShowState::kLive, "20261123-0915-k3f9"};
  state.on_air = {"stage", std::chrono::milliseconds(400)};
  state.preview = "hall";
  state.slate = {"pause", "13:30"};
  state.hold = {true, false, "die Rednerin hat widersprochen"};
  state.talk = {"17", "Bürgerdienste & Daten", "Ada Beispiel, Jo Muster", false};
  state.lower_third = {"Jörg <Müller> & Söhne", "Bürgermeister", "blue", 16, 123456};
  state.feeds["cam1"] = {-4.5, true, std::chrono::milliseconds(80)};
  state.feeds["cam2"] = {3, false, std::nullopt};
  const auto back = wanted_state_from_json(boost::json::serialize(to_json(state)));
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(to_json(*back), to_json(state));
  EXPECT_EQ(back->lower_third, state.lower_third);
  EXPECT_EQ(back->hold, state.hold);
  EXPECT_EQ(back->talk, state.talk);
  EXPECT_EQ(back->feeds, state.feeds);
}

TEST(WantedStateTest, TheHigherNumberWinsWithinTheHigherEpoch) {
  WantedState a, b;
  a.epoch = 1;
  a.number = 900;
  b.epoch = 2;
  b.number = 1;
  EXPECT_TRUE(b.newer_than(a));
  EXPECT_FALSE(a.newer_than(b));
  EXPECT_FALSE(a.newer_than(a));
}

TEST(WantedStateTest, RefusesWhatIsNoObjectAndKeepsDefaults) {
  for (const char* text : {"", "[]", "{", "null", "\"x\""})
    EXPECT_FALSE(wanted_state_from_json(text).ok()) << text;
  const auto sparse = wanted_state_from_json(R"({"number": 3, "on_air": 7, "future": {"a": 1}, "feeds": {"x": 1}})");
  ASSERT_TRUE(sparse.ok());
  EXPECT_EQ(sparse->number, 3);
  EXPECT_EQ(sparse->on_air.name, "");
  EXPECT_EQ(sparse->lower_third, WantedState::LowerThird{});
  EXPECT_EQ(sparse->hold, WantedState::Hold{});
  EXPECT_EQ(sparse->talk, WantedState::Talk{});
  EXPECT_TRUE(sparse->feeds.empty());
}

} // namespace
} // namespace pult
