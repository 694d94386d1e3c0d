// Streams that no decoder should get, and changes in mid-stream: unsupported in plain words, or thrown away and started
// anew; the decoder goes on.
#include "test_room.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <gmock/gmock.h>

using namespace pult;
using namespace pult::transcode::decode;
using namespace pult::transcode::decode::test;
using namespace std::chrono_literals;
using testing::HasSubstr;

namespace {

const std::string kX264 = "-c:v libx264 -preset ultrafast -tune zerolatency -g 25 -pix_fmt yuv420p ";
const std::string kAac = "-c:a aac -b:a 128k -ar 48000 ";
constexpr int kPicturePid = 0x100; // ffmpeg's
constexpr int kSoundPid = 0x101;

int pid_of(const std::uint8_t* packet) {
  return (packet[1] & 0x1f) << 8 | packet[2];
}

// Calls `bend(packet, time)` for each whole packet.
template <typename Bend>
void bend_packets(std::vector<TimedChunk>& chunks, Bend bend) {
  for (auto& chunk : chunks)
    for (std::size_t at = 0; at + 188 <= chunk.bytes.size(); at += 188)
      bend(chunk.bytes.data() + at, chunk.at);
}

bool has_pcr(const std::uint8_t* packet) {
  return (packet[3] & 0x20) != 0 && packet[4] >= 7 && (packet[5] & 0x10) != 0;
}

void make_null(std::uint8_t* packet) {
  packet[1] = 0x1f;
  packet[2] = 0xff;
}

void keep_pcr_only(std::uint8_t* packet) {
  packet[1] &= 0x1f;
  packet[3] = static_cast<std::uint8_t>((packet[3] & 0x0f) | 0x20);
  packet[4] = 183;
  packet[5] = 0x10;
  std::fill(packet + 12, packet + 188, std::uint8_t{0xff});
}

// The longest time between two pictures.
Nanoseconds longest_pause(const TestRoom& room) {
  Nanoseconds longest{};
  for (std::size_t i = 1; i < room.mixer->pictures.size(); ++i)
    longest = std::max(longest, room.mixer->pictures[i].head.time - room.mixer->pictures[i - 1].head.time);
  return longest;
}

void join(std::vector<TimedChunk>& chunks, const Bytes& next) {
  const auto end = chunks.back().at + 40ms;
  for (auto& chunk : paced(next))
    chunks.push_back({end + chunk.at, std::move(chunk.bytes)});
}

} // namespace

TEST(Hostile, AnUnsupportedPictureIsSaidInPlainWordsAndItsSoundIsHeard) {
  TestRoom room;
  room.play_fast(make_ts(flash_and_beep(3, 25) + "-c:v mpeg4 " + kAac));
  const auto report = room.decoder.report();
  EXPECT_THAT(report.verdict, HasSubstr("unsupported picture (MPEG-4 Video"));
  EXPECT_THAT(report.verdict, HasSubstr("set the encoder to H.264"));
  EXPECT_TRUE(room.mixer->pictures.empty());
  EXPECT_GT(room.mixer->sound.size(), 48000u);
  EXPECT_EQ(report.restarts, 0u) << "no crash loop";
}

TEST(Hostile, AnUnsupportedSoundIsSaidInPlainWordsAndItsPictureIsSeen) {
  TestRoom room;
  room.play_fast(make_ts(flash_and_beep(3, 25) + kX264 + "-c:a s302m -strict -2 -ar 48000 -ac 2 "));
  const auto report = room.decoder.report();
  EXPECT_THAT(report.verdict, HasSubstr("unsupported sound (audio/x-smpte-302m"));
  EXPECT_GE(room.mixer->pictures.size(), 60u);
  EXPECT_TRUE(room.mixer->sound.empty());
  EXPECT_EQ(report.restarts, 0u);
}

