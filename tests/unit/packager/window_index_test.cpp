#include "packager/window_store.hpp"

#include <gtest/gtest.h>

namespace pult::packager {
namespace {

StoredSegment example() {
  StoredSegment segment;
  segment.entry.sequence = 42;
  segment.entry.wall = Nanoseconds(1'795'348'800'123'456'789);
  segment.entry.discontinuity = true;
  segment.entry.discontinuity_sequence = 3;
  segment.entry.init_name = "init-0a1b.mp4";
  segment.entry.parts = {{28800, true}, {28800, false}};
  segment.part_bytes = {1000, 20};
  segment.place.offset = 5'000'000'000;
  segment.place.length = 1020;
  return segment;
}

TEST(WindowIndex, WritesALineASegment) {
  EXPECT_EQ(index_line(example()), "42 5000000000 1795348800123456789 1 3 init-0a1b.mp4 1000:28800:1 20:28800:0");
}

TEST(WindowIndex, ReadsWhatItWrote) {
  const auto read = parse_index_line(index_line(example()));
  ASSERT_TRUE(read);
  EXPECT_EQ(index_line(*read), index_line(example()));
  EXPECT_EQ(read->place.length, 1020u);
  EXPECT_EQ(read->entry.wall, example().entry.wall);
}

TEST(WindowIndex, RefusesTornLines) {
  const auto line = index_line(example());
  for (const auto length : {0, 1, 5, 30, 40, 56, 62, 69})
    EXPECT_FALSE(parse_index_line(line.substr(0, static_cast<std::size_t>(length)))) << length;
  EXPECT_FALSE(parse_index_line(line + " x:1:1"));
  EXPECT_FALSE(parse_index_line("x" + line));
}

} // namespace
} // namespace pult::packager
