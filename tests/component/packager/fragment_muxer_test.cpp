// Fragments made by libavformat and read back by libavformat.
#include <gtest/gtest.h>

#include "packager/fragment_muxer.hpp"
#include "test_media.hpp"

namespace pult::packager {
namespace {

constexpr std::int64_t kFirstPicture = 40'000'000; // half a year of pictures at 25 a second: tfdt beyond 32 bits
constexpr int kPicturesPerPart = 8;
constexpr int kFramesPerPart = 15;

std::vector<MediaSample> video_part(const test::EncodedVideo& video, std::size_t part) {
  std::vector<MediaSample> samples;
  for (std::size_t i = part * kPicturesPerPart; i < (part + 1) * kPicturesPerPart; ++i)
    samples.push_back({video.samples[i], (kFirstPicture + static_cast<std::int64_t>(i)) * 3600, 3600, i % 24 == 0});
  return samples;
}

std::vector<MediaSample> sound_part(const test::EncodedSound& sound, std::size_t part) {
  std::vector<MediaSample> samples;
  for (std::size_t i = part * kFramesPerPart; i < (part + 1) * kFramesPerPart; ++i)
    samples.push_back({sound.frames[i], kFirstPicture * 1920 + static_cast<std::int64_t>(i) * 1024, 1024, true});
  return samples;
}

TrackFormat video_format(const test::EncodedVideo& video) {
  return {TrackKind::kVideo, video.avcc, 320, 180, 0, 0, 90000, "und"};
}
TrackFormat sound_format(const test::EncodedSound& sound) {
  return {TrackKind::kSound, sound.config, 0, 0, 2, 48000, 48000, "deu"};
}

// The names of the top-level boxes, in order.
std::vector<std::string> boxes(const Bytes& bytes) {
  std::vector<std::string> names;
  for (std::size_t at = 0; at + 8 <= bytes.size();) {
    const std::size_t size = static_cast<std::size_t>(bytes[at]) << 24 | static_cast<std::size_t>(bytes[at + 1]) << 16 |
                             static_cast<std::size_t>(bytes[at + 2]) << 8 | bytes[at + 3];
    names.emplace_back(bytes.begin() + static_cast<std::ptrdiff_t>(at) + 4,
                       bytes.begin() + static_cast<std::ptrdiff_t>(at) + 8);
    if (size < 8) break;
    at += size;
  }
  return names;
}

struct ReadBack {
  std::vector<AVPacket*> packets;
  AVRational time_base{};
  int codec_id = 0;
  std::string language;
  ~ReadBack() {
    for (AVPacket*& packet : packets)
      av_packet_free(&packet);
  }
};

struct Source {
  Bytes bytes;
  std::size_t at = 0;
};

int read_source(void* opaque, std::uint8_t* out, int size) {
  auto& source = *static_cast<Source*>(opaque);
  const std::size_t count = std::min(static_cast<std::size_t>(size), source.bytes.size() - source.at);
  if (count == 0) return AVERROR_EOF;
  std::copy_n(source.bytes.begin() + static_cast<std::ptrdiff_t>(source.at), count, out);
  source.at += count;
  return static_cast<int>(count);
}

void read_back(const Bytes& file, ReadBack& out) {
  Source source{file};
  AVFormatContext* context = avformat_alloc_context();
  AvIoPtr io(
      avio_alloc_context(static_cast<std::uint8_t*>(av_malloc(4096)), 4096, 0, &source, read_source, nullptr, nullptr));
  context->pb = io.get();
  ASSERT_EQ(avformat_open_input(&context, nullptr, nullptr, nullptr), 0);
  out.time_base = context->streams[0]->time_base;
  out.codec_id = context->streams[0]->codecpar->codec_id;
  if (const auto* entry = av_dict_get(context->streams[0]->metadata, "language", nullptr, 0))
    out.language = entry->value;
  AVPacket* packet = av_packet_alloc();
  while (av_read_frame(context, packet) == 0) {
    out.packets.push_back(packet);
    packet = av_packet_alloc();
  }
  av_packet_free(&packet);
  avformat_close_input(&context);
}

class FragmentMuxerMade : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    video_ = new test::EncodedVideo(test::encode_video({}, 72, {24, 48}));
    sound_ = new test::EncodedSound(test::encode_sound(9 * kFramesPerPart));
  }
  static void TearDownTestSuite() {
    delete video_;
    delete sound_;
  }
  static test::EncodedVideo* video_;
  static test::EncodedSound* sound_;
};
test::EncodedVideo* FragmentMuxerMade::video_ = nullptr;
test::EncodedSound* FragmentMuxerMade::sound_ = nullptr;

TEST_F(FragmentMuxerMade, InitIsFtypAndMoovAndEachPartOneMoofAndOneMdat) {
  auto muxer = FragmentMuxer::create(video_format(*video_), 1);
  ASSERT_TRUE(muxer) << muxer.error().message;
  EXPECT_EQ(boxes(muxer->init_section()), (std::vector<std::string>{"ftyp", "moov"}));
  for (std::size_t part = 0; part < 9; ++part) {
    auto bytes = muxer->part(video_part(*video_, part));
    ASSERT_TRUE(bytes) << bytes.error().message;
    EXPECT_EQ(boxes(*bytes), (std::vector<std::string>{"moof", "mdat"}));
  }
}

