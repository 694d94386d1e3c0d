// Row 35 of the fault table: a config with every kind of error. All are named with line and column, exit 78; a room
// that runs keeps its config.
#include "base/exit_codes.hpp"
#include "base/file.hpp"
#include "tests/component/control/room_fixture.hpp"

#include <csignal>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sys/stat.h>

namespace pult::control {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

// A line of the file; where its fault is and what it is called. Column 0: nothing is wrong with it.
struct Line {
  std::string text;
  std::size_t column = 0;
  std::string fault = {};
};

const std::vector<Line> kEveryKind{
    {"[room]"},
    {"name = 7", 8, "must be a text in quotes"},
    {"evnt = \"x\"", 1, "unknown key \"evnt\" in [room]; did you mean \"event\"?"},
    {"language = \"fr\"", 12, "no such value \"fr\""},
    {"timezone = \"Europe/Berln\"", 12, "no time zone \"Europe/Berln\""},
    {"[shw]", 2, "unknown key \"shw\"; did you mean \"show\"?"},
    {"[show]"},
    {"autostart = \"yes\"", 13, "must be true or false"},
    {"[srt]"},
    {"listen = \"everywhere\"", 10, "must look like"},
    {"latency_ms = 5", 14, "from 20 to 8000, not 5"},
    {"[[feed]]"},
    {"name = \"cam 1\"", 8, "letters, digits, - and _"},
    {"open = true"},
    {"[[feed]]"},
    {"name = \"cam2\""},
    {"passphrase_file = \"nowhere\"", 19, "cannot read"},
    {"[[feed]]"},
    {"name = \"cam2\"", 8, "is there twice"},
    {"passphrase_file = \"short\"", 19, "must have 10 to 79 bytes"},
    {"policy = \"takover\"", 10, "did you mean \"takeover\"?"},
    {"[[feed]]"},
    {"name = \"cam3\""},
    {"passphrase_file = \"shared\"", 19, "others may read"},
    {"delay_ms = 6000", 12, "from 0 to 5000, not 6000"},
    {"[[feed]]"},
    {"name = \"cam4\"", 8, "exactly one of passphrase_file, passphrase or open = true"},
    {"passphrase_file = \"short\""},
    {"open = true"},
    {"url = \"http://10.0.0.5\"", 7, "must begin with srt://"},
    {"[[feed]]", 1, "\"name\" is missing in [[feed]]"},
    {"open = true"},
    {"[[scene]]"},
    {"name = \"stage\""},
    {"layout = \"ful\"", 10, "did you mean \"full\"?"},
    {"feeds = [\"cam22\"]", 9, "no feed \"cam22\"; did you mean \"cam2\"?"},
    {"[[scene]]"},
    {"name = \"two\""},
    {"layout = \"side-by-side\""},
    {"feeds = [\"cam2\"]", 9, "takes 2 feeds, not 1"},
    {"fallback = \"cam2\"", 12, "must be a list of texts"},
    {"audio = \"cam33\"", 9, "no feed \"cam33\"; did you mean \"cam3\"?"},
    {"[program]"},
    {"size = \"1920 by 1080\"", 8, "must look like \"1920x1080\""},
    {"fps = 24", 7, "must be 25, 30, 50 or 60"},
    {"[[rendition]]"},
    {"name = \"1080p\""},
    {"size = \"63x63\"", 8, "no picture size"},
    {"video_kbps = 1", 14, "from 50 to 50000, not 1"},
    {"[[sound]]"},
    {"name = \"original\""},
    {"language = \"german\"", 12, "three letters"},
    {"[hls]"},
    {"part_ms = 1500", 11, "half of segment_ms at most"},
    {"window_s = 10", 12, "from 30 to 604800"},
    {"[slate]"},
    {"pause = 3", 9, "must be a text in quotes"},
    {"[http]"},
    {"listen = \"[::]:99999\"", 10, "must look like"},
    {"tls_cert = \"cert.pem\"", 12, "\"tls_cert\" and \"tls_key\" in [http] go together"},
    {"[control]"},
    {"listen = \"0.0.0.0:8081\"", 10, "beyond loopback only with tls_cert and tls_key"},
};

class Row35 : public RoomTest {
 protected:
  void SetUp() override {
    for (const auto& [name, text] : {std::pair("short", "short\n"), std::pair("shared", "correct horse battery\n")})
      ASSERT_TRUE(write_file(folder_ / name, text));
    ASSERT_EQ(::chmod((folder_ / "short").c_str(), 0600), 0);
    ASSERT_EQ(::chmod((folder_ / "shared").c_str(), 0644), 0);
    std::string text;
    for (const auto& line : kEveryKind)
      text += line.text + "\n";
    ASSERT_TRUE(write_file(broken(), text));
  }
  std::filesystem::path broken() const { return folder_ / "broken.toml"; }
  // Every fault with its place.
  void expect_all(const std::string& said) const {
    std::size_t faults = 0;
    for (std::size_t i = 0; i < kEveryKind.size(); ++i) {
      const auto& line = kEveryKind[i];
      if (line.column == 0) continue;
      ++faults;
      const auto place = fmt::format("{}:{}:{}: ", broken().string(), i + 1, line.column);
      const auto at = said.find(place);
      ASSERT_NE(at, std::string::npos) << place << line.fault << " is not named in:\n" << said;
      EXPECT_THAT(said.substr(at), HasSubstr(line.fault));
      EXPECT_LT(said.find(line.fault, at), said.find('\n', at)) << place << line.fault;
    }
    EXPECT_EQ(faults, 34u);
  }
};

TEST_F(Row35, EveryFaultIsNamedWithLineAndColumn) {
  for (const auto* command : {"check", "run"}) {
    const auto ran = pult({command}, broken().string());
    EXPECT_EQ(ran.code, exit_code::kBadConfig) << command;
    expect_all(ran.err);
  }
}

TEST_F(Row35, AFileThatIsNoTomlIsNamedWithItsPlace) {
  ASSERT_TRUE(write_file(broken(), "[room]\nname = \"Saal 1\n"));
  const auto ran = pult({"check"}, broken().string());
  EXPECT_EQ(ran.code, exit_code::kBadConfig);
  EXPECT_THAT(ran.err, HasSubstr(broken().string() + ":2:"));
  EXPECT_EQ(pult({"run"}, (folder_ / "none.toml").string()).code, exit_code::kBadConfig);
}

TEST_F(Row35, ARunningRoomKeepsItsConfig) {
  StandIn transcode(*run_dir_, "pult-transcode");
  start_pultd();
  ASSERT_TRUE(wait_until([&] { return pult({"status"}).code == exit_code::kDone; }, 5s));
  const auto good = read_file(folder_ / "room.toml");
  ASSERT_TRUE(good);
  ASSERT_TRUE(write_file(folder_ / "room.toml", *good + "\n[hls]\nsegmnt_ms = 3\n"));
  EXPECT_EQ(pult({"check"}).code, exit_code::kBadConfig);
  const auto take = pult({"take", "hall"});
  EXPECT_EQ(take.code, exit_code::kDone) << take.err;
  EXPECT_EQ(text_at(status(), {"on_air", "scene"}), "hall");
}

TEST_F(Row35, UnknownScenesFeedsAndOptionsGetTheNearestRightName) {
  start_pultd();
  ASSERT_TRUE(wait_until([&] { return pult({"status"}).code == exit_code::kDone; }, 5s));
  const auto expect = [&](std::vector<std::string> words, int code, const std::string& meant) {
    const auto ran = pult(words);
    EXPECT_EQ(ran.code, code) << words[0];
    EXPECT_THAT(ran.err, HasSubstr(fmt::format("did you mean \"{}\"?", meant))) << words[0];
  };
  expect({"take", "hal"}, exit_code::kRefused, "hall");
  expect({"preview", "stgae"}, exit_code::kRefused, "stage");
  expect({"audio", "mute", "cam11"}, exit_code::kRefused, "cam1");
  expect({"feed", "cam22", "restart"}, exit_code::kRefused, "cam2");
  expect({"slate", "pasue"}, exit_code::kUsage, "pause");
  expect({"take", "hall", "--fde", "300"}, exit_code::kUsage, "--fade");
  expect({"lt", "shwo", "Ada"}, exit_code::kUsage, "show");
  expect({"stauts"}, exit_code::kUsage, "status");
  expect({"token", "add", "x", "--role", "veiw"}, exit_code::kRefused, "view");
}

} // namespace
} // namespace pult::control
