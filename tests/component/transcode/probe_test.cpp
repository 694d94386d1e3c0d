// pult-probe itself, with the encoders that the programme has.
#include "base/file.hpp"

#include <boost/json.hpp>
#include <cstdio>
#include <filesystem>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <memory>

namespace pult::transcode {
namespace {

namespace json = boost::json;

constexpr auto kRoom = R"(
[room]
data_dir = "data"
run_dir = "{0}"
[[feed]]
name = "cam1"
open = true
[[scene]]
name = "stage"
feeds = ["cam1"]
[[rendition]]
name = "1080p"
size = "1920x1080"
video_kbps = 4500
[[rendition]]
name = "360p"
size = "640x360"
video_kbps = 700
)";

class ProbeTest : public ::testing::Test {
 protected:
  void SetUp() override {
    char folder[] = "/dev/shm/pult-test-XXXXXX";
    ASSERT_NE(::mkdtemp(folder), nullptr);
    folder_ = folder;
    ASSERT_TRUE(write_file(folder_ + "/room.toml", fmt::format(kRoom, folder_)).ok());
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  [[nodiscard]] json::value run() const {
    const auto command = std::string(PULT_PROBE) + " --config " + folder_ + "/room.toml";
    const std::unique_ptr<FILE, int (*)(FILE*)> said(::popen(command.c_str(), "r"), ::pclose);
    std::string text(64u << 10, '\0');
    text.resize(std::fread(text.data(), 1, text.size(), said.get()));
    return json::parse(text);
  }

  std::string folder_;
};

// Nine times the pixels: whatever threads encode them, they cost several times as much.
TEST_F(ProbeTest, TheWorkOfAllThreadsOfAnEncoderCounts) {
  const auto found = run();
  const auto& rungs = found.at("rungs").as_array();
  ASSERT_EQ(rungs.size(), 2u);
  EXPECT_GT(rungs[0].at("ms").to_number<double>(), 3 * rungs[1].at("ms").to_number<double>()) << json::serialize(rungs);
}

} // namespace
} // namespace pult::transcode