TEST_F(FragmentMuxerMade, PicturesComeBackAtTheirAbsoluteTimes) {
  auto muxer = FragmentMuxer::create(video_format(*video_), 1);
  ASSERT_TRUE(muxer);
  Bytes file = muxer->init_section();
  for (std::size_t part = 0; part < 9; ++part) {
    auto bytes = muxer->part(video_part(*video_, part));
    file.insert(file.end(), bytes->begin(), bytes->end());
  }
  ReadBack back;
  read_back(file, back);
  EXPECT_EQ(back.codec_id, AV_CODEC_ID_H264);
  EXPECT_EQ(back.time_base.den, 90000);
  ASSERT_EQ(back.packets.size(), 72U);
  for (std::size_t i = 0; i < 72; ++i) {
    const AVPacket& packet = *back.packets[i];
    EXPECT_EQ(packet.dts, (kFirstPicture + static_cast<std::int64_t>(i)) * 3600);
    EXPECT_EQ(packet.pts, packet.dts);
    EXPECT_EQ(packet.duration, 3600);
    EXPECT_EQ((packet.flags & AV_PKT_FLAG_KEY) != 0, i % 24 == 0) << i;
    EXPECT_TRUE(
        std::equal(packet.data, packet.data + packet.size, video_->samples[i].begin(), video_->samples[i].end()));
  }
}

TEST_F(FragmentMuxerMade, SoundComesBackOnTheSampleGrid) {
  auto muxer = FragmentMuxer::create(sound_format(*sound_), 7);
  ASSERT_TRUE(muxer) << muxer.error().message;
  Bytes file = muxer->init_section();
  for (std::size_t part = 0; part < 9; ++part) {
    auto bytes = muxer->part(sound_part(*sound_, part));
    ASSERT_TRUE(bytes);
    EXPECT_EQ(boxes(*bytes), (std::vector<std::string>{"moof", "mdat"}));
    file.insert(file.end(), bytes->begin(), bytes->end());
  }
  ReadBack back;
  read_back(file, back);
  EXPECT_EQ(back.language, "deu");
  ASSERT_EQ(back.packets.size(), static_cast<std::size_t>(9 * kFramesPerPart));
  for (std::size_t i = 0; i < back.packets.size(); ++i) {
    EXPECT_EQ(back.packets[i]->dts, kFirstPicture * 1920 + static_cast<std::int64_t>(i) * 1024);
  }
}

TEST_F(FragmentMuxerMade, ARestartedMuxerMakesTheSameBytes) {
  for (const bool video : {true, false}) {
    const TrackFormat format = video ? video_format(*video_) : sound_format(*sound_);
    const auto samples = [&](std::size_t part) {
      return video ? video_part(*video_, part) : sound_part(*sound_, part);
    };
    auto whole = FragmentMuxer::create(format, 100);
    ASSERT_TRUE(whole);
    for (std::size_t part = 0; part < 9; ++part) {
      auto restarted = FragmentMuxer::create(format, 100 + static_cast<std::uint32_t>(part));
      ASSERT_TRUE(restarted);
      EXPECT_EQ(restarted->init_section(), whole->init_section());
      auto expected = whole->part(samples(part));
      auto again = restarted->part(samples(part));
      ASSERT_TRUE(expected && again);
      EXPECT_TRUE(*again == *expected) << "part " << part;
    }
  }
}

TEST_F(FragmentMuxerMade, RefusesAGapAnOverlapAndNothing) {
  auto muxer = FragmentMuxer::create(video_format(*video_), 1);
  ASSERT_TRUE(muxer);
  ASSERT_TRUE(muxer->part(video_part(*video_, 0)));
  EXPECT_FALSE(muxer->part(video_part(*video_, 2)));
  EXPECT_FALSE(muxer->part(video_part(*video_, 0)));
  EXPECT_FALSE(muxer->part({}));
  auto wrong = video_part(*video_, 1);
  wrong[3].duration = 3599;
  EXPECT_FALSE(muxer->part(wrong));
  EXPECT_TRUE(muxer->part(video_part(*video_, 1))) << "a refused part leaves the muxer as it was";
}

TEST(FragmentMuxer, RefusesFormatsWithoutTheirFields) {
  EXPECT_FALSE(FragmentMuxer::create({}, 1));
  EXPECT_FALSE(FragmentMuxer::create({TrackKind::kVideo, {1, 2, 3}, 0, 0, 0, 0, 90000, "und"}, 1));
  EXPECT_FALSE(FragmentMuxer::create({TrackKind::kSound, {0x11, 0x90}, 0, 0, 2, 48000, 48000, "und"}, 0));
}

} // namespace
} // namespace pult::packager
