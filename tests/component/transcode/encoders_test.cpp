// The encoders for real: x264, and avenc_aac through its rig, judged by libavcodec.
#include "transcode/card.hpp"
#include "transcode/ladder.hpp"
#include "transcode/slate_maker.hpp"

#include "test_decoder.hpp"

#include <cmath>
#include <condition_variable>
#include <cstring>
#include <gmock/gmock.h>
#include <map>
#include <random>

namespace pult::transcode {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::SizeIs;

class Encoders : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { ASSERT_TRUE(init_gstreamer().ok()); }
};

HousePicture flat(PictureSize size, int luma) {
  PicturePool pool(size);
  auto picture = pool.take();
  PictureMap map(picture, GST_MAP_WRITE);
  for (int plane = 0; plane < 3; ++plane)
    for (std::ptrdiff_t row = 0; row < map.height(plane); ++row)
      std::memset(map.plane(plane) + row * map.stride(plane), plane == 0 ? luma : 128,
                  static_cast<std::size_t>(map.width(plane)));
  return picture;
}

HousePicture noise(PictureSize size, unsigned seed) {
  auto picture = flat(size, 128);
  std::mt19937 random(seed);
  PictureMap map(picture, GST_MAP_WRITE);
  for (std::ptrdiff_t row = 0; row < map.height(0); ++row)
    for (int x = 0; x < map.width(0); ++x)
      map.plane(0)[row * map.stride(0) + x] = static_cast<guint8>(16 + random() % 200);
  return picture;
}

LadderSettings two_rungs() {
  LadderSettings settings;
  settings.programme = {640, 360};
  settings.renditions = {{"small", {320, 180}, 300}, {"large", {640, 360}, 700}}; // not in the order of their size
  settings.sounds = {{"original", "deu", 128}};
  return settings;
}

// All that a run makes.
class Output {
 public:
  struct Packet {
    std::int64_t index;
    bool idr;
    Bytes bytes;
  };
  LadderSink sink() {
    LadderSink made;
    made.tracks = [this](packet_link::Hello hello) {
      const std::lock_guard lock(mutex_);
      hello_ = std::move(hello);
    };
    made.packet = [this](auto, auto track, auto index, bool idr, Bytes bytes) {
      const std::lock_guard lock(mutex_);
      tracks_[track].push_back({index, idr, std::move(bytes)});
    };
    made.failed = [](const Error& error) { ADD_FAILURE() << error.message; };
    return made;
  }
  std::mutex mutex_;
  packet_link::Hello hello_;
  std::map<int, std::vector<Packet>> tracks_;
};

TEST_F(Encoders, AllRungsHaveEveryIndexAndKeyFramesOnlyWhereAsked) {
  Output output;
  Ladder ladder(two_rungs(), 1, output.sink());
  constexpr PictureIndex kFirst = 1000;
  for (PictureIndex n = kFirst; n < kFirst + 120; ++n) {
    const bool idr = n % 48 == 0 || n == kFirst + 17 || n == kFirst + 18;
    // Hard cuts in between: x264 must not make key frames of its own there.
    ASSERT_TRUE(ladder.push_picture(n, flat({640, 360}, n % 10 < 5 ? 40 : 200), idr, Effort::kFull, seconds(10)));
  }
  ladder.finish();
  for (const int track : {0, 1}) {
    ASSERT_THAT(output.tracks_[track], SizeIs(120));
    std::vector<PictureIndex> idrs;
    for (std::size_t i = 0; i < 120; ++i) {
      EXPECT_EQ(output.tracks_[track][i].index, kFirst + static_cast<PictureIndex>(i));
      if (output.tracks_[track][i].idr) idrs.push_back(output.tracks_[track][i].index);
    }
    EXPECT_THAT(idrs, ElementsAre(1000, 1008, 1017, 1018, 1056, 1104));
  }
}

