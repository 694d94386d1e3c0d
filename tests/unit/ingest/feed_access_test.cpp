#include "ingest/feed_access.hpp"

#include <gmock/gmock.h>

namespace pult::ingest {
namespace {

FeedConfig feed(const std::string& name) {
  FeedConfig config;
  config.name = name;
  config.passphrase = "secret of " + name;
  return config;
}

RoomConfig room() {
  RoomConfig config;
  config.feeds = {feed("cam1"), feed("stage"), feed("dialled"), feed("alone")};
  config.feeds[1].match_key = "bmd_name";
  config.feeds[1].match_value = "Stage Left";
  config.feeds[1].latency = std::chrono::milliseconds(1000);
  config.feeds[2].url = "srt://10.0.0.5:7001";
  config.feeds[3].port = 9001;
  return config;
}

std::string found(const FeedAccess& access, std::string_view id) {
  const auto answer = access.find(id);
  if (const auto* entry = std::get_if<const FeedAccess::Entry*>(&answer)) return (*entry)->name;
  return std::to_string(static_cast<int>(std::get<Refusal>(answer).code));
}

TEST(FeedAccessTest, FindsByResourcePlainNameAndMatch) {
  const auto access = FeedAccess::of(room(), std::nullopt);
  EXPECT_EQ(found(access, "#!::r=cam1,m=publish"), "cam1");
  EXPECT_EQ(found(access, "#!::r=cam1"), "cam1");
  EXPECT_EQ(found(access, "cam1"), "cam1");
  EXPECT_EQ(found(access, "#!::bmd_uuid=1-2,bmd_name=Stage%20Left"), "stage");
  EXPECT_EQ(found(access, "#!::r=other,bmd_name=Stage Left"), "stage");
}

TEST(FeedAccessTest, CarriesKeyAndLatency) {
  const auto access = FeedAccess::of(room(), std::nullopt);
  const auto answer = access.find("stage");
  const auto& entry = *std::get<const FeedAccess::Entry*>(answer);
  EXPECT_EQ(entry.passphrase, "secret of stage");
  EXPECT_EQ(entry.latency, std::chrono::milliseconds(1000));
  EXPECT_EQ(entry.feed, 1u);
  EXPECT_EQ(access.longest_latency(), std::chrono::milliseconds(1000));
}

TEST(FeedAccessTest, RefusesWithTheRightCode) {
  const auto access = FeedAccess::of(room(), std::nullopt);
  EXPECT_EQ(found(access, "#!::r"), "1400");
  EXPECT_EQ(found(access, ""), "1400");
  EXPECT_EQ(found(access, "#!::r=nobody,m=publish"), "1404");
  EXPECT_EQ(found(access, "Cam1"), "1404");
  EXPECT_EQ(found(access, "#!::bmd_name=Hall"), "1404");
  EXPECT_EQ(found(access, "#!::r=cam1,m=request"), "1405");
  EXPECT_EQ(found(access, "#!::r=cam1,t=file"), "1405");
}

TEST(FeedAccessTest, NamesTheNearestFeed) {
  const auto access = FeedAccess::of(room(), std::nullopt);
  const auto reason = [&](std::string_view id) { return std::get<Refusal>(access.find(id)).reason; };
  EXPECT_EQ(reason("cam"), "no feed \"cam\" at this port; did you mean \"cam1\"?");
  EXPECT_EQ(reason("#!::r=stgae,m=publish"), "no feed \"stgae\" at this port; did you mean \"stage\"?");
  EXPECT_EQ(reason(std::string(500, 'x')), "no feed \"" + std::string(64, 'x') + "...\" at this port");
}

TEST(FeedAccessTest, FeedsOfOtherPortsAndDialledOnesAreNotHere) {
  const auto access = FeedAccess::of(room(), std::nullopt);
  EXPECT_EQ(found(access, "dialled"), "1404");
  EXPECT_EQ(found(access, "alone"), "1404");
}

TEST(FeedAccessTest, APortOfItsOwnTakesAnyIdThatNamesNoOtherFeed) {
  const auto access = FeedAccess::of(room(), 9001);
  EXPECT_EQ(found(access, ""), "alone");
  EXPECT_EQ(found(access, "alone"), "alone");
  EXPECT_EQ(found(access, "#!::bmd_name=x"), "alone");
  EXPECT_EQ(found(access, "#!fixed"), "alone");
  EXPECT_EQ(found(access, "#!::r=cam1"), "1404");
  EXPECT_EQ(found(access, "#!::m=request"), "1405");
}

} // namespace
} // namespace pult::ingest
