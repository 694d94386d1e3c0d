// Loops made by the real encoders, kept in a real folder.
#include "cam/loop_cache.hpp"
#include "temporary_folder.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>

namespace pult::cam::test {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

const LoopFormat kSmall{.name = "Bühne & Söhne", .width = 320, .height = 180, .fps = 25, .kbps = 200, .length = 1s};

class Loop : public testing::Test {
 protected:
  Loop() { setenv("XDG_CACHE_HOME", folder_.path().c_str(), 1); }
  ~Loop() override { unsetenv("XDG_CACHE_HOME"); }

  Result<MediaLoop> get(const LoopFormat& format) {
    return cached_or_made_loop(
        format, [this](double) { return ++painted_ > 0; }, [this](const std::string& what) { problem_ = what; });
  }
  fs::path file() const { return folder_.path() / "pult" / cache_file_name(kSmall); }

  TemporaryFolder folder_;
  int painted_ = 0;
  std::string problem_;
};

bool same_bytes(const PacketPtr& a, const PacketPtr& b) {
  return a->pts == b->pts && a->dts == b->dts && (a->flags & AV_PKT_FLAG_KEY) == (b->flags & AV_PKT_FLAG_KEY) &&
         std::equal(a->data, a->data + a->size, b->data, b->data + b->size);
}

TEST_F(Loop, ComesOutOfTheCacheAsItWasMade) {
  for (const int b_frames : {0, 2}) {
    auto format = kSmall;
    format.b_frames = b_frames;
    painted_ = 0;
    const auto made = get(format);
    ASSERT_TRUE(made.ok()) << made.error().message;
    EXPECT_EQ(painted_, 25);
    const auto loaded = get(format);
    ASSERT_TRUE(loaded.ok()) << loaded.error().message;
    EXPECT_EQ(painted_, 25) << "not made again";
    EXPECT_EQ(loaded->reorder() > 0, b_frames > 0);
    ASSERT_EQ(loaded->pictures.size(), made->pictures.size());
    for (size_t i = 0; i < made->pictures.size(); ++i)
      ASSERT_TRUE(same_bytes(made->pictures[i], loaded->pictures[i])) << i;
    for (size_t i = 0; i < made->sounds.size(); ++i)
      ASSERT_TRUE(std::equal(made->sounds[i]->data, made->sounds[i]->data + made->sounds[i]->size,
                             loaded->sounds[i]->data, loaded->sounds[i]->data + loaded->sounds[i]->size))
          << i;
  }
  EXPECT_EQ(problem_, "");
}

TEST_F(Loop, IsMadeAnewWhenTheCacheIsBroken) {
  ASSERT_TRUE(get(kSmall).ok());
  fs::resize_file(file(), fs::file_size(file()) / 2);
  painted_ = 0;
  ASSERT_TRUE(get(kSmall).ok());
  EXPECT_EQ(painted_, 25);
  EXPECT_NE(problem_, "");
  EXPECT_TRUE(load_loop(kSmall, file()).ok());
}

TEST_F(Loop, IsMadeWithoutACache) {
  std::ofstream(folder_.path() / "pult") << "a file where the folder should be";
  EXPECT_TRUE(get(kSmall).ok());
  EXPECT_NE(problem_, "");
}

TEST_F(Loop, IsNotLeftHalfWhenStopped) {
  int left = 10;
  const auto stopped = cached_or_made_loop(
      kSmall, [&left](double) { return --left > 0; }, [](const std::string&) {});
  ASSERT_FALSE(stopped.ok());
  EXPECT_EQ(stopped.error().code, Errc::kUnavailable);
  EXPECT_FALSE(fs::exists(file()));
}

} // namespace
} // namespace pult::cam::test
