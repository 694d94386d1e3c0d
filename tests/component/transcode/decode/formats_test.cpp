// Whatever a camera may send comes out in the house format: right size, black and white, as loud as it was, flash and
// beep together.
#include "test_room.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <gtest/gtest.h>

using namespace pult;
using namespace pult::transcode::decode;
using namespace pult::transcode::decode::test;

namespace {

constexpr int kSeconds = 5;
constexpr double kBeepLevel = 0.8;
const std::string kX264 = "-c:v libx264 -preset ultrafast -tune zerolatency -g 50 ";
const std::string kX265 = "-c:v libx265 -preset ultrafast -x265-params keyint=50:bframes=0:log-level=none ";
const std::string kAac = "-c:a aac -b:a 128k -ar 48000 ";

struct Format {
  const char* what;
  const char* rate = "25"; // of the feed
  int flash_every = 25;    // pictures
  int programme = 25;
  const char* size = "320x180";
  std::string filter = "null"; // behind the flash
  std::string picture = kX264 + "-pix_fmt yuv420p ";
  std::string sound = kAac;
  PictureSize comes_out{320, 180};
  double level = kBeepLevel;
};

void PrintTo(const Format& format, std::ostream* out) {
  *out << format.what;
}

double number(const std::string& fraction) {
  const auto slash = fraction.find('/');
  return std::stod(fraction) / (slash == std::string::npos ? 1 : std::stod(fraction.substr(slash + 1)));
}

// A white flash of two pictures and a beep of 40 ms, each `flash_every` pictures.
Bytes made(const Format& format) {
  const double every = format.flash_every / number(format.rate);
  return make_ts(
      fmt::format("-f lavfi -i color=black:s={0}:r={1}:d={2},drawbox=c=white:t=fill:enable='lt(mod(n\\,{3})\\,2)',{4} "
                  "-f lavfi -i \"aevalsrc='if(lt(mod(t,{5:.6f}),0.04),{6}*cos(2*PI*1000*t),0)':s=48000:d={2}\" {7} {8}",
                  format.size, format.rate, kSeconds, format.flash_every, format.filter, every, kBeepLevel,
                  format.picture, format.sound));
}

// The amplitude of a tone in its loudest 10 ms.
double loudest(const std::vector<float>& sound) {
  constexpr std::size_t kWindow = 480;
  double most = 0;
  for (std::size_t at = 0; at + kWindow <= sound.size(); at += kWindow / 8) {
    double energy = 0;
    for (std::size_t i = at; i < at + kWindow; ++i)
      energy += sound[i] * sound[i];
    most = std::max(most, energy);
  }
  return std::sqrt(2 * most / kWindow);
}

class FormatTest : public testing::TestWithParam<Format> {};

} // namespace

TEST_P(FormatTest, ComesOutInTheHouseFormat) {
  const auto& format = GetParam();
  TestRoom room(640, 360, format.programme);
  room.play_fast(made(format));
  const auto report = room.decoder.report();
  const auto& pictures = room.mixer->pictures;
  ASSERT_GE(static_cast<double>(pictures.size()), (kSeconds - 1) * number(format.rate) * 0.9) << report.last_error;
  EXPECT_LE(static_cast<double>(pictures.size()), kSeconds * number(format.rate) + 1);
  EXPECT_EQ(pictures.back().head.width, format.comes_out.width);
  EXPECT_EQ(pictures.back().head.height, format.comes_out.height);
  const auto [black, white] = std::minmax_element(pictures.begin(), pictures.end(),
                                                  [](const auto& a, const auto& b) { return a.luma < b.luma; });
  EXPECT_NEAR(black->luma, 16, 3);
  EXPECT_NEAR(white->luma, 235, 6);
  EXPECT_EQ(report.restarts, 0u) << report.last_error;
  EXPECT_EQ(report.verdict, "good");
  if (format.level == 0) {
    EXPECT_TRUE(room.mixer->sound.empty());
    return;
  }
  EXPECT_NEAR(loudest(room.mixer->sound), format.level, 0.1 * format.level);
  EXPECT_EQ(room.mixer->sound_breaks, 0);
  const auto differences = flash_to_beep(*room.mixer);
  EXPECT_GE(differences.size(), 2u);
  for (const double ms : differences)
    EXPECT_NEAR(ms, 0, 5);
}

INSTANTIATE_TEST_SUITE_P(
    Rates, FormatTest,
    testing::Values(Format{"23.976", "24000/1001", 24}, Format{"24", "24", 24}, Format{"25", "25", 25},
                    Format{"29.97", "30000/1001", 30}, Format{"30", "30", 30}, Format{"50", "50", 50},
                    Format{"59.94", "60000/1001", 60}, Format{"60", "60", 60},
                    Format{.what = "29.97 in 30", .rate = "30000/1001", .flash_every = 30, .programme = 30},
                    Format{.what = "25 in 50", .rate = "25", .flash_every = 25, .programme = 50},
                    Format{.what = "12.5", .rate = "25/2", .flash_every = 12}));

