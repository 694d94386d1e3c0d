// The real decoder on real transport streams, in real time, into a real ring.
#include "test_room.hpp"

#include "tests/support/slowness.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <utility>

using namespace pult;
using namespace pult::transcode::decode;
using namespace pult::transcode::decode::test;
using namespace std::chrono_literals;

namespace {

const std::string kX264 = "-c:v libx264 -preset ultrafast -tune zerolatency -g 25 -pix_fmt yuv420p ";
const std::string kAac = "-c:a aac -b:a 128k -ar 48000 ";

std::string real(int seconds, const std::string& filter, const std::string& more = "") {
  return fmt::format("-t {} -i {} -vf {} {}", seconds, kVideo, filter, more);
}

// Every second picture loses its PES header (stuffing takes its place): two pictures a PES, as few senders have it.
void bundle_pictures(Bytes& ts) {
  bool odd = false;
  for (std::size_t at = 0; at + 188 <= ts.size(); at += 188) {
    auto* packet = ts.data() + at;
    const bool video_start = (packet[1] & 0x5f) == 0x41 && packet[2] == 0x00; // PID 0x100
    if (!video_start || !std::exchange(odd, !odd)) continue;
    const bool adapted = (packet[3] & 0x20) != 0;
    auto* payload = packet + (adapted ? 5 + packet[4] : 4);
    const auto header = static_cast<std::uint8_t>(9 + payload[8]);
    std::fill_n(payload, header, std::uint8_t{0xff});
    if (adapted) {
      packet[4] = static_cast<std::uint8_t>(packet[4] + header);
    } else {
      packet[4] = static_cast<std::uint8_t>(header - 1);
      packet[5] = 0;
    }
    packet[1] &= 0xbf;
    packet[3] |= 0x20;
  }
}

} // namespace

TEST(Decoder, TwoPicturesInOnePacket) {
  auto ts = make_ts(real(4, "scale=640:360,fps=25", kX264 + kAac));
  bundle_pictures(ts);
  TestRoom room;
  room.play_fast(ts);
  EXPECT_GE(room.mixer->pictures.size(), 65u) << "from the next key frame on all of them";
  EXPECT_EQ(room.decoder.report().restarts, 1u);
  EXPECT_EQ(room.decoder.report().last_error, "");
}

TEST(Decoder, PicturesAndSoundOfARealFeed) {
  TestRoom room;
  room.play(make_ts(real(4, "scale=640:360:out_color_matrix=bt709,fps=25", kX264 + "-colorspace bt709 " + kAac)));
  const auto report = room.decoder.report();
  EXPECT_GE(room.mixer->pictures.size(), 90u);
  EXPECT_EQ(report.restarts, 0u);
  EXPECT_EQ(report.picture_codec, "H.264");
  EXPECT_EQ(report.sound_codec, "AAC");
  EXPECT_EQ(report.media.dropped, 0u);
  EXPECT_EQ(report.media.converted, 0u) << "a plain copy does";
  EXPECT_EQ(room.mixer->pictures.back().head.width, 640);
  EXPECT_EQ(room.mixer->pictures.back().head.height, 360);
  EXPECT_EQ(room.mixer->sound_breaks, 0);
  EXPECT_GT(room.mixer->sound.size(), 3u * 48000);
  EXPECT_EQ(room.mixer->feed, "cam1");
  for (std::size_t i = 60; i < room.mixer->pictures.size(); ++i) { // the clock has learnt by then
    const auto& before = room.mixer->pictures[i - 1].head;
    const auto& picture = room.mixer->pictures[i].head;
    EXPECT_EQ(picture.time - before.time, 40ms) << "each on its place of the grid";
    EXPECT_EQ(picture.time % 40ms, 0ns);
  }
  // They come before the mixer's delay is over; the median, for the machine may be busy.
  std::vector<Nanoseconds> late;
  for (const auto& picture : room.mixer->pictures)
    late.push_back(picture.seen - picture.head.time);
  std::nth_element(late.begin(), late.begin() + static_cast<std::ptrdiff_t>(late.size() / 2), late.end());
  EXPECT_LT(late[late.size() / 2], 200ms * pult::test::kSlowness);
}