TEST_F(Encoders, EveryPictureDecodesOnEveryRungWithTheLumaThatWentIn) {
  Output output;
  Ladder ladder(two_rungs(), 1, output.sink());
  for (PictureIndex n = 0; n < 30; ++n)
    ASSERT_TRUE(
        ladder.push_picture(n, flat({640, 360}, static_cast<int>(40 + 5 * n)), n % 8 == 0, Effort::kFull, seconds(10)));
  ladder.finish();
  for (const int track : {0, 1}) {
    std::vector<Bytes> samples;
    for (const auto& packet : output.tracks_[track])
      samples.push_back(packet.bytes);
    const auto pictures =
        testing::decode_pictures(output.hello_.tracks[static_cast<std::size_t>(track)].extradata, samples);
    ASSERT_THAT(pictures, SizeIs(30));
    for (std::size_t i = 0; i < pictures.size(); ++i) {
      EXPECT_FALSE(pictures[i].damaged);
      EXPECT_NEAR(pictures[i].mean_luma, 40.0 + 5.0 * static_cast<double>(i), 2.0) << "track " << track;
    }
  }
}

TEST_F(Encoders, SamplesCarryNoParameterSetsAndKeyFramesAreIdrSlices) {
  auto encoder = VideoEncoder::open({{320, 180}, 25, 300, "veryfast"});
  ASSERT_TRUE(encoder.ok()) << encoder.error().message;
  for (int k = 0; k < 4; ++k) {
    const auto packet = (*encoder)->encode(noise({320, 180}, static_cast<unsigned>(k)), k, k == 2);
    ASSERT_TRUE(packet.ok()) << packet.error().message;
    EXPECT_EQ(packet.value().sample[4] & 31, k % 2 == 0 ? 5 : 1) << k;
  }
}

TEST(EncoderThreads, AreAsManyAsThePicturesWantAndTheMachineHas) {
  EXPECT_EQ(encoder_threads({640, 360}, 25, 8), 1);
  EXPECT_EQ(encoder_threads({1280, 720}, 50, 8), 1);
  EXPECT_EQ(encoder_threads({1920, 1080}, 25, 8), 2);
  EXPECT_EQ(encoder_threads({1920, 1080}, 30, 8), 2);
  EXPECT_EQ(encoder_threads({1920, 1080}, 50, 8), 3);
  EXPECT_EQ(encoder_threads({1920, 1080}, 50, 2), 2);
  EXPECT_EQ(encoder_threads({1920, 1080}, 25, 0), 1); // a machine that does not say
}

std::size_t slices_of(ByteView avc_sample) {
  std::size_t slices = 0;
  while (avc_sample.size() > 4) {
    const std::size_t length = std::size_t{avc_sample[0]} << 24 | std::size_t{avc_sample[1]} << 16 |
                               std::size_t{avc_sample[2]} << 8 | avc_sample[3];
    slices += (avc_sample[4] & 31) == 1 || (avc_sample[4] & 31) == 5 ? 1 : 0;
    avc_sample = avc_sample.subspan(4 + length);
  }
  return slices;
}

TEST_F(Encoders, LargePicturesAreSlicesOfOnePacket) {
  const VideoSettings settings{{1920, 1080}, 25, 4500, "veryfast"};
  auto encoder = VideoEncoder::open(settings);
  ASSERT_TRUE(encoder.ok()) << encoder.error().message;
  const auto threads = static_cast<std::size_t>((*encoder)->threads());
  EXPECT_EQ(threads, std::thread::hardware_concurrency() > 1 ? 2U : 1U);
  std::vector<Bytes> samples;
  for (int k = 0; k < 6; ++k) {
    auto packet = (*encoder)->encode(flat(settings.size, 60 + 20 * k), k, k == 3);
    ASSERT_TRUE(packet.ok()) << packet.error().message;
    EXPECT_EQ(slices_of(packet->sample), threads) << k;
    EXPECT_EQ(packet->idr, k % 3 == 0) << k;
    samples.push_back(std::move(packet->sample));
  }
  const auto slate =
      encode_slate(draw_card(settings.size, {"Müller & Söhne", "Gleich geht es weiter", "Saal 1"}), settings);
  ASSERT_TRUE(slate.ok()) << slate.error().message;
  samples.push_back(*slate);
  const auto pictures = testing::decode_pictures((*encoder)->extradata(), samples);
  ASSERT_THAT(pictures, SizeIs(7));
  for (int k = 0; k < 6; ++k)
    EXPECT_NEAR(pictures[static_cast<std::size_t>(k)].mean_luma, 60 + 20 * k, 2) << k;
  for (const auto& picture : pictures)
    EXPECT_FALSE(picture.damaged);
}

