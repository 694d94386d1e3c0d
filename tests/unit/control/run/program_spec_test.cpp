#include "control/run/program_spec.hpp"

#include <algorithm>
#include <gmock/gmock.h>

namespace pult::control {
namespace {

using testing::ElementsAre;

FeedConfig feed(const std::string& name, std::optional<int> port, const std::string& url = "") {
  FeedConfig config;
  config.name = name;
  config.port = port;
  config.url = url;
  return config;
}

TEST(ProgramSpecTest, APortOfItsOwnIsAProcessOfItsOwn) {
  RoomConfig config;
  config.file = "/etc/pult/room.toml";
  config.feeds = {feed("a", std::nullopt), feed("b", 9002), feed("c", 9001), feed("d", 9001),
                  feed("e", 9003, "srt://10.0.0.5:7001")};
  EXPECT_THAT(ingest_names(config), ElementsAre("pult-ingest", "pult-ingest@9001", "pult-ingest@9002"));
  const auto programs = programs_of(config);
  const auto found =
      std::find_if(programs.begin(), programs.end(), [](const auto& p) { return p.name == "pult-ingest@9001"; });
  ASSERT_NE(found, programs.end());
  EXPECT_THAT(found->arguments, ElementsAre("pult-ingest", "--config", "/etc/pult/room.toml", "--port", "9001"));
}

TEST(ProgramSpecTest, WhatRunsLiveGoesBeforeAllElseAndTheArchiveBehindIt) {
  RoomConfig config;
  config.feeds = {feed("a", std::nullopt)};
  for (const auto& program : programs_of(config)) {
    if (program.name == "pult-jobs") {
      EXPECT_EQ(program.nice, 19);
    } else {
      EXPECT_LT(program.nice, 0) << program.name;
    }
  }
  config.archive.record = false;
  for (const auto& program : programs_of(config))
    EXPECT_NE(program.name, "pult-jobs") << "nothing to do for it";
}

} // namespace
} // namespace pult::control