TEST(Decoder, FlashAndBeepStayTogether) {
  for (const auto* coder :
       {"-c:v libx264 -preset veryfast -g 25 -bf 2 ", "-c:v libx264 -preset veryfast -tune zerolatency -g 25 "}) {
    TestRoom room;
    room.play_fast(make_ts(flash_and_beep(7, 25) + coder + kAac));
    const auto differences = flash_to_beep(*room.mixer);
    ASSERT_GE(differences.size(), 3u) << coder;
    for (const double ms : differences)
      EXPECT_NEAR(ms, 0, 5) << coder;
    EXPECT_EQ(room.mixer->sound_breaks, 0);
  }
}

// Frames of silence are a hundredth of what sounds; whoever waits for bytes holds back half a second of them, and what
// is loud behind them then comes too late. ffmpeg itself packs up to 0.35 s into a packet.
TEST(Decoder, SilenceBehindABeepIsNotHeldBack) {
  auto chunks = paced(make_ts(flash_and_beep(5, 25) + kX264 + kAac));
  std::erase_if(chunks, [](const TimedChunk& chunk) { return chunk.at > 3900ms; }); // the last beep is at 3 s
  TestRoom room;
  room.play_fast(chunks);
  EXPECT_TRUE(room.wait([&] { return room.mixer->sound.size() >= static_cast<std::size_t>(3.45 * kSampleRate); }, 3s))
      << "of 3.9 s there are " << static_cast<double>(room.mixer->sound.size()) / kSampleRate << " s";
}

TEST(Decoder, AFeedOfAnotherRateIsWithinHalfAPicture) {
  TestRoom room;
  room.play_fast(make_ts(flash_and_beep(7, 30) + kX264 + kAac));
  const auto differences = flash_to_beep(*room.mixer);
  ASSERT_GE(differences.size(), 3u);
  for (const double ms : differences)
    EXPECT_NEAR(ms, 0, 20);
}

TEST(Decoder, ThirtyPicturesASecond) {
  TestRoom room(640, 360, 30);
  room.play_fast(make_ts(flash_and_beep(7, 30) + kX264 + kAac));
  const auto differences = flash_to_beep(*room.mixer);
  ASSERT_GE(differences.size(), 3u);
  for (const double ms : differences)
    EXPECT_NEAR(ms, 0, 5);
}

TEST(Decoder, OnlyPictures) {
  TestRoom room;
  room.play_fast(make_ts(real(2, "scale=640:360,fps=25", kX264 + "-an")));
  EXPECT_GE(room.mixer->pictures.size(), 40u);
  EXPECT_EQ(room.decoder.report().sound_codec, "");
}

TEST(Decoder, OnlySound) {
  TestRoom room;
  room.play_fast(make_ts(real(3, "null", "-vn " + kAac)));
  EXPECT_TRUE(room.mixer->pictures.empty());
  EXPECT_GT(room.mixer->sound.size(), 48000u);
  EXPECT_EQ(room.mixer->sound_breaks, 0);
}

TEST(Decoder, PromisedSoundThatNeverComes) {
  auto ts = make_ts(real(3, "scale=640:360,fps=25", kX264 + kAac));
  for (std::size_t at = 0; at + 188 <= ts.size(); at += 188) // sound packets (PID 0x101) become null packets
    if ((ts[at + 1] & 0x1f) == 1 && ts[at + 2] == 1) ts[at + 1] = 0x1f, ts[at + 2] = 0xff;
  TestRoom room;
  room.play_fast(ts);
  EXPECT_GE(room.mixer->pictures.size(), 60u);
  EXPECT_TRUE(room.mixer->sound.empty());
}

TEST(Decoder, SizeChangesInMidStream) {
  auto ts = make_ts(real(2, "scale=640:360,fps=25", kX264 + kAac));
  const auto second =
      make_ts(fmt::format("-ss 10 -t 2 -i {} -vf scale=480:352,fps=25 -output_ts_offset 2 {} {}", kVideo, kX264, kAac));
  ts.insert(ts.end(), second.begin(), second.end());
  TestRoom room;
  room.play_fast(ts);
  EXPECT_EQ(room.mixer->pictures.front().head.width, 640);
  EXPECT_EQ(room.mixer->pictures.back().head.width, 480);
  EXPECT_EQ(room.mixer->pictures.back().head.height, 352);
}

