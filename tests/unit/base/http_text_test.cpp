#include "base/http_text.hpp"

#include <gtest/gtest.h>

namespace pult::http {
namespace {

std::string path_of(std::string_view target) {
  const auto parsed = parse_target(target);
  return parsed ? parsed->path : "refused";
}

TEST(HttpTarget, SplitsPathAndQuery) {
  const auto parsed = parse_target("/live/a%20b/index.m3u8?_HLS_msn=3&x=%2F");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->path, "/live/a b/index.m3u8");
  EXPECT_EQ(parsed->query, "_HLS_msn=3&x=%2F");
}

TEST(HttpTarget, TakesTheAbsoluteForm) {
  EXPECT_EQ(path_of("http://host:80/a/b"), "/a/b");
  EXPECT_EQ(path_of("HTTP://host"), "/");
  EXPECT_EQ(path_of("http://host?x"), "refused");
}

TEST(HttpTarget, RefusesWhatCouldLeaveTheFolder) {
  for (const auto* target : {"", "a", "*", "/..", "/../a", "/a/../b", "/a/..", "/%2e%2e/a", "/a/%2E%2e", "/a%2f..%2fb",
                             "/a\\b", "/a%5cb", "/a%00b", "/a%0ab", "/a%7f", "/%", "/%4", "/%zz", "/%-1"})
    EXPECT_EQ(path_of(target), "refused") << target;
}

TEST(HttpTarget, KeepsDotsThatAreNames) {
  EXPECT_EQ(path_of("/a..b/...c/.d"), "/a..b/...c/.d");
  EXPECT_EQ(path_of("/%C3%A4"), "/\xC3\xA4");
}

TEST(HttpQuery, FindsDecodedValues) {
  EXPECT_EQ(query_value("_HLS_msn=3&_HLS_part=4", "_HLS_part"), "4");
  EXPECT_EQ(query_value("a=1&a=2", "a"), "1");
  EXPECT_EQ(query_value("a&b=%41", "a"), "");
  EXPECT_EQ(query_value("a&b=%41", "b"), "A");
  EXPECT_FALSE(query_value("ab=1", "a"));
  EXPECT_FALSE(query_value("a=%4", "a"));
}

TEST(HttpHeaders, LinesOfOneFieldAreLeftOut) {
  const auto lines = header_lines({{"Content-Type", "video/mp4"}, {"Cache-Control", "public"}, {"Vary", "*"}});
  EXPECT_EQ(lines, "Content-Type: video/mp4\r\nCache-Control: public\r\nVary: *\r\n");
  EXPECT_EQ(without_field(lines, "cache-control"), "Content-Type: video/mp4\r\nVary: *\r\n");
  EXPECT_EQ(without_field(lines, "Var"), lines);
  EXPECT_EQ(without_field("", "Vary"), "");
}

TEST(HttpRange, ReadsOneRange) {
  struct Case {
    const char* header;
    RangeAnswer answer;
    ByteRange range;
  };
  const Case cases[] = {
      {"bytes=0-9", RangeAnswer::kPartial, {0, 10}},
      {"bytes=90-", RangeAnswer::kPartial, {90, 10}},
      {"bytes=90-500", RangeAnswer::kPartial, {90, 10}},
      {"bytes=-10", RangeAnswer::kPartial, {90, 10}},
      {"bytes=-500", RangeAnswer::kPartial, {0, 100}},
      {"Bytes= 5-5 ", RangeAnswer::kPartial, {5, 1}},
      {"bytes=100-", RangeAnswer::kUnsatisfiable, {}},
      {"bytes=-0", RangeAnswer::kUnsatisfiable, {}},
      {"bytes=9-0", RangeAnswer::kUnsatisfiable, {}},
      {"bytes=0-1,3-4", RangeAnswer::kWhole, {}},
      {"lines=0-1", RangeAnswer::kWhole, {}},
      {"bytes=a-b", RangeAnswer::kUnsatisfiable, {}},
      {"bytes=-", RangeAnswer::kUnsatisfiable, {}},
      {"bytes=", RangeAnswer::kUnsatisfiable, {}},
      {"bytes=0-99999999999999999999", RangeAnswer::kPartial, {0, 100}},
      {"bytes=99999999999999999999-", RangeAnswer::kUnsatisfiable, {}},
      {"bytes=-99999999999999999999", RangeAnswer::kPartial, {0, 100}},
  };
  for (const auto& c : cases) {
    ByteRange range;
    EXPECT_EQ(parse_range(c.header, 100, range), c.answer) << c.header;
    if (c.answer == RangeAnswer::kPartial) {
      EXPECT_EQ(range, c.range) << c.header;
    }
  }
}

TEST(HttpText, WritesDates) {
  EXPECT_EQ(http_date(784111777), "Sun, 06 Nov 1994 08:49:37 GMT");
}

TEST(HttpText, FindsTokens) {
  EXPECT_TRUE(names_token("gzip, deflate, br", "gzip"));
  EXPECT_TRUE(names_token("br;q=1.0, GZIP;q=0.8", "gzip"));
  EXPECT_FALSE(names_token("br, gzip; q=0", "gzip"));
  EXPECT_FALSE(names_token("gzipped", "gzip"));
  EXPECT_FALSE(names_token("", "gzip"));
}

} // namespace
} // namespace pult::http
