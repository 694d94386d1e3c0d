// What a room does as a whole: tracks, scenes, restarts, lost feeds, packagers.
#include "room_fixture.hpp"

#include <cmath>

namespace pult::transcode {
namespace {

TEST_F(Room, EveryTrackIsCompleteAndRungsShareTheirKeyFrames) {
  TestPackager packager(packager_socket(), {0, 0, 0});
  start();
  const auto cam1 = feed("cam1", kDark);
  const auto got =
      packager.wait_for([](const auto& r) { return count(r, 0) > 60 && count(r, 1) > 60 && count(r, 2) > 110; });
  ASSERT_EQ(got.hellos.size(), 1U);
  EXPECT_EQ(got.hellos[0].tracks.size(), 3U);
  const auto first = got.tracks.at(0).front().index;
  EXPECT_EQ(first % 8, 0);
  EXPECT_EQ(got.tracks.at(1).front().index, first);
  EXPECT_EQ(got.tracks.at(2).front().index, config_.grid().sound_at_or_after(first));
  for (const int track : {0, 1, 2})
    expect_order(got.tracks.at(track));
  for (const int track : {0, 1})
    for (const auto& packet : got.tracks.at(track))
      if (packet.index == first || packet.index % 48 == 0) {
        EXPECT_TRUE(packet.idr) << packet.index;
      }
  EXPECT_LT(std::count_if(got.tracks.at(0).begin(), got.tracks.at(0).end(), [](const auto& p) { return p.idr; }), 10);
}

TEST_F(Room, ACutShowsAtTheReportedPicture) {
  TestPackager packager(packager_socket(), {0, 0, 0});
  start();
  const auto cam1 = feed("cam1", kDark);
  const auto cam2 = feed("cam2", kBright);
  packager.wait_for([](const auto& r) { return count(r, 0) > 20; });
  const auto shown = take("bright", 0, 7);
  const auto got =
      packager.wait_for([&](const auto& r) { return has_index(r, 0, shown + 10) && has_index(r, 1, shown + 10); });
  for (const int track : {0, 1})
    for (const auto& [n, luma] : lumas(got, track))
      if (n > got.tracks.at(0).front().index + 10) {
        EXPECT_NEAR(luma, n < shown ? kDark : kBright, 6) << track << " " << n - shown;
      }
}

TEST_F(Room, AFadeBeginsAtTheReportedPictureAndEndsInItsTime) {
  TestPackager packager(packager_socket(), {0, 0, 0});
  start();
  const auto cam1 = feed("cam1", kDark);
  const auto cam2 = feed("cam2", kBright);
  packager.wait_for([](const auto& r) { return count(r, 0) > 20; });
  const auto shown = take("bright", 400, 7); // ten pictures
  const auto got = packager.wait_for([&](const auto& r) { return has_index(r, 0, shown + 20); });
  const auto luma = lumas(got, 0);
  EXPECT_NEAR(luma.at(shown - 1), kDark, 3);
  for (int i = 0; i < 10; ++i)
    EXPECT_NEAR(luma.at(shown + i), kDark + (kBright - kDark) * (i + 1) / 11.0, 6) << i;
  EXPECT_NEAR(luma.at(shown + 10), kBright, 6);
}

TEST_F(Room, ARestartComesUpWithTheLastScene) {
  {
    TestPackager packager(packager_socket(), {0, 0, 0});
    start();
    const auto cam1 = feed("cam1", kDark);
    const auto cam2 = feed("cam2", kBright);
    packager.wait_for([](const auto& r) { return count(r, 0) > 5; });
    ASSERT_GT(take("bright", 0, 7), 0);
    stop();
  }
  TestPackager packager(packager_socket(), {0, 0, 0});
  start();
  const auto cam1 = feed("cam1", kDark);
  const auto cam2 = feed("cam2", kBright);
  const auto got = packager.wait_for([](const auto& r) { return count(r, 0) > 10; });
  for (const auto& [n, luma] : lumas(got, 0))
    EXPECT_NEAR(luma, kBright, 6) << n;
}

TEST_F(Room, ALostFeedGivesWayToTheFallbackAndThenToTheCard) {
  TestPackager packager(packager_socket(), {0, 0, 0});
  start();
  const auto cam1 = feed("cam1", kDark);
  const auto cam2 = feed("cam2", kBright);
  packager.wait_for([](const auto& r) { return count(r, 0) > 5; });
  const auto shown = take("bright", 0, 7);
  packager.wait_for([&](const auto& r) { return has_index(r, 0, shown + 5); });
  const auto silent = config_.grid().picture_at(epoch_.now());
  cam2->pause(true);
  packager.wait_for([&](const auto& r) { return has_index(r, 0, silent + 35); });
  cam1->pause(true);
  auto got = packager.wait_for([&](const auto& r) { return has_index(r, 0, silent + 75); });
  const auto luma = lumas(got, 0);
  EXPECT_NEAR(luma.at(silent), kBright, 6);
  EXPECT_NEAR(luma.at(silent + 10), kBright, 6); // its last picture stands
  EXPECT_NEAR(luma.at(silent + 28), kDark, 6);   // within a second and a picture's jitter: the fallback
  EXPECT_LT(luma.at(silent + 75), 80);           // the card
  EXPECT_GT(luma.at(silent + 75), 17);           // which is not black
  expect_order(got.tracks.at(0));
}

TEST_F(Room, ALostFeedHasTheCardInItsCornerAndComesBackByItself) {
  constexpr Rect kCorner{236, 12, 68, 34};
  constexpr Rect kRest{0, 90, 320, 90};
  TestPackager packager(packager_socket(), {0, 0, 0});
  start();
  const auto cam1 = feed("cam1", kDark);
  const auto cam2 = feed("cam2", kBright);
  packager.wait_for([](const auto& r) { return count(r, 0) > 5; });
  const auto shown = take("corner", 0, 7);
  packager.wait_for([&](const auto& r) { return has_index(r, 0, shown + 5); });
  const auto silent = config_.grid().picture_at(epoch_.now());
  cam2->pause(true);
  packager.wait_for([&](const auto& r) { return has_index(r, 0, silent + 35); });
  const auto again = config_.grid().picture_at(epoch_.now());
  cam2->pause(false);
  const auto got = packager.wait_for([&](const auto& r) { return has_index(r, 0, again + 60); });
  const auto corner = lumas(got, 0, kCorner);
  EXPECT_NEAR(up_to(corner, silent), kBright, 8);
  EXPECT_NEAR(up_to(corner, silent + 10), kBright, 8); // its last picture stands
  EXPECT_LT(from(corner, silent + 32), 80);            // the card
  EXPECT_GT(from(corner, silent + 32), 17);
  EXPECT_NEAR(from(corner, again + 55), kBright, 8); // after a clean second
  for (const auto& [n, luma] : lumas(got, 0, kRest))
    if (n >= shown) {
      EXPECT_NEAR(luma, kDark, 6) << n - silent;
    }
}

TEST_F(Room, AnIdrOnRequestIsOnAllRungsAtTheAnsweredPicture) {
  TestPackager packager(packager_socket(), {0, 0, 0});
  start();
  const auto cam1 = feed("cam1", kDark);
  packager.wait_for([](const auto& r) { return count(r, 0) > 3; });
  packager.request_idr(77);
  const auto answered = packager.wait_for([](const auto& r) { return !r.answers.empty(); });
  EXPECT_EQ(answered.answers[0].request, 77U);
  const auto n = answered.answers[0].picture;
  const auto got = packager.wait_for([&](const auto& r) { return has_index(r, 0, n + 5) && has_index(r, 1, n + 5); });
  for (const int track : {0, 1})
    for (const auto& packet : got.tracks.at(track))
      if (packet.index == n) {
        EXPECT_TRUE(packet.idr);
      }
}

TEST_F(Room, APackagerThatComesBackGetsWhatItMissed) {
  PictureIndex next = 0;
  start();
  const auto cam1 = feed("cam1", kDark);
  {
    TestPackager packager(packager_socket(), {0, 0, 0});
    const auto got = packager.wait_for([](const auto& r) { return count(r, 0) > 20 && count(r, 2) > 40; });
    next = got.tracks.at(0)[10].index;
  }
  const auto sound = config_.grid().sound_at_or_after(next);
  TestPackager again(packager_socket(), {next, next + 1, sound});
  const auto got =
      again.wait_for([](const auto& r) { return count(r, 0) > 40 && count(r, 1) > 40 && count(r, 2) > 40; });
  EXPECT_EQ(got.tracks.at(0).front().index, next);
  EXPECT_EQ(got.tracks.at(1).front().index, next + 1);
  EXPECT_EQ(got.tracks.at(2).front().index, sound);
  for (const int track : {0, 1, 2})
    expect_order(got.tracks.at(track));
}

TEST_F(Room, SlatesOfAllKindsAndRungsArriveAndFitTheParameterSets) {
  TestPackager packager(packager_socket(), {0, 0, 0});
  start();
  const auto cam1 = feed("cam1", kBright);
  const auto got = packager.wait_for([](const auto& r) { return r.slates.size() >= 8; });
  for (const auto& slate : got.slates) {
    const auto pictures = testing::decode_pictures(got.hellos[0].tracks[slate.track].extradata, {slate.sample});
    ASSERT_EQ(pictures.size(), 1U);
    EXPECT_LT(pictures[0].mean_luma, 80);
  }
}

TEST_F(Room, SoundKeepsItsPlaceToThePicture) {
  // One sample of every programme second is loud.
  TestPackager packager(packager_socket(), {0, 0, 0});
  start();
  const auto cam1 = feed("cam1", kDark, [](std::int64_t s) { return s % kSampleRate == 0 ? 0.8F : 0.0F; });
  const auto got = packager.wait_for([](const auto& r) { return count(r, 2) > 150; });
  std::vector<Bytes> packets;
  for (const auto& packet : got.tracks.at(2))
    packets.push_back(packet.bytes);
  const auto heard = testing::decode_sound(got.hellos[0].tracks[2].extradata, packets);
  const auto first = got.tracks.at(2).front().index * kSamplesPerSoundFrame;
  int found = 0;
  // The first frame has no predecessor to overlap with: AAC gives it back with its mirror image.
  for (std::size_t i = 2 * kSamplesPerSoundFrame; i < heard.size(); ++i) {
    if (std::fabs(heard[i]) < 0.3F) continue;
    ++found;
    // Delayed as the pictures are: by the mixer's 200 ms.
    EXPECT_NEAR((first + static_cast<Sample>(i) - kSampleRate / 5 + kSampleRate / 2) % kSampleRate, kSampleRate / 2, 1);
  }
  EXPECT_GE(found, 1);
}

} // namespace
} // namespace pult::transcode
