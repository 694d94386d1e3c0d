#include "transcode/plain_line.hpp"

#include <gtest/gtest.h>

namespace pult::transcode {
namespace {

using namespace std::string_literals;

TEST(PlainLine, KeepsWhatPeopleAreCalled) {
  EXPECT_EQ(plain_line("Dr. Žofie Müller-Łuczak & Söhne <Ortenau>"), "Dr. Žofie Müller-Łuczak & Söhne <Ortenau>");
  EXPECT_EQ(plain_line("ليلى حداد"), "ليلى حداد");
  EXPECT_EQ(plain_line("👩‍💻 Ada"), "👩‍💻 Ada");
}

TEST(PlainLine, IsOneLine) {
  EXPECT_EQ(plain_line("  Ada\r\n\tLovelace \x7F "), "Ada Lovelace");
  EXPECT_EQ(plain_line("a\xE2\x80\xA8z"), "a z"); // line separator
  EXPECT_EQ(plain_line(" \n"), "");
}

TEST(PlainLine, ShowsWhatIsNoTextAsSuch) {
  EXPECT_EQ(plain_line("a\xFFz"), "a\xEF\xBF\xBDz");
  EXPECT_EQ(plain_line("a\xC3"), "a\xEF\xBF\xBD");
  EXPECT_EQ(plain_line("a\xED\xA0\x80z"), "a\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBDz"); // a surrogate
  EXPECT_EQ(plain_line("a\xEF\xBF\xBFz"), "a\xEF\xBF\xBDz");                         // U+FFFF, which XML forbids
  EXPECT_EQ(plain_line("a\0z"s), "a z");
}

TEST(PlainLine, DoesNotTurnItselfAround) {
  EXPECT_EQ(plain_line("Ada\xE2\x80\xAE gpj.exe"), "Ada gpj.exe"); // right-to-left override
  EXPECT_EQ(plain_line("\xE2\x81\xA7"
                       "Ada\xE2\x81\xA9"),
            "Ada");
}

TEST(PlainLine, IsBounded) {
  const auto line = plain_line(std::string(100000, 'x'));
  EXPECT_EQ(line, std::string(kMostCharacters, 'x') + "…");
}

TEST(PlainLine, IsShortenedBetweenWhatPeopleSeeAsCharacters) {
  const std::string line = "a👩‍💻b";
  const auto ends = character_ends(line);
  EXPECT_EQ(ends, (std::vector<std::size_t>{0, 1, line.size() - 1, line.size()}));
  EXPECT_EQ(shortened(line, ends, 2), "a👩‍💻…");
  EXPECT_EQ(shortened("ab c", character_ends("ab c"), 3), "ab…");
  EXPECT_EQ(shortened("ab", character_ends("ab"), 0), "…");
}

} // namespace
} // namespace pult::transcode