// Noise that moves by half a pixel: hard to find in the picture before.
HousePicture drifting_noise(PictureSize size, int k) {
  const auto still = noise({size.width + 64, size.height}, 7);
  auto picture = flat(size, 128);
  PictureMap from(still, GST_MAP_READ);
  PictureMap to(picture, GST_MAP_WRITE);
  for (std::ptrdiff_t row = 0; row < to.height(0); ++row)
    for (int x = 0; x < to.width(0); ++x) {
      const auto* at = from.plane(0) + row * from.stride(0) + x + k / 2;
      to.plane(0)[row * to.stride(0) + x] = static_cast<guint8>(k % 2 == 0 ? *at : (at[0] + at[1] + 1) / 2);
    }
  return picture;
}

TEST_F(Encoders, LessEffortIsAnotherPacketWithinTheSameStream) {
  const VideoSettings settings{{640, 360}, 25, 4000, "veryfast"};
  constexpr int kCount = 40;
  const auto encoded = [&](auto effort_of) {
    auto encoder = VideoEncoder::open(settings);
    EXPECT_TRUE(encoder.ok());
    std::vector<Bytes> samples;
    for (int k = 0; k < kCount; ++k) {
      auto packet = (*encoder)->encode(drifting_noise(settings.size, k), k, k == 24, effort_of(k));
      EXPECT_TRUE(packet.ok()) << packet.error().message;
      EXPECT_EQ(packet->idr, k == 0 || k == 24);
      samples.push_back(std::move(packet->sample));
    }
    return std::pair((*encoder)->extradata(), samples);
  };
  const auto [sets, full] = encoded([](int) { return Effort::kFull; });
  const auto [sets_too, mixed] = encoded([](int k) { return k >= 10 && k < 30 ? Effort::kReduced : Effort::kFull; });
  EXPECT_EQ(sets, sets_too);
  for (std::size_t k = 0; k < 10; ++k)
    EXPECT_EQ(full[k], mixed[k]) << k;
  EXPECT_NE(full[11], mixed[11]);
  const auto pictures = testing::decode_pictures(sets, mixed);
  ASSERT_THAT(pictures, SizeIs(kCount));
  for (const auto& picture : pictures) {
    EXPECT_FALSE(picture.damaged);
    EXPECT_NEAR(picture.mean_luma, pictures[0].mean_luma, 2);
  }
}

TEST_F(Encoders, AnUnknownPresetIsNamed) {
  const auto encoder = VideoEncoder::open({{320, 180}, 25, 300, "veryquick"});
  ASSERT_FALSE(encoder.ok());
  EXPECT_THAT(encoder.error().message, ::testing::HasSubstr("\"veryquick\""));
}

TEST_F(Encoders, TheSameSettingsGiveTheSameParameterSetsAgain) {
  const VideoSettings settings{{640, 360}, 25, 700, "veryfast"};
  auto first = VideoEncoder::open(settings);
  auto second = VideoEncoder::open(settings);
  ASSERT_TRUE(first.ok() && second.ok());
  ASSERT_TRUE((*first)->encode(noise(settings.size, 1), 0, true).ok());
  EXPECT_EQ((*first)->extradata(), (*second)->extradata());
  EXPECT_EQ((*first)->extradata()[0], 1);     // avcC, version 1
  EXPECT_EQ((*first)->extradata()[4] & 3, 3); // 4-byte lengths
}

TEST_F(Encoders, TheRateOfNoiseStaysUnderTheVbv) {
  constexpr int kKbps = 700;
  auto encoder = VideoEncoder::open({{640, 360}, 25, kKbps, "veryfast"});
  ASSERT_TRUE(encoder.ok());
  std::vector<std::size_t> sizes;
  for (int k = 0; k < 144; ++k) {
    auto packet = (*encoder)->encode(noise({640, 360}, static_cast<unsigned>(k)), k, k % 48 == 0);
    ASSERT_TRUE(packet.ok());
    sizes.push_back(packet.value().sample.size());
  }
  // Any second holds at most its rate and one buffer of half a second; noise at the coarsest quantiser may pass a bit.
  for (std::size_t begin = 25; begin + 25 <= sizes.size(); ++begin) {
    std::size_t bytes = 0;
    for (std::size_t i = begin; i < begin + 25; ++i)
      bytes += sizes[i];
    EXPECT_LT(static_cast<double>(bytes) * 8 / 1000, kKbps * 1.6);
  }
}

