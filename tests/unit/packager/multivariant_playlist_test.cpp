#include "packager/multivariant_playlist.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pult::packager {
namespace {

using namespace std::chrono_literals;
using packet_link::TrackKind;
using testing::HasSubstr;
using testing::Not;

TrackDescription rung(const std::string& name, int width, int height, int kbps) {
  return {TrackKind::kVideo, name, "avc1.640028", width, height, kbps, "", 90000};
}

TrackDescription sound(const std::string& name, const std::string& language) {
  return {TrackKind::kSound, name, "mp4a.40.2", 0, 0, 128, language, 48000};
}

TEST(MultivariantPlaylist, WholeText) {
  const Show show{"s1",
                  {rung("1080p", 1920, 1080, 4500), rung("720p", 1280, 720, 2500), sound("original", "deu"),
                   sound("english", "eng")}};
  // 1080p: (4500 × (1 + 500/1920) + 128) × 1.03
  EXPECT_EQ(multivariant_playlist(show, 25, 1920ms), R"(#EXTM3U
#EXT-X-VERSION:6
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="sound",NAME="original",LANGUAGE="de",DEFAULT=YES,AUTOSELECT=YES,CHANNELS="2",URI="s1/original/index.m3u8"
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="sound",NAME="english",LANGUAGE="en",DEFAULT=NO,AUTOSELECT=YES,CHANNELS="2",URI="s1/english/index.m3u8"
#EXT-X-STREAM-INF:BANDWIDTH=5973871,AVERAGE-BANDWIDTH=4766840,CODECS="avc1.640028,mp4a.40.2",RESOLUTION=1920x1080,FRAME-RATE=25.000,AUDIO="sound",CLOSED-CAPTIONS=NONE
s1/1080p/index.m3u8
#EXT-X-STREAM-INF:BANDWIDTH=3377413,AVERAGE-BANDWIDTH=2706840,CODECS="avc1.640028,mp4a.40.2",RESOLUTION=1280x720,FRAME-RATE=25.000,AUDIO="sound",CLOSED-CAPTIONS=NONE
s1/720p/index.m3u8
)");
}

TEST(MultivariantPlaylist, PromisesNoSoundWhereThereIsNone) {
  const auto text = multivariant_playlist({"s1", {rung("720p", 1280, 720, 2500)}}, 30, 2000ms);
  EXPECT_THAT(text, HasSubstr("CODECS=\"avc1.640028\",RESOLUTION"));
  EXPECT_THAT(text, Not(HasSubstr("AUDIO")));
}

TEST(MultivariantPlaylist, HostileNamesStayInsideTheirQuotes) {
  const auto text =
      multivariant_playlist({"s1", {rung("720p", 1280, 720, 2500), sound("a\"\nb/ä", "x\"\r\n#EXT")}}, 25, 1920ms);
  EXPECT_THAT(text, HasSubstr("NAME=\"ab/ä\",LANGUAGE=\"x#EXT\""));
  EXPECT_THAT(text, HasSubstr("URI=\"s1/a%22%0Ab%2F%C3%A4/index.m3u8\""));
}

TEST(MultivariantPlaylist, LanguagesAreAsShortAsTheyCanBe) {
  EXPECT_EQ(language_tag("deu"), "de");
  EXPECT_EQ(language_tag("gsw"), "gsw");
  EXPECT_EQ(language_tag("en"), "en");
}

} // namespace
} // namespace pult::packager