TEST(Decoder, LargerThanTheProgrammeIsScaled) {
  TestRoom room;
  room.play_fast(make_ts(real(2, "scale=1280:720,fps=25", kX264 + "-an")));
  ASSERT_FALSE(room.mixer->pictures.empty());
  EXPECT_EQ(room.mixer->pictures.back().head.width, 640);
  EXPECT_EQ(room.mixer->pictures.back().head.height, 360);
  EXPECT_GT(room.decoder.report().media.converted, 30u);
}

TEST(Decoder, ColoursOfAnyFormatComeOutInTheHouseFormat) {
  // Pure red is Y 63, U 102, V 240 in BT.709 limited range.
  struct Case {
    const char* what;
    std::string arguments;
  };
  const std::string red = "-f lavfi -i color=red:s=320x180:r=25:d=2,format=rgb24 ";
  const std::vector<Case> cases = {
      {"709", red + "-vf scale=out_color_matrix=bt709:out_range=tv,format=yuv420p -colorspace bt709 -color_range tv "},
      {"601",
       red + "-vf scale=out_color_matrix=bt601:out_range=tv,format=yuv420p -colorspace smpte170m -color_range tv "},
      {"full range",
       red + "-vf scale=out_color_matrix=bt709:out_range=pc,format=yuvj420p -colorspace bt709 -color_range pc "},
      {"4:2:2",
       red + "-vf scale=out_color_matrix=bt709:out_range=tv,format=yuv422p -colorspace bt709 -color_range tv "},
      {"4:4:4 ten bits",
       red + "-vf scale=out_color_matrix=bt709:out_range=tv,format=yuv444p10 -colorspace bt709 -color_range tv "},
  };
  for (const auto& [what, arguments] : cases) {
    TestRoom room;
    room.play_fast(make_ts(arguments + "-c:v libx264 -preset ultrafast -tune zerolatency -g 25 -an"));
    ASSERT_GT(room.mixer->pictures.size(), 10u) << what;
    const auto& yuv = room.mixer->pictures.back().centre;
    EXPECT_NEAR(yuv[0], 63, 3) << what;
    EXPECT_NEAR(yuv[1], 102, 3) << what;
    EXPECT_NEAR(yuv[2], 240, 3) << what;
  }
}

TEST(Decoder, WidePixelsBecomeSquare) {
  TestRoom room;
  room.play_fast(make_ts(real(2, "scale=240:180,setsar=4/3,fps=25", kX264 + "-an")));
  ASSERT_FALSE(room.mixer->pictures.empty());
  EXPECT_EQ(room.mixer->pictures.back().head.width, 320);
  EXPECT_EQ(room.mixer->pictures.back().head.height, 180);
}

TEST(Decoder, InterlacedIsDeinterlaced) {
  TestRoom room;
  room.play_fast(
      make_ts(real(3, "scale=640:360,fps=50,interlace,setfield=tff",
                   "-c:v libx264 -preset ultrafast -flags +ildct+ilme -x264opts tff=1 -g 25 -pix_fmt yuv420p -an")));
  EXPECT_GT(room.mixer->pictures.size(), 50u);
  EXPECT_LT(room.mixer->pictures.size(), 80u) << "25 pictures a second, not 50";
  EXPECT_TRUE(room.decoder.report().last_error.empty()) << room.decoder.report().last_error;
}

// One white field among black ones: of an interlaced picture every second line, of a deinterlaced one all.
TEST(Decoder, AWhiteFieldBecomesAWhitePicture) {
  for (const auto* format : {"yuv420p", "yuv422p", "yuv420p10le", "yuv422p10le"}) {
    TestRoom room;
    room.play_fast(make_ts(fmt::format(
        "-f lavfi -i color=black:s=320x180:r=50:d=3,drawbox=c=white:t=fill:enable='eq(mod(n\\,50)\\,20)' -vf "
        "interlace=lowpass=off,setfield=tff,format={} -c:v libx264 -preset ultrafast -flags +ildct+ilme "
        "-x264opts tff=1 -qp 10 -g 25 -an",
        format)));
    double brightest = 0;
    for (const auto& picture : room.mixer->pictures)
      brightest = std::max(brightest, picture.luma);
    EXPECT_GT(brightest, 200) << format;
  }
}

