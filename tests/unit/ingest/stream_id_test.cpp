#include "ingest/stream_id.hpp"

#include <gmock/gmock.h>

namespace pult::ingest {
namespace {

using testing::HasSubstr;
using testing::IsNull;
using testing::Pointee;

StreamId parsed(std::string_view text) {
  auto id = parse_stream_id(text);
  EXPECT_TRUE(id.ok()) << text;
  return id.ok() ? *id : StreamId{};
}

TEST(StreamIdTest, ReadsTheStandardForm) {
  const auto id = parsed("#!::r=cam1,m=publish,u=anna");
  EXPECT_THAT(id.value("r"), Pointee(std::string("cam1")));
  EXPECT_THAT(id.value("m"), Pointee(std::string("publish")));
  EXPECT_THAT(id.value("u"), Pointee(std::string("anna")));
  EXPECT_THAT(id.value("h"), IsNull());
  EXPECT_EQ(id.plain, "");
}

TEST(StreamIdTest, ReadsAPlainNameAndNothing) {
  EXPECT_EQ(parsed("cam1").plain, "cam1");
  EXPECT_TRUE(parsed("").empty());
}

TEST(StreamIdTest, DecodesWhatWasEncodedOnceTooOften) {
  EXPECT_THAT(parsed("%23!::r=cam1,m=publish").value("r"), Pointee(std::string("cam1")));
  EXPECT_THAT(parsed("%23%21%3A%3Ar%3Dcam1").value("r"), Pointee(std::string("cam1")));
  EXPECT_THAT(parsed("#!::bmd_name=Stage%20Left").value("bmd_name"), Pointee(std::string("Stage Left")));
  EXPECT_EQ(parsed("cam%31").plain, "cam1");
}

TEST(StreamIdTest, LeavesWhatIsNoEscape) {
  EXPECT_EQ(percent_decode("100%"), "100%");
  EXPECT_EQ(percent_decode("%4"), "%4");
  EXPECT_EQ(percent_decode("%zz"), "%zz");
  EXPECT_EQ(percent_decode("%41"), "A");
}

TEST(StreamIdTest, AValueMayHoldAnEqualsSign) {
  EXPECT_THAT(parsed("#!::r=cam1,x=a=b").value("x"), Pointee(std::string("a=b")));
}

TEST(StreamIdTest, RefusesWhatIsMalformed) {
  for (const std::string_view text :
       {"#!::", "#!::r", "#!::=cam1", "#!:{r=cam1}", "#!r=cam1", "cam\n1", "#!::r=cam%001", "#!::r=cam1,,m=publish"})
    EXPECT_FALSE(parse_stream_id(text).ok()) << text;
  EXPECT_FALSE(parse_stream_id(std::string(513, 'x')).ok());
}

TEST(StreamIdTest, ShowsHostileIdsHarmless) {
  EXPECT_EQ(shown_stream_id("cam\x1b[2J\xff"), "cam?[2J?");
  EXPECT_EQ(shown_stream_id(std::string(300, 'x')).size(), 67u);
}

} // namespace
} // namespace pult::ingest
