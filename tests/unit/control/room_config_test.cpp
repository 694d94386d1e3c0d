// The shipped configs/room.toml is the documentation of every key; it must be right.
#include "base/config.hpp"
#include "base/file.hpp"

#include <filesystem>
#include <gmock/gmock.h>
#include <regex>
#include <sys/stat.h>

namespace pult {
namespace {

const std::filesystem::path kShipped = std::filesystem::path(SOURCE_DIR) / "configs" / "room.toml";

class ShippedRoom : public testing::Test {
 protected:
  // A copy with the secrets that the file names, as the crew makes them.
  void SetUp() override {
    std::string pattern = "/dev/shm/pult-room-XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
    std::filesystem::create_directories(folder_ / "secrets");
    for (const auto* name : {"cam1", "cam2", "slides"})
      ASSERT_TRUE(write_file(folder_ / "secrets" / name, "correct horse battery\n"));
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  ConfigReading parse(const std::string& text) { return parse_config(text, folder_ / "room.toml"); }
  std::filesystem::path folder_;
};

TEST_F(ShippedRoom, IsRightAsItStands) {
  const auto text = read_file(kShipped);
  ASSERT_TRUE(text);
  const auto reading = parse(*text);
  EXPECT_EQ(reading.text(), "");
  ASSERT_TRUE(reading.config);
  EXPECT_FALSE(reading.config->autostart);
  EXPECT_EQ(reading.config->feeds.front().name, "cam1");
  EXPECT_EQ(reading.config->control.host, "127.0.0.1");
}

// Switches the line at `line` on, and the table's header above it when that is commented out, too.
void switch_on(std::string& text, std::size_t line) {
  text.erase(line, 2);
  while (line > 1) {
    line = text.rfind('\n', line - 2) + 1;
    if (text.compare(line, 2, "# ") != 0) return;
    if (text.compare(line, 3, "# [") == 0) return void(text.erase(line, 2));
  }
}

// Each commented-out key is a true one: switched on one at a time, none is unknown or of a wrong type.
TEST_F(ShippedRoom, EveryOptionalKeyIsKnown) {
  const auto text = read_file(kShipped);
  ASSERT_TRUE(text);
  const std::regex commented("\n# ([a-z_]+ += )");
  int keys = 0;
  for (auto it = std::sregex_iterator(text->begin(), text->end(), commented); it != std::sregex_iterator(); ++it) {
    auto one = *text;
    switch_on(one, static_cast<std::size_t>(it->position()) + 1);
    const auto reading = parse(one);
    EXPECT_THAT(reading.text(), testing::Not(testing::HasSubstr("unknown key"))) << it->str();
    EXPECT_THAT(reading.text(), testing::Not(testing::HasSubstr("must be a"))) << it->str();
    EXPECT_THAT(reading.text(), testing::Not(testing::HasSubstr("must look like"))) << it->str();
    ++keys;
  }
  EXPECT_GE(keys, 10);
}

} // namespace
} // namespace pult
