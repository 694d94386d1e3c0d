#include "base/config.hpp"

#include "base/file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

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

TEST(Config, ARoomIsRecordedAndItsFilesAreNamedAfterTheEvent) {
  const auto reading = parse_config(std::string("[room]\nname = \"Saal 1\"\nevent = \"Ortenau Digital\"\n") + kSmallest,
                                    "/tmp/room.toml");
  ASSERT_TRUE(reading.config) << reading.text();
  EXPECT_TRUE(reading.config->archive.record);
  EXPECT_TRUE(reading.config->archive.iso);
  EXPECT_FALSE(reading.config->archive.auto_publish);
  EXPECT_EQ(reading.config->archive.acronym, "od");
  EXPECT_EQ(reading.config->schedule.room, "Saal 1");
  EXPECT_FALSE(reading.config->schedule.auto_start);
}

TEST(Config, ArchiveAndScheduleAsWritten) {
  const auto reading = parse_config(std::string(kSmallest) + R"([archive]
second_dir = "../second"
keep_days = 30
acronym = "od26"
base_url = "https://talks.example.org/"
[schedule]
source = "plan/schedule.csv"
room = "Großer Saal"
auto_stop = true
)",
                                    "/srv/room/room.toml");
  ASSERT_TRUE(reading.config) << reading.text();
  EXPECT_EQ(reading.config->archive.second_dir, "/srv/second");
  EXPECT_EQ(reading.config->archive.keep, std::chrono::days(30));
  EXPECT_EQ(reading.config->archive.acronym, "od26");
  EXPECT_EQ(reading.config->archive.base_url, "https://talks.example.org");
  EXPECT_EQ(reading.config->schedule.source, "/srv/room/plan/schedule.csv");
  EXPECT_EQ(reading.config->schedule.room, "Großer Saal");
  EXPECT_TRUE(reading.config->schedule.auto_stop);
}

TEST(Config, ArchiveFaultsSayWhatWouldBeRight) {
  const auto reading = parse_config(std::string(kSmallest) + R"([archive]
second_dir = "data"
acronym = "OD 26"
base_url = "talks.example.org"
kep_days = 3
)",
                                    "/srv/room/room.toml");
  const auto text = reading.text();
  EXPECT_EQ(reading.faults.size(), 4u) << text;
  EXPECT_THAT(text, HasSubstr("name a folder on another disk"));
  EXPECT_THAT(text, HasSubstr("must be of a-z, 0-9 and -"));
  EXPECT_THAT(text, HasSubstr("must begin with https:// or http://"));
  EXPECT_THAT(text, HasSubstr("did you mean \"keep_days\"?"));
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

class ConfigTemplate : public testing::Test {
 protected:
  ~ConfigTemplate() override { std::filesystem::remove_all(folder_); }
  ConfigReading read(const std::string& svg) {
    std::filesystem::create_directories(folder_);
    EXPECT_TRUE(write_file(folder_ / "house.svg", svg));
    return parse_config(std::string(kSmallest) + "[[template]]\nname = \"house\"\nfile = \"house.svg\"\n",
                        folder_ / "room.toml");
  }
  const std::filesystem::path folder_ = testing::TempDir() + "pult-template-" + std::to_string(::getpid());
};

TEST_F(ConfigTemplate, IsAnSvgBesideTheConfig) {
  const auto reading = read("\xEF\xBB\xBF<?xml version=\"1.0\"?>\n<!-- <html> -->\n"
                            "<!DOCTYPE svg [<!ENTITY a \"b\">]>\n<svg:svg xmlns:svg='http://www.w3.org/2000/svg'/>");
  ASSERT_TRUE(reading.config) << reading.text();
  ASSERT_EQ(reading.config->templates.size(), 1u);
  EXPECT_EQ(reading.config->templates[0].name, "house");
  EXPECT_EQ(reading.config->templates[0].file, folder_ / "house.svg");
}

TEST_F(ConfigTemplate, AnythingElseIsAFaultWithItsPlace) {
  EXPECT_THAT(read("<html></html>").text(), HasSubstr("room.toml:7:8: \"file\" in [[template]]: "));
  EXPECT_THAT(read("<html></html>").text(), HasSubstr("house.svg is no SVG: its first element is \"html\""));
  EXPECT_THAT(read("\x89PNG").text(), HasSubstr("is no SVG: it does not begin with an element"));
  EXPECT_THAT(read("<!-- open").text(), HasSubstr("is no SVG: it has no element"));
  EXPECT_THAT(read("").text(), HasSubstr("is no SVG: it has no element"));
  EXPECT_THAT(read("<!DOCTYPE x [").text(), HasSubstr("is no SVG: it has no element"));
}

TEST(Config, ATemplateWithoutItsFileIsAFault) {
  const auto reading = parse_config(std::string(kSmallest) + "[[template]]\nname = \"a\"\nfile = \"none.svg\"\n"
                                                             "[[template]]\nname = \"a\"\n",
                                    "/tmp/room.toml");
  EXPECT_THAT(reading.text(), HasSubstr("room.toml:7:8: \"file\" in [[template]]: open /tmp/none.svg: No such file"));
  EXPECT_THAT(reading.text(), HasSubstr("\"a\" is there twice"));
  EXPECT_THAT(reading.text(), HasSubstr("\"file\""));
  EXPECT_EQ(reading.faults.size(), 3u) << reading.text();
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
