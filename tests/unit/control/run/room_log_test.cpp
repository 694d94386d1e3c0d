#include "control/run/room_log.hpp"

#include <gtest/gtest.h>

namespace pult::control {
namespace {

TEST(LogLine, HasLevelProgramAndText) {
  const auto line = parse_log_line("W pult-decode@cam1 no key frame for 5 s");
  EXPECT_EQ(line.level, 'W');
  EXPECT_EQ(line.program, "pult-decode@cam1");
  EXPECT_EQ(line.text, "no key frame for 5 s");
}

TEST(LogLine, WhateverElseComesIsText) {
  EXPECT_EQ(parse_log_line("").text, "");
  EXPECT_EQ(parse_log_line("hello").text, "hello");
  EXPECT_EQ(parse_log_line("W x").program, "?");
  EXPECT_EQ(parse_log_line("no level here").text, "no level here");
}

} // namespace
} // namespace pult::control
