#include "base/config.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pult {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

constexpr const char* kSmallest = R"(
[[feed]]
name = "cam1"
open = true
)";

TEST(Config, TheSmallestRoomHasDefaults) {
  const auto reading = parse_config(kSmallest, "/tmp/room.toml");
  ASSERT_TRUE(reading.config) << reading.text();
  const auto& config = *reading.config;
  EXPECT_EQ(config.programme, (PictureSize{1920, 1080}));
  EXPECT_EQ(config.fps, 25);
  ASSERT_EQ(config.renditions.size(), 4u);
  EXPECT_EQ(config.renditions[0].video_kbps, 4500);
  EXPECT_EQ(config.sounds.at(0).language, "deu");
  EXPECT_EQ(config.segment, 1920ms);
  EXPECT_EQ(config.window, 7200s);
  EXPECT_TRUE(config.autostart);
  EXPECT_EQ(config.data_dir, "/tmp/data");
  ASSERT_EQ(config.scenes.size(), 1u);
  EXPECT_EQ(config.scenes[0].name, "cam1");
  EXPECT_EQ(config.http.text(), "[::]:8080");
  EXPECT_EQ(config.control.text(), "127.0.0.1:8081");
}

TEST(Config, AllFaultsAtOnceEachWithItsPlace) {
  const auto reading = parse_config(R"([room]
nam = "Saal 1"
[srt]
latency_ms = "200"
[program]
fps = 24
size = "1921x1080"
[[feed]]
name = "cam1"
[[scene]]
name = "stage"
feeds = ["cam2"]
layout = "ful"
[htp]
)",
                                    "room.toml");
  EXPECT_FALSE(reading.config);
  const auto text = reading.text();
  EXPECT_THAT(text, HasSubstr("room.toml:2:1: unknown key \"nam\" in [room]; did you mean \"name\"?"));
  EXPECT_THAT(text, HasSubstr("room.toml:4:14: \"latency_ms\" in [srt] must be a whole number, not string"));
  EXPECT_THAT(text, HasSubstr("room.toml:6:7: \"fps\" in [program] must be 25, 30, 50 or 60, not 24"));
  EXPECT_THAT(text, HasSubstr("room.toml:7:8: \"size\" in [program]: 1921x1080 is no picture size"));
  EXPECT_THAT(text, HasSubstr("room.toml:9:8: feed \"cam1\" needs exactly one of"));
  EXPECT_THAT(text, HasSubstr("room.toml:12:9: \"feeds\" in [[scene]]: no feed \"cam2\"; did you mean \"cam1\"?"));
  EXPECT_THAT(text,
              HasSubstr("room.toml:13:10: \"layout\" in [[scene]]: no such value \"ful\"; did you mean \"full\"?"));
  EXPECT_THAT(text, HasSubstr("room.toml:14:2: unknown key \"htp\"; did you mean \"http\"?"));
  EXPECT_EQ(reading.faults.size(), 8u) << text;
}

TEST(Config, ASyntaxErrorHasItsPlace) {
  const auto reading = parse_config("[room\nname = 1", "room.toml");
  EXPECT_FALSE(reading.config);
  ASSERT_EQ(reading.faults.size(), 1u);
  EXPECT_EQ(reading.faults[0].line, 1u);
}

TEST(Config, AMissingFileIsSaid) {
  const auto reading = read_config("/nonexistent/room.toml");
  EXPECT_FALSE(reading.config);
  EXPECT_THAT(reading.text(), HasSubstr("open /nonexistent/room.toml: No such file or directory"));
}

TEST(Config, ACrewPortBeyondLoopbackWantsTls) {
  const std::string room = kSmallest;
  EXPECT_FALSE(parse_config(room + "[control]\nlisten = \"0.0.0.0:8081\"\n", "r.toml").config);
  EXPECT_TRUE(parse_config(room + "[control]\nlisten = \"0.0.0.0:8081\"\ninsecure = true\n", "r.toml").config);
}

TEST(Config, NamesAreUniqueAndPlain) {
  const auto reading = parse_config(
      "[[feed]]\nname=\"a/b\"\nopen=true\n[[feed]]\nname=\"c\"\nopen=true\n[[feed]]\nname=\"c\"\nopen=true\n",
      "r.toml");
  EXPECT_THAT(reading.text(), HasSubstr("must be letters, digits, - and _"));
  EXPECT_THAT(reading.text(), HasSubstr("\"c\" is there twice"));
}

TEST(Config, ALadderGoesFromLargeToSmallWithinTheProgramme) {
  const std::string room = std::string(kSmallest) + "[program]\nsize = \"640x360\"\n";
  EXPECT_EQ(parse_config(room, "r.toml").config->renditions.size(), 1u);
  const auto reading = parse_config(room + "[[rendition]]\nname=\"a\"\nsize=\"320x180\"\nvideo_kbps=200\n[[rendition]]"
                                           "\nname=\"b\"\nsize=\"1280x720\"\nvideo_kbps=900\n",
                                    "r.toml");
  EXPECT_THAT(reading.text(), HasSubstr("\"b\" is larger than the programme"));
  EXPECT_THAT(reading.text(), HasSubstr("\"b\" is larger than the one before"));
}

} // namespace
} // namespace pult
