#include "packager/media_name.hpp"

#include <gtest/gtest.h>

namespace pult::packager {
namespace {

TEST(MediaName, IsASegmentOrAPart) {
  EXPECT_EQ(parse_media_name("0.m4s"), (MediaName{0, {}}));
  EXPECT_EQ(parse_media_name("1234567890123.m4s"), (MediaName{1234567890123, {}}));
  EXPECT_EQ(parse_media_name("12.0.m4s"), (MediaName{12, 0}));
  EXPECT_EQ(parse_media_name("12.5.m4s"), (MediaName{12, 5}));
}

TEST(MediaName, HasOneSpelling) {
  for (const auto* name : {"",
                           ".m4s",
                           "m4s",
                           "02.m4s",
                           "2.00.m4s",
                           "+2.m4s",
                           "-1.m4s",
                           "-0.m4s",
                           " 2.m4s",
                           "2.m4s ",
                           "2.m4s.x",
                           "2..m4s",
                           "2.1.1.m4s",
                           "x.m4s",
                           "2.x.m4s",
                           "2.mp4",
                           "2",
                           "2.1",
                           "0x2.m4s",
                           "99999999999999999999.m4s",
                           "2.99999999999.m4s"})
    EXPECT_FALSE(parse_media_name(name)) << name;
}

} // namespace
} // namespace pult::packager