TEST_F(Encoders, ASlateHasTheProgrammesParameterSetsAndDecodesBehindIt) {
  const VideoSettings settings{{320, 180}, 25, 300, "veryfast"};
  auto encoder = VideoEncoder::open(settings);
  ASSERT_TRUE(encoder.ok());
  std::vector<Bytes> samples;
  for (int k = 0; k < 3; ++k)
    samples.push_back((*encoder)->encode(flat(settings.size, 200), k, false)->sample);
  const auto card = draw_card({640, 360}, {"Müller & Söhne", "Gleich geht es weiter", "Saal 1"});
  auto slate = encode_slate(card, settings);
  ASSERT_TRUE(slate.ok()) << slate.error().message;
  samples.push_back(*slate);
  const auto pictures = testing::decode_pictures((*encoder)->extradata(), samples);
  ASSERT_THAT(pictures, SizeIs(4));
  EXPECT_NEAR(pictures[2].mean_luma, 200, 2);
  EXPECT_LT(pictures[3].mean_luma, 80);
  EXPECT_FALSE(pictures[3].damaged);
}

TEST_F(Encoders, AnImpulseComesOutAtItsSample) {
  constexpr SoundIndex kFirst = 500;
  constexpr Sample kImpulse = (kFirst + 10) * kSamplesPerSoundFrame + 300;
  Output output;
  auto settings = two_rungs();
  settings.renditions.clear();
  Ladder ladder(settings, 1, output.sink());
  for (SoundIndex m = kFirst; m < kFirst + 30; ++m) {
    SoundFrame frame{};
    if (m == kImpulse / kSamplesPerSoundFrame) frame[2 * (kImpulse % kSamplesPerSoundFrame)] = 0.9F;
    if (m == kImpulse / kSamplesPerSoundFrame) frame[2 * (kImpulse % kSamplesPerSoundFrame) + 1] = 0.9F;
    ASSERT_TRUE(ladder.push_sound(m, frame));
  }
  ladder.finish();
  const auto& packets = output.tracks_[0];
  ASSERT_GE(packets.size(), 28U);
  EXPECT_EQ(packets.front().index, kFirst);
  std::vector<Bytes> bytes;
  for (std::size_t i = 0; i < packets.size(); ++i) {
    EXPECT_EQ(packets[i].index, kFirst + static_cast<SoundIndex>(i));
    bytes.push_back(packets[i].bytes);
  }
  // A player gives frame m the time of its index: what decodes from packet i is heard from sample index × 1,024 on.
  const auto heard = testing::decode_sound(output.hello_.tracks[0].extradata, bytes);
  const auto loudest =
      std::max_element(heard.begin(), heard.end(), [](float a, float b) { return std::fabs(a) < std::fabs(b); });
  EXPECT_GT(std::fabs(*loudest), 0.2F);
  EXPECT_NEAR(kFirst * kSamplesPerSoundFrame + (loudest - heard.begin()), kImpulse, 1);
}

TEST_F(Encoders, SilenceIsOneConstantPacket) {
  auto constants = SoundConstants::find(128);
  ASSERT_TRUE(constants.ok()) << constants.error().message;
  auto encoder = SoundEncoder::open(128);
  ASSERT_TRUE(encoder.ok());
  std::vector<Bytes> packets;
  for (int i = 0; i < 20; ++i) {
    auto packet = (*encoder)->push(SoundFrame{});
    ASSERT_TRUE(packet.ok());
    if (*packet) packets.push_back(**packet);
  }
  ASSERT_THAT(packets, SizeIs(18));
  for (const auto& packet : packets)
    EXPECT_EQ(packet, constants->silence);
}

TEST_F(Encoders, ALadderThatIsFullSaysSo) {
  Output output;
  auto settings = two_rungs();
  Ladder ladder(settings, 1, output.sink());
  // Pushed faster than anything encodes: the same picture, made once.
  const auto picture = noise({640, 360}, 1);
  int given = 0;
  while (given < 1000 && ladder.push_picture(given, picture, false, Effort::kFull, milliseconds(0)))
    ++given;
  EXPECT_LT(given, 1000);
  EXPECT_LE(ladder.backlog(), Ladder::kQueuedPictures);
  ladder.finish();
  EXPECT_THAT(output.tracks_[1], SizeIs(static_cast<std::size_t>(given)));
}

} // namespace
} // namespace pult::transcode
