// The lower third on air: what viewers see of it, and what the crew is told.
#include "room_fixture.hpp"

#include "base/file.hpp"
#include "base/unique_fd.hpp"

#include <cmath>
#include <fcntl.h>
#include <sys/stat.h>

namespace pult::transcode {
namespace {

constexpr auto kAda = R"("lower_third":{{"name":"Ada Lovelace","function":"Mathematikerin","shown":{},"until":{}}})";

// A picture in two: where the built-in lower third is drawn, and all above it.
struct Split {
  double inside = 0;
  double outside = 0;
};

std::map<PictureIndex, Split> splits(const Received& received) {
  std::map<PictureIndex, Split> by_index;
  for (const auto& [n, luma] : lumas(received, 0, Rect{24, 142, 126, 18}))
    by_index[n].inside = luma;
  for (const auto& [n, luma] : lumas(received, 0, Rect{0, 0, 320, 128}))
    by_index[n].outside = luma;
  return by_index;
}

class RoomGraphics : public Room {
 protected:
  static constexpr int kSteps = 10;
  void begin() {
    start();
    cam1_ = feed("cam1", kBright);
    cam2_ = feed("cam2", kBright);
    packager_->wait_for([](const auto& r) { return count(r, 0) > 10; });
  }
  std::map<PictureIndex, Split> pictures_to(PictureIndex n) {
    return splits(packager_->wait_for([n](const auto& r) { return has_index(r, 0, n); }));
  }
  void SetUp() override {
    Room::SetUp();
    packager_ = std::make_unique<TestPackager>(packager_socket(), std::vector<std::int64_t>{0, 0, 0});
  }
  std::string lower_third_state() { return std::string(report().at("lower_third").at("state").as_string()); }
  void TearDown() override {
    cam1_.reset();
    cam2_.reset();
    Room::TearDown();
    packager_.reset();
  }
  std::unique_ptr<TestPackager> packager_;
  std::unique_ptr<TestFeed> cam1_, cam2_;
};

TEST_F(RoomGraphics, IsOnThePictureFromTheAnsweredOneOnAndNowhereElse) {
  begin();
  const auto shown = want(fmt::format(kAda, 7, 0), 7);
  const auto hidden = want(R"("lower_third":{})", 8);
  ASSERT_GE(hidden, shown);
  const auto pictures = pictures_to(hidden + kSteps + 5);
  EXPECT_NEAR(up_to(pictures, shown - 1).inside, kBright, 4);
  EXPECT_NEAR(from(pictures, hidden + kSteps + 2).inside, kBright, 4);
  for (const auto& [n, split] : pictures)
    EXPECT_NEAR(split.outside, kBright, 4) << n - shown;
}

TEST_F(RoomGraphics, ComesInSlowlyStaysOverATakeAndSaysSo) {
  begin();
  const auto shown = want(fmt::format(kAda, 7, 0), 7);
  pictures_to(shown + kSteps + 1);
  EXPECT_EQ(lower_third_state(), "shown");
  EXPECT_EQ(report().at("lower_third").at("name").as_string(), "Ada Lovelace");
  EXPECT_EQ(report().at("lower_third").at("since").as_int64(), shown + kSteps - 1);
  const auto taken = want(fmt::format(kAda, 7, 0) + R"(,"on_air":{"scene":"bright","fade_ms":200})", 8);
  const auto pictures = pictures_to(taken + 12);
  EXPECT_LT(from(pictures, shown + 4).inside, up_to(pictures, shown).inside - 15);
  EXPECT_LT(from(pictures, shown + kSteps).inside, 110);
  const auto still = from(pictures, shown + kSteps).inside;
  for (const auto& [n, split] : pictures)
    if (n >= shown + kSteps && n <= taken + 12) {
      EXPECT_NEAR(split.inside, still, 6) << n - taken;
    }
}

TEST_F(RoomGraphics, EndsByItself) {
  begin();
  const auto until = config_.grid().picture_at(epoch_.now()) + 60;
  const auto shown = want(fmt::format(kAda, 7, until), 7);
  const auto pictures = pictures_to(until + kSteps + 5);
  EXPECT_LT(shown, until);
  EXPECT_LT(up_to(pictures, until - 1).inside, 110);
  EXPECT_NEAR(from(pictures, until + kSteps).inside, kBright, 5);
  EXPECT_EQ(lower_third_state(), "off");
}

TEST_F(RoomGraphics, ARestartComesUpWithItWithoutAnimation) {
  begin();
  const auto shown = want(fmt::format(kAda, 7, 0), 7);
  pictures_to(shown + kSteps);
  cam1_.reset();
  cam2_.reset();
  stop();
  packager_ = std::make_unique<TestPackager>(packager_socket(), std::vector<std::int64_t>{0, 0, 0});
  begin();
  const auto got = packager_->wait_for([](const auto& r) { return count(r, 0) > 20; });
  const auto pictures = splits(got);
  // On a busy machine the drawing may be later than the first picture; there is nothing in between.
  for (const auto& [n, split] : pictures)
    EXPECT_TRUE(split.inside < 120 || split.inside > 190) << n << ": " << split.inside;
  EXPECT_LT(pictures.rbegin()->second.inside, 120);
}

TEST_F(RoomGraphics, ATemplateOfTheRoomIsDrawn) {
  config_.templates = {{"plain", folder_ + "/plain.svg"}, {"black", folder_ + "/black.svg"}};
  const std::string text = R"(<text id="name" x="200" y="80" font-size="8">x</text></svg>)";
  const std::string svg = R"(<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 320 180">)";
  ASSERT_TRUE(write_file(folder_ + "/plain.svg", svg + text).ok());
  ASSERT_TRUE(
      write_file(folder_ + "/black.svg", svg + R"(<rect x="20" y="140" width="140" height="24"/>)" + text).ok());
  begin();
  const auto shown = want(R"("lower_third":{"name":"Ada","template":"black","shown":7})", 7);
  EXPECT_LT(from(pictures_to(shown + kSteps), shown + kSteps).inside, 25);
}

TEST_F(RoomGraphics, WhatCannotBeDrawnIsAnsweredAndLeavesTheProgrammeAsItIs) {
  config_.templates = {{"house", folder_ + "/house.svg"}};
  ASSERT_TRUE(write_file(folder_ + "/house.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\"><broken></svg>").ok());
  begin();
  const auto answered = want(fmt::format(kAda, 7, 0), 7);
  ASSERT_GT(answered, 0);
  const auto pictures = pictures_to(answered + 15);
  EXPECT_NEAR(from(pictures, answered + 15).inside, kBright, 4);
  EXPECT_EQ(lower_third_state(), "failed");
  EXPECT_THAT(events_,
              ::testing::Contains(::testing::HasSubstr(R"(lower third \"Ada Lovelace\" cannot be drawn: line 1: )")));
}

// A pipe for a template: reading it waits until somebody writes.
TEST_F(RoomGraphics, ADrawingThatTakesLongHoldsUpNobodyAndComesWhenItIsThere) {
  const auto pipe = folder_ + "/slow.svg";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  config_.templates = {{"slow", pipe}};
  begin();
  const auto asked = config_.grid().picture_at(epoch_.now());
  const auto answered = want(fmt::format(kAda, 7, 0), 7);
  EXPECT_GE(answered, asked + 24);
  EXPECT_THAT(events_, ::testing::Contains(::testing::HasSubstr("is still being drawn")));
  EXPECT_NEAR(from(pictures_to(answered + 1), answered + 1).inside, kBright, 4);
  const std::string svg = R"(<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 320 180"><rect x="20" y="140" )"
                          R"(width="140" height="24"/><text id="name" x="200" y="80" font-size="8">x</text></svg>)";
  // Whoever reads it later finds a file.
  UniqueFd reader_waits(::open(pipe.c_str(), O_WRONLY));
  ASSERT_TRUE(reader_waits);
  ASSERT_TRUE(replace_file(pipe, svg).ok());
  ASSERT_EQ(::write(reader_waits.get(), svg.data(), svg.size()), static_cast<ssize_t>(svg.size()));
  reader_waits.reset();
  const auto got = packager_->wait_for([&](const auto&) { return lower_third_state() == "shown"; });
  EXPECT_LT(pictures_to(got.tracks.at(0).back().index + 2).rbegin()->second.inside, 60);
}