TEST(Hostile, NothingThatIsKnown) {
  auto chunks = paced(make_ts(flash_and_beep(2, 25) + kX264 + "-an "));
  bend_packets(chunks, [&](std::uint8_t* packet, Nanoseconds) {
    if (pid_of(packet) != 0x1000) return;
    // The stream type becomes one that nobody has; the section's CRC is made right again.
    packet[5 + 12] = 0xc5;
    std::uint32_t crc = 0xffffffffu;
    const std::size_t length = 3u + ((packet[6] & 0x0fu) << 8 | packet[7]) - 4u;
    for (std::size_t i = 0; i < length; ++i) {
      crc ^= static_cast<std::uint32_t>(packet[5 + i]) << 24;
      for (int bit = 0; bit < 8; ++bit)
        crc = crc << 1 ^ ((crc & 0x80000000u) != 0 ? 0x04c11db7u : 0u);
    }
    for (std::size_t i = 0; i < 4; ++i)
      packet[5 + length + i] = static_cast<std::uint8_t>(crc >> (24 - 8 * i));
  });
  TestRoom room;
  room.play_fast(chunks);
  EXPECT_THAT(room.decoder.report().verdict, HasSubstr("unsupported: neither picture nor sound"));
  EXPECT_LE(room.decoder.report().restarts, 1u) << "waits for another map";
}

TEST(Hostile, SoundThatBeginsLate) {
  auto chunks = paced(make_ts(flash_and_beep(8, 25) + kX264 + kAac));
  bend_packets(chunks, [](std::uint8_t* packet, Nanoseconds at) {
    if (pid_of(packet) == kSoundPid && at < 4s) make_null(packet);
  });
  TestRoom room;
  room.play_fast(chunks);
  EXPECT_GE(room.mixer->pictures.size(), 180u);
  EXPECT_GT(room.mixer->sound.size(), 3u * 48000);
  EXPECT_EQ(room.mixer->sound_breaks, 0);
  EXPECT_EQ(room.decoder.report().restarts, 0u);
  const auto differences = flash_to_beep(*room.mixer);
  ASSERT_GE(differences.size(), 2u);
  for (const double ms : differences)
    EXPECT_NEAR(ms, 0, 5);
}

TEST(Hostile, PicturesThatBeginLate) {
  auto chunks = paced(make_ts(flash_and_beep(8, 25) + kX264 + kAac));
  bend_packets(chunks, [](std::uint8_t* packet, Nanoseconds at) {
    if (pid_of(packet) == kPicturePid && at < 4s) has_pcr(packet) ? keep_pcr_only(packet) : make_null(packet);
  });
  TestRoom room;
  room.play_fast(chunks);
  EXPECT_GE(room.mixer->pictures.size(), 70u);
  EXPECT_GT(room.mixer->sound.size(), 6u * 48000);
}

TEST(Hostile, AStreamWithoutItsClock) {
  auto chunks = paced(make_ts(flash_and_beep(6, 25) + kX264 + kAac));
  bend_packets(chunks, [](std::uint8_t* packet, Nanoseconds at) {
    if (has_pcr(packet) && at > 1s) packet[5] &= 0xef; // no PCR any more
  });
  TestRoom room;
  room.play_fast(chunks);
  EXPECT_GE(room.mixer->pictures.size(), 130u) << room.decoder.report().last_error;
  EXPECT_LE(longest_pause(room), 1s);
}

TEST(Hostile, AClockThatBreaks) {
  for (const auto jump : {3600s, -3600s}) {
    auto chunks = paced(make_ts(flash_and_beep(6, 25) + kX264 + kAac + "-output_ts_offset 7200 "));
    bend_packets(chunks, [jump](std::uint8_t* packet, Nanoseconds at) {
      if (!has_pcr(packet) || at < 3s) return;
      std::int64_t base = 0;
      for (int i = 6; i < 10; ++i)
        base = base << 8 | packet[i];
      base += jump.count() * 45'000; // in halves of 90 kHz: the last bit stays
      for (int i = 9; i >= 6; --i, base >>= 8)
        packet[i] = static_cast<std::uint8_t>(base);
    });
    TestRoom room;
    room.play_fast(chunks);
    EXPECT_GE(room.mixer->pictures.size(), 130u) << jump.count() << " " << room.decoder.report().last_error;
    EXPECT_LE(longest_pause(room), 1s) << jump.count();
  }
}