INSTANTIATE_TEST_SUITE_P(
    Pictures, FormatTest,
    testing::Values(
        Format{.what = "H.264 4:2:2", .picture = kX264 + "-pix_fmt yuv422p "},
        Format{.what = "H.264 4:2:2 10 bit", .picture = kX264 + "-pix_fmt yuv422p10le "},
        Format{.what = "H.264 10 bit", .picture = kX264 + "-pix_fmt yuv420p10le "},
        Format{.what = "H.264 4:4:4", .picture = kX264 + "-pix_fmt yuv444p "},
        Format{.what = "H.264 B-frames, open GOP",
               .picture = "-c:v libx264 -preset veryfast -bf 3 -g 30 "
                          "-x264opts open-gop=1 -pix_fmt yuv420p "},
        Format{.what = "H.264 intra refresh, no IDR after the first",
               .picture = kX264 + "-x264opts intra-refresh=1 -pix_fmt yuv420p "},
        Format{.what = "H.264 in slices", .picture = kX264 + "-x264opts slices=4 -pix_fmt yuv420p "},
        Format{.what = "H.264 interlaced",
               .filter = "setfield=tff",
               .picture = kX264 + "-flags +ildct+ilme -x264opts tff=1 -pix_fmt yuv420p "},
        Format{.what = "H.264 interlaced 4:2:2 10 bit",
               .filter = "setfield=tff",
               .picture = kX264 + "-flags +ildct+ilme -x264opts tff=1 -pix_fmt yuv422p10le "},
        Format{.what = "MPEG-2 interlaced",
               .filter = "setfield=tff",
               .picture = "-c:v mpeg2video -b:v 2M -g 25 -flags +ildct+ilme -top 1 -pix_fmt yuv420p "},
        Format{.what = "HEVC", .picture = kX265 + "-pix_fmt yuv420p "},
        Format{.what = "HEVC 10 bit", .picture = kX265 + "-pix_fmt yuv420p10le "},
        Format{.what = "HEVC 4:2:2 10 bit", .picture = kX265 + "-pix_fmt yuv422p10le "},
        Format{.what = "HEVC B-frames",
               .picture = "-c:v libx265 -preset ultrafast -x265-params keyint=50:bframes=3:log-level=none "},
        Format{.what = "portrait", .size = "180x320", .comes_out = {180, 320}},
        Format{.what = "wide PAL", .size = "720x576", .filter = "setsar=64/45", .comes_out = {640, 360}},
        Format{.what = "narrow pixels", .size = "352x288", .filter = "setsar=12/11", .comes_out = {384, 288}},
        Format{.what = "odd", .size = "322x182", .comes_out = {322, 182}},
        Format{.what = "larger", .size = "1280x720", .comes_out = {640, 360}}));

INSTANTIATE_TEST_SUITE_P(
    Sounds, FormatTest,
    testing::Values(Format{.what = "none", .sound = "-an ", .level = 0},
                    Format{.what = "AAC 44.1 kHz", .sound = "-c:a aac -b:a 128k -ar 44100 "},
                    Format{.what = "AAC 32 kHz", .sound = "-c:a aac -b:a 96k -ar 32000 "},
                    Format{.what = "AAC one channel", .sound = kAac + "-ac 1 "},
                    Format{.what = "AAC 5.1, front left", .sound = kAac + "-b:a 384k -af 'pan=5.1|FL=c0' "},
                    Format{.what = "AAC 5.1, centre",
                           .sound = kAac + "-b:a 384k -af 'pan=5.1|FC=c0' ",
                           .level = kBeepLevel * 0.7071},
                    Format{.what = "AAC in LATM", .sound = kAac + "-mpegts_flags latm "},
                    Format{.what = "MP2", .sound = "-c:a mp2 -b:a 192k -ar 48000 "},
                    Format{.what = "MP2 44.1 kHz one channel", .sound = "-c:a mp2 -b:a 96k -ar 44100 -ac 1 "},
                    Format{.what = "MP3", .sound = "-c:a libmp3lame -b:a 128k -ar 48000 "},
                    Format{.what = "AC-3", .sound = "-c:a ac3 -b:a 192k -ar 48000 "},
                    Format{.what = "AC-3 5.1, centre",
                           .sound = "-c:a ac3 -b:a 384k -ar 48000 -af 'pan=5.1|FC=c0' ",
                           .level = kBeepLevel * 0.7071},
                    Format{.what = "AC-3 44.1 kHz", .sound = "-c:a ac3 -b:a 192k -ar 44100 "},
                    Format{.what = "Opus", .sound = "-c:a libopus -b:a 128k "},
                    Format{.what = "Opus one channel", .sound = "-c:a libopus -b:a 64k -ac 1 "},
                    Format{.what = "Opus 5.1, front left",
                           .sound = "-c:a libopus -b:a 256k -mapping_family 1 -af 'pan=5.1|FL=c0' "}));
