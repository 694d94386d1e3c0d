#include "control/cli/command_words.hpp"

#include <gmock/gmock.h>

namespace pult::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const CommandTree kTree{{{"status", {}}, {"show", {"start", "end"}}, {"scenes", {}}, {"slate", {"start", "pause"}}},
                        {{"st", "status"}},
                        {"--config"}};

TEST(CommandWords, UniquePrefixesAreWrittenOut) {
  const auto words = write_out({"--config", "show", "sh", "e", "--json"}, kTree);
  ASSERT_TRUE(words);
  EXPECT_THAT(*words, ElementsAre("--config", "show", "show", "end", "--json"));
}

TEST(CommandWords, AnAliasStandsForItsCommandAndBeatsPrefixes) {
  const auto words = write_out({"st"}, kTree);
  ASSERT_TRUE(words);
  EXPECT_THAT(*words, ElementsAre("status"));
}

TEST(CommandWords, WhatIsNoVerbIsLeftAlone) {
  const auto words = write_out({"status", "anything"}, kTree);
  ASSERT_TRUE(words);
  EXPECT_THAT(*words, ElementsAre("status", "anything"));
}

TEST(CommandWords, AnAmbiguousPrefixNamesAllThatItCouldBe) {
  const auto words = write_out({"s"}, kTree);
  ASSERT_FALSE(words);
  EXPECT_THAT(words.error().message, HasSubstr("show or slate"));
}

TEST(CommandWords, APrefixOfOneThatAllOthersBeginWithIsThatOne) {
  const CommandTree tree{{{"feed", {}}, {"feeds", {}}}, {}, {}};
  const auto words = write_out({"fe"}, tree);
  ASSERT_TRUE(words);
  EXPECT_THAT(*words, ElementsAre("feed"));
}

TEST(CommandWords, AWrongWordGetsTheNearestRightOne) {
  const auto command = write_out({"stauts"}, kTree);
  ASSERT_FALSE(command);
  EXPECT_THAT(command.error().message, HasSubstr("did you mean \"status\"?"));
  const auto verb = write_out({"slate", "pasue"}, kTree);
  ASSERT_FALSE(verb);
  EXPECT_THAT(verb.error().message, HasSubstr("did you mean \"pause\"?"));
}

} // namespace
} // namespace pult::cli