// --- sound -----------------------------------------------------------------------------------------------------------

class RoomSound : public RoomGraphics {
 protected:
  // A sine of 440 Hz that never jumps.
  static float sine(std::int64_t sample) {
    return 0.25F *
           static_cast<float>(std::sin(2 * M_PI * 440 * static_cast<double>(sample % kSampleRate) / kSampleRate));
  }
  void begin_with_sine() {
    start();
    cam1_ = feed("cam1", kBright, sine);
    cam2_ = feed("cam2", kBright, [](std::int64_t) { return 0.0F; });
    packager_->wait_for([](const auto& r) { return count(r, 2) > 20; });
  }
  std::vector<float> heard(std::size_t packets_more) {
    const auto now = packager_->wait_for([](const auto&) { return true; });
    const auto wanted = count(now, 2) + packets_more;
    const auto got = packager_->wait_for([wanted](const auto& r) { return count(r, 2) >= wanted; });
    std::vector<Bytes> packets;
    for (const auto& packet : got.tracks.at(2))
      packets.push_back(packet.bytes);
    return testing::decode_sound(got.hellos[0].tracks[2].extradata, packets);
  }
  static float peak(const std::vector<float>& samples, std::size_t last) {
    float peak = 0;
    for (auto i = samples.size() - last; i < samples.size(); ++i)
      peak = std::max(peak, std::fabs(samples[i]));
    return peak;
  }
};

