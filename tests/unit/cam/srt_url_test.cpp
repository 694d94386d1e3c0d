#include "cam/srt_url.hpp"

#include <gmock/gmock.h>

namespace pult::cam {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

TEST(SrtUrl, ReadsWhatTheCrewWrites) {
  const auto target = parse_srt_url(
      "srt://10.0.0.5:9000?streamid=#!::r=cam1,m=publish&passphrase=correct horse&latency=350&pbkeylen=32");
  ASSERT_TRUE(target.ok());
  EXPECT_EQ(target->host, "10.0.0.5");
  EXPECT_EQ(target->port, 9000);
  EXPECT_EQ(target->stream_id, "#!::r=cam1,m=publish");
  EXPECT_EQ(target->passphrase, "correct horse");
  EXPECT_EQ(target->latency, 350ms);
  EXPECT_EQ(target->key_bytes, 32);
}

TEST(SrtUrl, ReadsPercentEncodedStreamIds) {
  const auto target = parse_srt_url("srt://localhost:9000/?mode=caller&streamid=%23%21%3A%3Ar%3Dcam%201%2Cm%3Dpublish");
  ASSERT_TRUE(target.ok()) << target.error().message;
  EXPECT_EQ(target->stream_id, "#!::r=cam 1,m=publish");
}

TEST(SrtUrl, ReadsIpv6) {
  const auto target = parse_srt_url("srt://[::1]:9000");
  ASSERT_TRUE(target.ok());
  EXPECT_EQ(target->host, "::1");
  EXPECT_EQ(target->where(), "[::1]:9000");
  EXPECT_EQ(target->latency, 200ms);
}

struct Wrong {
  const char* url;
  const char* says;
};

void PrintTo(const Wrong& wrong, std::ostream* out) {
  *out << wrong.url;
}

class WrongSrtUrl : public testing::TestWithParam<Wrong> {};

TEST_P(WrongSrtUrl, IsRefusedWithItsReason) {
  const auto target = parse_srt_url(GetParam().url);
  ASSERT_FALSE(target.ok());
  EXPECT_THAT(target.error().message, HasSubstr(GetParam().says));
}

INSTANTIATE_TEST_SUITE_P(
    All, WrongSrtUrl,
    testing::Values(Wrong{"rtmp://x:1", "srt://"}, Wrong{"srt://host", "port is missing"},
                    Wrong{"srt://:9000", "host is missing"}, Wrong{"srt://[::1]9000", "port is missing"},
                    Wrong{"srt://h:70000", "65535"}, Wrong{"srt://h:1?latncy=5", "\"latency\""},
                    Wrong{"srt://h:1?latency=abc", "milliseconds"}, Wrong{"srt://h:1?latency", "no value"},
                    Wrong{"srt://h:1?streamid=%2", "hex"}, Wrong{"srt://h:1?streamid=%zz", "hex"},
                    Wrong{"srt://h:1?passphrase=short", "10 to 79"}, Wrong{"srt://h:1?pbkeylen=20", "16, 24 or 32"},
                    Wrong{"srt://h:1?mode=listener", "caller"}));

TEST(SrtUrl, NeverRepeatsAPassphrase) {
  const auto target = parse_srt_url("srt://host:x?passphrase=topsecret1");
  ASSERT_FALSE(target.ok());
  EXPECT_THAT(target.error().message, testing::Not(HasSubstr("topsecret1")));
}

TEST(SrtUrl, FindsThePassphraseAsWritten) {
  const std::string url = "srt://host:1?latency=1&passphrase=geheim%20geheim&mode=caller";
  const auto secret = passphrase_in(url);
  EXPECT_EQ(secret, "geheim%20geheim");
  EXPECT_GE(secret.data(), url.data()) << "a view into the URL, so that it can be written over";
  EXPECT_EQ(passphrase_in("srt://host:1"), "");
  EXPECT_EQ(passphrase_in("--name"), "");
}

TEST(SrtUrl, NamesTheFeed) {
  EXPECT_EQ(feed_name_of("#!::r=cam1,m=publish"), "cam1");
  EXPECT_EQ(feed_name_of("#!::m=publish,u=x,r=hall"), "hall");
  EXPECT_EQ(feed_name_of("cam2"), "cam2");
  EXPECT_EQ(feed_name_of("#!::m=publish"), "");
  EXPECT_EQ(feed_name_of(""), "");
}

} // namespace
} // namespace pult::cam