TEST(Decoder, OtherCodecs) {
  struct Case {
    const char* picture;
    const char* sound;
    std::string arguments;
  };
  const std::vector<Case> cases = {
      {"H.265", "MPEG audio",
       "-c:v libx265 -preset ultrafast -x265-params keyint=25:log-level=none -c:a mp2 -b:a 128k -ar 44100 -ac 1"},
      {"MPEG-2", "AC-3", "-c:v mpeg2video -b:v 2M -g 12 -c:a ac3 -ar 48000"},
      {"H.264", "Opus", kX264 + "-c:a libopus -b:a 96k"},
      {"H.264", "E-AC-3", kX264 + "-c:a eac3 -ar 48000"},
  };
  for (const auto& [picture, sound, arguments] : cases) {
    TestRoom room;
    room.play_fast(make_ts(real(3, "scale=320:180,fps=25", arguments)));
    EXPECT_EQ(room.decoder.report().picture_codec, picture);
    EXPECT_EQ(room.decoder.report().sound_codec, sound);
    EXPECT_GT(room.mixer->pictures.size(), 40u) << picture;
    EXPECT_GT(room.mixer->sound.size(), 48000u) << sound;
    EXPECT_EQ(room.mixer->sound_breaks, 0) << sound;
  }
}

TEST(Decoder, AnotherProgrammeMapAndCodecsWithinTwoSeconds) {
  auto first = make_ts(real(2, "scale=640:360,fps=25", kX264 + kAac));
  const auto second = make_ts(real(3, "scale=320:180,fps=25",
                                   "-c:v libx265 -preset ultrafast -x265-params keyint=50:log-level=none -c:a mp2 "
                                   "-ar 48000 -streamid 0:600 -streamid 1:601 -mpegts_pmt_start_pid 500"));
  TestRoom room;
  room.play(first);
  room.play(second);
  EXPECT_EQ(room.decoder.report().picture_codec, "H.265");
  EXPECT_EQ(room.decoder.report().sound_codec, "MPEG audio");
  EXPECT_EQ(room.mixer->pictures.back().head.width, 320);
  EXPECT_GE(room.mixer->pictures.size(), 95u) << "the key frame behind the new map is not lost";
  EXPECT_EQ(room.decoder.report().restarts, 1u);
}

TEST(Decoder, GarbageThenAFeed) {
  TestRoom room;
  Bytes garbage(2'000'000);
  std::uint32_t state = 1;
  for (auto& byte : garbage)
    byte = static_cast<std::uint8_t>((state = state * 1664525 + 1013904223) >> 24);
  room.deliver(garbage);
  room.wait([] { return false; }, 300ms);
  EXPECT_EQ(room.decoder.report().verdict, "no valid transport stream");
  for (std::size_t at = 0; at < garbage.size(); at += 188) // with sync bytes in their places
    garbage[at] = 0x47;
  room.deliver(garbage);
  room.play(make_ts(real(3, "scale=640:360,fps=25", kX264 + kAac)), 2);
  EXPECT_GE(room.mixer->pictures.size(), 50u);
}

TEST(Decoder, BitFlipsAndTornPacketsDoNotEndIt) {
  auto chunks = paced(make_ts(real(5, "scale=640:360,fps=25", kX264 + kAac)));
  std::uint32_t state = 7;
  const auto random = [&] { return (state = state * 1664525 + 1013904223) >> 8; };
  for (std::size_t i = 0; i < chunks.size() / 2; i += 3) {
    auto& bytes = chunks[i].bytes;
    bytes[random() % bytes.size()] ^= static_cast<std::uint8_t>(1u << random() % 8);
    if (i % 10 == 0) bytes.resize(bytes.size() - random() % bytes.size());
  }
  TestRoom room;
  room.play(chunks);
  EXPECT_GE(room.mixer->pictures.size(), 55u) << "at least what came after the damage";
  EXPECT_LT(std::chrono::abs(room.mixer->pictures.back().seen - room.mixer->pictures.back().head.time),
            500ms * pult::test::kSlowness);
}