TEST(Hostile, HalfAProgrammeMap) {
  auto chunks = paced(make_ts(flash_and_beep(5, 25) + kX264 + kAac));
  bend_packets(chunks, [](std::uint8_t* packet, Nanoseconds at) {
    if (pid_of(packet) == 0x1000 && at > 1s && at < 3s) std::fill(packet + 20, packet + 188, std::uint8_t{0});
  });
  TestRoom room;
  room.play_fast(chunks);
  EXPECT_GE(room.mixer->pictures.size(), 110u);
  EXPECT_EQ(room.decoder.report().restarts, 0u);
}

TEST(Hostile, RateAndAspectChangeInMidStream) {
  auto chunks = paced(make_ts(flash_and_beep(2, 25) + kX264 + kAac));
  join(chunks, make_ts(flash_and_beep(2, 50, "640x360") + kX264 + kAac));
  join(chunks, make_ts(flash_and_beep(2, 30, "240x320") + kX264 + kAac + "-ac 1 -ar 44100 "));
  join(chunks, make_ts(flash_and_beep(3, 25, "720x576") + "-vf setsar=64/45 " + kX264 + kAac));
  TestRoom room;
  room.play_fast(chunks);
  EXPECT_LE(longest_pause(room), 1s);
  std::vector<std::pair<int, int>> sizes;
  for (const auto& picture : room.mixer->pictures)
    if (sizes.empty() || sizes.back() != std::pair(picture.head.width, picture.head.height))
      sizes.emplace_back(picture.head.width, picture.head.height);
  EXPECT_THAT(sizes,
              testing::ElementsAre(std::pair(320, 180), std::pair(640, 360), std::pair(240, 320), std::pair(640, 360)));
  EXPECT_EQ(room.decoder.report().last_error, "");
}

TEST(Hostile, CodecsChangeInMidStream) {
  const std::string x265 = "-c:v libx265 -preset ultrafast -x265-params keyint=25:bframes=0:log-level=none ";
  auto chunks = paced(make_ts(flash_and_beep(2, 25) + kX264 + kAac));
  join(chunks, make_ts(flash_and_beep(2, 25) + x265 + "-c:a ac3 -ar 48000 "));
  join(chunks, make_ts(flash_and_beep(2, 25) + kX264 + "-c:a libopus -b:a 96k "));
  join(chunks, make_ts(flash_and_beep(2, 25) + x265 + "-c:a mp2 -ar 48000 "));
  join(chunks, make_ts(flash_and_beep(3, 25) + kX264 + kAac));
  TestRoom room;
  room.play_fast(chunks);
  EXPECT_LE(longest_pause(room), 2s);
  EXPECT_GE(room.mixer->pictures.size(), 11u * 25 * 8 / 10);
  EXPECT_EQ(room.decoder.report().restarts, 4u);
  EXPECT_EQ(room.decoder.report().verdict, "good");
}

TEST(Hostile, DecodeTimesAbovePresentationTimes) {
  auto chunks =
      paced(make_ts(flash_and_beep(5, 25) + "-c:v libx264 -preset veryfast -bf 2 -g 25 -pix_fmt yuv420p " + kAac));
  bend_packets(chunks, [](std::uint8_t* packet, Nanoseconds) {
    if (pid_of(packet) != kPicturePid || (packet[1] & 0x40) == 0) return;
    auto* pes = packet + ((packet[3] & 0x20) != 0 ? 5 + packet[4] : 4);
    if ((pes[7] & 0xc0) != 0xc0) return; // PTS and DTS
    for (int i = 0; i < 5; ++i)
      std::swap(pes[9 + i], pes[14 + i]);
    pes[9] = static_cast<std::uint8_t>((pes[9] & 0x0f) | 0x30);
    pes[14] = static_cast<std::uint8_t>((pes[14] & 0x0f) | 0x10);
  });
  TestRoom room;
  room.play_fast(chunks);
  EXPECT_GE(room.mixer->pictures.size(), 100u);
  EXPECT_LE(longest_pause(room), 1s);
}