TEST_F(RoomSound, GainAndMuteAreHeardAndReported) {
  begin_with_sine();
  EXPECT_NEAR(peak(heard(20), 8000), 0.25F, 0.03F);
  ASSERT_GT(want(R"("feeds":{"cam1":{"gain_db":6.0,"muted":false}})", 7), 0);
  EXPECT_NEAR(peak(heard(30), 8000), 0.5F, 0.05F);
  EXPECT_NEAR(report().at("feeds").at(0).at("gain_db").to_number<double>(), 6.0, 0.01);
  ASSERT_GT(want(R"("feeds":{"cam1":{"gain_db":20.0,"muted":false}})", 8), 0);
  EXPECT_LT(peak(heard(30), 8000), 0.97F); // the limiter's ceiling, and what AAC adds
  ASSERT_GT(want(R"("feeds":{"cam1":{"gain_db":0,"muted":true}})", 9), 0);
  EXPECT_LT(peak(heard(30), 8000), 0.001F);
  const auto muted = report();
  EXPECT_TRUE(muted.at("feeds").at(0).at("muted").as_bool());
  // The microphone is seen to work, on air or not.
  EXPECT_NEAR(muted.at("feeds").at(0).at("peak_db").to_number<double>(), -12.0, 0.2);
}

TEST_F(RoomSound, LoudnessOfTheProgrammeIsReported) {
  begin_with_sine();
  ASSERT_GT(want(R"("show":{"state":"live","id":"s1"})", 7), 0);
  heard(60);
  const auto sound = report().at("sound").as_object();
  // A sine in both channels at -12 dBFS: -12 LUFS but for the weighting at 440 Hz.
  EXPECT_NEAR(sound.at("momentary_lufs").to_number<double>(), -12.7, 0.4);
  EXPECT_NEAR(sound.at("integrated_lufs").to_number<double>(), -12.7, 0.6);
  // The meter began in the middle of a wave, which is a step.
  EXPECT_NEAR(sound.at("true_peak_db").to_number<double>(), -11.5, 1.0);
  EXPECT_EQ(sound.at("feed").as_string(), "cam1");
}

TEST_F(RoomSound, ADelayOnAirNeitherClicksNorTurnsTimeBack) {
  start();
  TestFeed::Content content;
  content.luma = [](std::int64_t k) { return static_cast<int>(20 + k % 400 / 2); };
  content.sound = sine;
  cam1_ = std::make_unique<TestFeed>(folder_ + "/transcode.media.sock", "cam1", epoch_, content);
  const auto begun = packager_->wait_for([](const auto& r) { return count(r, 2) > 20 && count(r, 0) > 10; });
  const auto at = want(R"("feeds":{"cam1":{"delay_ms":400}})", 7);
  ASSERT_GT(at, 0);
  const auto back = want(R"("feeds":{"cam1":{"delay_ms":0}})", 8);
  const auto got = packager_->wait_for([back](const auto& r) { return has_index(r, 0, back + 30); });
  const auto first = begun.tracks.at(0).front().index;
  double before = 0;
  for (const auto& [n, luma] : lumas(got, 0)) {
    if (n > first + 5 && luma > 40) { // but for the sawtooth's own fall
      EXPECT_GT(luma, before - 2.5) << n - at;
    }
    before = luma > 200 ? 0 : luma;
  }
  const auto samples = heard(10);
  if (report().at("skipped").to_number<int>() != 0) GTEST_SKIP() << "the machine is too busy: sound was left out";
  float step = 0;
  for (std::size_t i = 4096; i + 1 < samples.size(); ++i)
    step = std::max(step, std::fabs(samples[i + 1] - samples[i]));
  // The sine's own steepest step is 0.0144; a jump of its phase would be up to 0.5.
  EXPECT_LT(step, 0.03F);
}

} // namespace
} // namespace pult::transcode
