#include "base/nearest.hpp"

#include <array>
#include <gtest/gtest.h>

namespace pult {
namespace {

const std::array<std::string, 4> kNames{"latency_ms", "listen", "passphrase", "passphrase_file"};

TEST(Nearest, FindsWhatWasMeant) {
  EXPECT_EQ(nearest("latencyms", kNames), "latency_ms");
  EXPECT_EQ(nearest("Listen", kNames), "listen");
  EXPECT_EQ(nearest("pasphrase", kNames), "passphrase");
  EXPECT_EQ(nearest("latency", kNames), "latency_ms");
}

TEST(Nearest, SaysNothingWhereNothingIsNear) {
  EXPECT_FALSE(nearest("bananas", kNames));
  EXPECT_EQ(did_you_mean("bananas", kNames), "");
  EXPECT_EQ(did_you_mean("lisen", kNames), "; did you mean \"listen\"?");
}

TEST(EditDistance, CountsEdits) {
  EXPECT_EQ(edit_distance("", ""), 0u);
  EXPECT_EQ(edit_distance("abc", ""), 3u);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3u);
  EXPECT_EQ(edit_distance("ABC", "abc"), 0u);
}

} // namespace
} // namespace pult
