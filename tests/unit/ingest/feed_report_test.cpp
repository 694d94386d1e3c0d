// One sentence that says what is wrong and what to do.
#include "ingest/feed_report.hpp"

#include <boost/json/serialize.hpp>
#include <gmock/gmock.h>

namespace pult::ingest {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;

FeedFacts good() {
  FeedFacts f;
  f.name = "cam1";
  f.state = FeedState::State::kLive;
  f.where = "port 9000";
  f.peer = "10.0.0.5:40000";
  f.connected_for = seconds(60);
  f.decoder_connected = true;
  f.ts.valid = f.ts.has_pat = f.ts.has_pmt = f.ts.video_comes = f.ts.sound_comes = true;
  f.ts.has_pcr = true;
  f.ts.packets = 1000;
  f.ts.video = Codec::kH264;
  f.ts.sound = Codec::kAac;
  f.ts.since_key_frame = seconds(1);
  return f;
}

template <typename Change>
std::string verdict_when(Change change) {
  auto facts = good();
  change(facts);
  return verdict(facts);
}

TEST(VerdictTest, GoodIsGood) {
  EXPECT_EQ(verdict(good()), "good");
}

TEST(VerdictTest, NobodySends) {
  const auto gone = [](FeedFacts& f) {
    f.peer.clear();
    f.state = FeedState::State::kLost;
    f.silent_for = seconds(12);
  };
  EXPECT_EQ(verdict_when([](FeedFacts& f) { f = {.name = "cam1", .where = "port 9000"}; }),
            "nobody has sent yet; waiting at port 9000");
  EXPECT_EQ(verdict_when(gone), "the sender is gone for 12 s; waiting at port 9000");
  EXPECT_EQ(verdict_when([&](FeedFacts& f) {
              gone(f);
              f.last_refusal = Refused{0, "10.0.0.9", "cam1", 1401, "wrong passphrase, or none"};
            }),
            "10.0.0.9 was refused: wrong passphrase, or none");
  EXPECT_EQ(verdict_when([&](FeedFacts& f) {
              gone(f);
              f.port_trouble = "srt bind [::]:9000: Address already in use";
            }),
            "srt bind [::]:9000: Address already in use");
}

TEST(VerdictTest, ConnectedButNothingComes) {
  EXPECT_EQ(verdict_when([](FeedFacts& f) { f.state = FeedState::State::kWaiting; }),
            "10.0.0.5:40000 is connected but has sent nothing");
  EXPECT_EQ(verdict_when([](FeedFacts& f) {
              f.state = FeedState::State::kStale;
              f.silent_for = seconds(2);
            }),
            "10.0.0.5:40000 is connected but silent for 2 s");
}

TEST(VerdictTest, TheStreamIsWrong) {
  EXPECT_THAT(verdict_when([](FeedFacts& f) { f.ts.valid = false; }), HasSubstr("no valid transport stream"));
  EXPECT_THAT(verdict_when([](FeedFacts& f) { f.undecrypted_lately = 3; }), HasSubstr("decrypted"));
  EXPECT_THAT(verdict_when([](FeedFacts& f) { f.ts.has_pmt = false; }), HasSubstr("no PMT"));
  EXPECT_THAT(verdict_when([](FeedFacts& f) { f.ts.has_pat = f.ts.has_pmt = false; }), HasSubstr("no PAT"));
  EXPECT_THAT(verdict_when([](FeedFacts& f) { f.ts.scrambled = true; }), HasSubstr("scrambled"));
  EXPECT_THAT(verdict_when([](FeedFacts& f) { f.ts.video.reset(); }), HasSubstr("sound only"));
  EXPECT_THAT(verdict_when([](FeedFacts& f) { f.ts.video_comes = false; }), HasSubstr("no picture comes"));
  EXPECT_THAT(verdict_when([](FeedFacts& f) { f.ts.since_key_frame = seconds(20); }), HasSubstr("no key frame for 20"));
}

TEST(VerdictTest, TheLineIsWrong) {
  EXPECT_THAT(verdict_when([](FeedFacts& f) { f.dropped_lately = 7; }), HasSubstr("7 in 10 s"));
  EXPECT_THAT(verdict_when([](FeedFacts& f) { f.continuity_lately = 7; }), HasSubstr("look at the encoder"));
}

TEST(VerdictTest, NamesWhatIsUnsupported) {
  EXPECT_EQ(verdict_when([](auto& f) {
              f.ts.video.reset();
              f.ts.unsupported = "AV1";
            }),
            "AV1 is unsupported: set the encoder to H.264 and AAC");
  EXPECT_EQ(verdict_when([](auto& f) {
              f.ts.sound.reset();
              f.ts.unsupported = "DTS";
            }),
            "DTS is unsupported: set the encoder to H.264 and AAC");
  EXPECT_EQ(verdict_when([](auto& f) { f.ts.unsupported = "DTS"; }), "good") << "beside a sound that is decoded";
  EXPECT_THAT(verdict_when([](auto& f) { f.ts.has_pcr = false; }), HasSubstr("no clock (PCR)"));
}

TEST(VerdictTest, GoodWithAWord) {
  EXPECT_EQ(verdict_when([](FeedFacts& f) { f.ts.sound.reset(); }), "good; no sound");
  EXPECT_THAT(verdict_when([](FeedFacts& f) { f.ts.sound_comes = false; }), HasSubstr("no sound comes"));
  EXPECT_THAT(verdict_when([](FeedFacts& f) { f.decoder_connected = false; }), HasSubstr("decoder"));
}

TEST(FeedReportTest, AConnectionIsSoundWhenAWholeStreamComes) {
  EXPECT_TRUE(connection_is_sound(good()));
  const auto sound_when = [](auto change) {
    auto facts = good();
    change(facts);
    return connection_is_sound(facts);
  };
  EXPECT_TRUE(sound_when([](auto& f) { f.ts.video_comes = false; })) << "a new connection brings no picture";
  EXPECT_FALSE(sound_when([](auto& f) { f.peer.clear(); }));
  EXPECT_FALSE(sound_when([](auto& f) { f.state = FeedState::State::kStale; }));
  EXPECT_FALSE(sound_when([](auto& f) { f.ts.valid = false; }));
  EXPECT_FALSE(sound_when([](auto& f) { f.undecrypted_lately = 3; }));
}

TEST(FeedReportTest, HasTheKeysThatStatusPromises) {
  const auto report = to_json(good());
  for (const char* key : {"name", "state", "kbps", "rtt_ms", "lost", "dropped", "retransmitted", "undecrypted",
                          "buffer_ms", "peer", "verdict", "since", "ts"})
    EXPECT_TRUE(report.contains(key)) << key;
  EXPECT_EQ(report.at("state").as_string(), "live");
}

TEST(FeedReportTest, SaysWhenInUtc) {
  EXPECT_EQ(utc_text(seconds(1795422735)), "2026-11-23T08:32:15Z");
}

} // namespace
} // namespace pult::ingest
