#include "ingest/srt_url.hpp"

#include <gmock/gmock.h>

namespace pult::ingest {
namespace {

using testing::HasSubstr;

TEST(SrtUrlTest, ReadsAnEncodersAddress) {
  const auto url = parse_srt_url("srt://10.0.0.5:7001?mode=caller&streamid=%23!::r=out&latency=300&passphrase=a%26b");
  ASSERT_TRUE(url.ok());
  EXPECT_EQ(url->host, "10.0.0.5");
  EXPECT_EQ(url->port, 7001);
  EXPECT_EQ(url->stream_id, "#!::r=out");
  EXPECT_EQ(url->latency, std::chrono::milliseconds(300));
  EXPECT_EQ(url->passphrase, "a&b");
}

TEST(SrtUrlTest, ReadsIpv6AndNames) {
  EXPECT_EQ(parse_srt_url("srt://[fe80::1]:9000")->host, "fe80::1");
  EXPECT_EQ(parse_srt_url("srt://encoder.local:9000")->host, "encoder.local");
}

TEST(SrtUrlTest, RefusesWhatCannotBe) {
  for (const char* url : {"udp://a:1", "srt://a", "srt://:9000", "srt://a:0", "srt://a:70000", "srt://a:x",
                          "srt://a:1?latency=-5", "srt://a:1?mode=listener", "srt://a:1?latncy=5"})
    EXPECT_FALSE(parse_srt_url(url).ok()) << url;
  EXPECT_THAT(parse_srt_url("srt://a:1?latncy=5").error().message, HasSubstr("latncy"));
}

} // namespace
} // namespace pult::ingest
