#include "cam/options.hpp"

#include <gmock/gmock.h>

#include <cstdlib>
#include <initializer_list>
#include <vector>

namespace pult::cam {
namespace {

using testing::HasSubstr;

std::variant<Options, Ending> read(std::initializer_list<const char*> words) {
  std::vector<const char*> argv{"pult-cam"};
  argv.insert(argv.end(), words);
  return read_options(static_cast<int>(argv.size()), argv.data());
}

std::string refusal(std::initializer_list<const char*> words) {
  const auto read_as = read(words);
  const auto* ending = std::get_if<Ending>(&read_as);
  if (!ending) return "accepted";
  EXPECT_EQ(ending->exit_code, 2);
  return ending->text;
}

TEST(Options, HaveDefaults) {
  const auto read_as = read({"srt://localhost:9000?streamid=#!::r=cam1,m=publish"});
  ASSERT_TRUE(std::holds_alternative<Options>(read_as)) << std::get<Ending>(read_as).text;
  const auto& options = std::get<Options>(read_as);
  EXPECT_EQ(options.loop.name, "cam1");
  EXPECT_EQ(options.loop.width, 1280);
  EXPECT_EQ(options.loop.height, 720);
  EXPECT_EQ(options.loop.fps, 25);
  EXPECT_EQ(options.loop.kbps, 2304);
  EXPECT_EQ(options.loop.length.count(), 60);
}

TEST(Options, TakeANameAndASize) {
  const auto read_as = read({"srt://localhost:9000", "--name", "Bühne & Söhne", "--size", "320x180", "--fps=50",
                             "--loop", "4", "--motif", "hall"});
  ASSERT_TRUE(std::holds_alternative<Options>(read_as)) << std::get<Ending>(read_as).text;
  const auto& loop = std::get<Options>(read_as).loop;
  EXPECT_EQ(loop.name, "Bühne & Söhne");
  EXPECT_EQ(loop.width, 320);
  EXPECT_EQ(loop.motif, MotifKind::kHall);
  EXPECT_EQ(loop.fps, 50);
  EXPECT_EQ(loop.length.count(), 4);
}

TEST(Options, WrongUsageNamesTheRightOne) {
  EXPECT_THAT(refusal({"srt://h:1", "--nmae", "x"}), HasSubstr("--name"));
  EXPECT_THAT(refusal({"srt://h:1", "--fiel", "x"}), HasSubstr("--file"));
  EXPECT_THAT(refusal({}), HasSubstr("URL"));
  EXPECT_THAT(refusal({"srt://h:1", "--fps", "29"}), HasSubstr("90000"));
  EXPECT_THAT(refusal({"srt://h:1", "--fps", "x"}), HasSubstr("--fps"));
  EXPECT_THAT(refusal({"srt://h:1", "--size", "1280"}), HasSubstr("1280x720"));
  EXPECT_THAT(refusal({"srt://h:1", "--size", "1281x720"}), HasSubstr("even"));
  EXPECT_THAT(refusal({"srt://h:1", "--loop", "7"}), HasSubstr("divide 60"));
  EXPECT_THAT(refusal({"srt://h:1", "--motif", "speker"}), HasSubstr("did you mean \"speaker\"?"));
  EXPECT_THAT(refusal({"srt://h:1", "--name", "\xff"}), HasSubstr("UTF-8"));
  EXPECT_THAT(refusal({"srt://h:1", "--passphrase-file", "/nonexistent"}), HasSubstr("/nonexistent"));
}

TEST(Options, HelpIsNoFault) {
  const auto read_as = read({"--help"});
  ASSERT_TRUE(std::holds_alternative<Ending>(read_as));
  EXPECT_EQ(std::get<Ending>(read_as).exit_code, 0);
  EXPECT_THAT(std::get<Ending>(read_as).text, HasSubstr("--passphrase-file"));
}

TEST(Options, TakeThePassphraseFromTheEnvironmentBeforeTheUrl) {
  setenv("PULT_CAM_PASSPHRASE", "from the environment", 1);
  const auto read_as = read({"srt://h:1?passphrase=from the url"});
  unsetenv("PULT_CAM_PASSPHRASE");
  ASSERT_TRUE(std::holds_alternative<Options>(read_as));
  EXPECT_EQ(std::get<Options>(read_as).target.passphrase, "from the environment");
}

} // namespace
} // namespace pult::cam