TEST(Decoder, TruncatedInTheMiddleOfAPictureAndBack) {
  const auto ts = make_ts(real(3, "scale=640:360,fps=25", kX264 + kAac));
  TestRoom room;
  room.play(Bytes(ts.begin(), ts.begin() + static_cast<std::ptrdiff_t>(ts.size() / 2 + 77)), 1);
  const auto before = room.mixer->pictures.size();
  room.play(ts, 2); // redialled: timestamps from the beginning
  EXPECT_GE(room.mixer->pictures.size(), before + 60);
  EXPECT_EQ(room.decoder.report().restarts, 1u);
  EXPECT_GT(room.mixer->pictures.back().head.feed_epoch, room.mixer->pictures.front().head.feed_epoch);
}

TEST(Decoder, TimestampsJumpByAnHourInMidStream) {
  auto ts = make_ts(real(2, "scale=640:360,fps=25", kX264 + kAac));
  const auto later = make_ts(
      fmt::format("-ss 10 -t 3 -i {} -vf scale=640:360,fps=25 -output_ts_offset 3600 {} {}", kVideo, kX264, kAac));
  ts.insert(ts.end(), later.begin(), later.end());
  TestRoom room;
  room.play(ts);
  EXPECT_GE(room.mixer->pictures.size(), 110u);
  const auto& last = room.mixer->pictures.back();
  EXPECT_LT(std::chrono::abs(last.seen - last.head.time), 300ms * pult::test::kSlowness);
}

TEST(Decoder, TimestampsWrap) {
  const auto ts = make_ts(flash_and_beep(7, 25) + kX264 + kAac + "-output_ts_offset 95439"); // 2^33 ticks are 95443.7 s
  TestRoom room;
  room.play_fast(ts);
  EXPECT_GE(room.mixer->pictures.size(), 160u);
  EXPECT_EQ(room.mixer->sound_breaks, 0);
  const auto differences = flash_to_beep(*room.mixer);
  ASSERT_GE(differences.size(), 3u);
  for (const double ms : differences)
    EXPECT_NEAR(ms, 0, 5);
}

TEST(Decoder, AReplayIsCaughtUpWithTheOldClock) {
  const auto ts = make_ts(flash_and_beep(8, 25) + kX264 + kAac);
  TestRoom room(640, 360, 25, Placer::kTooLate);
  const auto start = monotonic_now() - 4s; // its first half is history
  const auto chunks = paced(ts);
  for (const auto& chunk : chunks) {
    room.wait([&] { return monotonic_now() >= start + chunk.at; });
    room.decoder.take({start + chunk.at, 1, start + chunk.at < monotonic_now() - 50ms, chunk.bytes});
  }
  EXPECT_GE(room.mixer->pictures.size(), 90u);
  const auto& last = room.mixer->pictures.back();
  EXPECT_LT(last.seen - last.head.time, 150ms * pult::test::kSlowness);
  EXPECT_LT(last.head.time - last.seen, picture_link::kMostLead + 50ms) << "no more lead than its sound needs";
  const auto differences = flash_to_beep(*room.mixer);
  ASSERT_GE(differences.size(), 1u);
  for (const double ms : differences)
    EXPECT_NEAR(ms, 0, 5);
}

TEST(Decoder, NoFreeSlotDropsTheNewestAndCounts) {
  TestRoom room;
  room.mixer->hold_slots = true;
  room.play(make_ts(real(4, "scale=640:360,fps=25", kX264 + kAac)));
  EXPECT_EQ(room.mixer->held, static_cast<std::size_t>(kTestSlots));
  EXPECT_GT(room.decoder.report().media.dropped, 20u);
  EXPECT_GT(room.mixer->sound.size(), 48000u) << "sound goes on";
}

TEST(Decoder, TheMixerComesAnew) {
  const auto ts = make_ts(real(5, "scale=640:360,fps=25", kX264 + kAac));
  TestRoom room;
  const auto start = monotonic_now();
  bool replaced = false;
  room.play(ts, 1, [&] {
    if (!replaced && monotonic_now() > start + 2s) {
      replaced = true;
      room.mixer->close();
      room.mixer = std::make_unique<TestMixer>(room.io, room.folder.path("mixer.sock"), room.epoch, 320, 180, 25);
    }
    return false;
  });
  EXPECT_GE(room.mixer->pictures.size(), 60u);
  EXPECT_EQ(room.mixer->pictures.back().head.width, 320) << "the new ring's programme size";
  EXPECT_EQ(room.mixer->closed_because, "");
}
