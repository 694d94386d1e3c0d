// The lines of a recording's index: what is written is what is read, and what is torn does not count.
#include "packager/filled_runs.hpp"
#include "packager/recording/recording.hpp"

#include <gtest/gtest.h>

namespace pult::packager {
namespace {

RecordedPart some_part() {
  RecordedPart part;
  part.sequence = 4711;
  part.number = 3;
  part.independent = true;
  part.first_picture = 225'000;
  part.begin = 810'000'000;
  part.duration = 28800;
  part.offset = 123'456'789'012;
  part.length = 180'000;
  part.crc = 0x00c0ffee;
  part.filled = {{225'001, 3}, {225'006, 2}};
  return part;
}

TEST(RecordingIndex, APartIsReadAsItWasWritten) {
  const auto part = some_part();
  const auto line = part_line(part);
  EXPECT_EQ(line, "part 4711 3 1 225000 810000000 28800 123456789012 180000 00c0ffee 225001+3,225006+2");
  const auto read = parse_part_line(line);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->sequence, part.sequence);
  EXPECT_EQ(read->begin, part.begin);
  EXPECT_EQ(read->offset, part.offset);
  EXPECT_EQ(read->crc, part.crc);
  EXPECT_EQ(read->filled, part.filled);
}

TEST(RecordingIndex, TornAndBentLinesAreRefused) {
  const auto line = part_line(some_part());
  for (std::size_t length = 0; length < line.size(); ++length) {
    const auto torn = parse_part_line(line.substr(0, length));
    if (torn) {
      EXPECT_GE(length, line.find("00c0ffee")) << line.substr(0, length);
    }
  }
  for (const auto* bad :
       {"", "part", "part a b c d e f g h i", "hole held", "part 1 0 1 0 0 0 0 10 ff", "part 1 0 1 0 0 1 0 10 ff 3+0"})
    EXPECT_FALSE(parse_part_line(bad)) << bad;
}

TEST(RecordingIndex, RunsThatGoOnAreOne) {
  std::vector<FilledRun> runs;
  add_filled(runs, 10, 1);
  add_filled(runs, 11, 4);
  add_filled(runs, 20, 1);
  EXPECT_EQ(text_of(runs), "10+5,20+1");
  EXPECT_EQ(filled_runs_of("10+5,20+1"), runs);
  EXPECT_EQ(filled_runs_of("10+"), std::nullopt);
}

} // namespace
} // namespace pult::packager
