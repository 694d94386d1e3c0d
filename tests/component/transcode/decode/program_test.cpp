// pult-decode as a program: from the socket that ingest dials to the socket that it dials.
#include "test_program.hpp"

#include "tests/support/slowness.hpp"

#include <csignal>
#include <fmt/format.h>
#include <gtest/gtest.h>

using namespace pult;
using namespace pult::transcode::decode::test;
using namespace std::chrono_literals;

namespace {

Bytes small_feed(int seconds) {
  return make_ts(fmt::format("-t {} -i {} -vf scale=320:180,fps=25 -c:v libx264 -preset ultrafast -tune zerolatency "
                             "-g 50 -pix_fmt yuv420p -c:a aac -b:a 128k -ar 48000",
                             seconds, kVideo));
}

} // namespace

TEST(DecodeProgram, DecodesThenEndsAtSigtermWithZeroWithinASecond) {
  ProgramRoom room(PULT_DECODE_PROGRAM, 320, 180);
  room.start_program();
  ASSERT_TRUE(room.wait([&] { return room.ingest_connected() && room.mixer->links == 1; }));
  room.play(paced(small_feed(15)), 0s, [&] { return room.mixer->pictures.size() > 30; });
  EXPECT_GT(room.mixer->pictures.size(), 30u);
  EXPECT_GT(room.mixer->sound.size(), 24000u);
  room.signal(SIGTERM);
  std::optional<int> code;
  ASSERT_TRUE(room.wait([&] { return (code = room.ended()).has_value(); }, 1s * pult::test::kSlowness));
  EXPECT_EQ(*code, 0);
}

TEST(DecodeProgram, KilledItIsBackByTheReplay) {
  ProgramRoom room(PULT_DECODE_PROGRAM, 320, 180);
  const auto chunks = paced(small_feed(15));
  room.start_program();
  ASSERT_TRUE(room.wait([&] { return room.mixer->links == 1; }));
  room.play(chunks, 0s, [&] { return room.mixer->pictures.size() > 10; });
  room.signal(SIGKILL);
  ASSERT_TRUE(room.wait([&] { return room.ended().has_value(); }) &&
              room.wait([&] { return !room.ingest_connected(); }));
  room.mixer->pictures.clear();
  room.start_program();
  const auto begun = monotonic_now();
  room.play(chunks, 4s, [&] { return room.mixer->pictures.size() > 10; }); // 4 s since the last key frame
  ASSERT_FALSE(room.mixer->pictures.empty());
  EXPECT_LT(room.mixer->pictures.front().seen + room.epoch.monotonic - begun,
            4s * pult::test::kSlowness); // 0.2 s where nothing else runs
  EXPECT_LT(room.mixer->pictures.back().seen - room.mixer->pictures.back().head.time, 1500ms * pult::test::kSlowness);
}

TEST(DecodeProgram, TheCrewStartsItAnewAndTheReplayFillsTheGap) {
  ProgramRoom room(PULT_DECODE_PROGRAM, 320, 180);
  room.start_program();
  ASSERT_TRUE(room.wait([&] { return room.ingest_connected() && room.mixer->links == 1; }));
  const auto chunks = paced(small_feed(15));
  room.play(chunks, 0s, [&] { return room.mixer->pictures.size() > 10; });
  room.command({{"command", "restart-feed"}, {"feed", "cam2"}}); // another's
  room.command({{"command", "restart-feed"}, {"feed", "cam1"}});
  ASSERT_TRUE(room.wait([&] { return room.ingest_links == 2 && room.ingest_connected(); }))
      << "ingest is made to dial anew";
  EXPECT_EQ(room.mixer->links, 1) << "the mixer does not notice";
  const auto before = room.mixer->pictures.back().head.feed_epoch;
  room.mixer->pictures.clear();
  room.play(chunks, 4s, [&] { return room.mixer->pictures.size() > 10; });
  ASSERT_FALSE(room.mixer->pictures.empty());
  EXPECT_GT(room.mixer->pictures.back().head.feed_epoch, before);
}

TEST(DecodeProgram, AFeedThatIsNotInTheRoom) {
  ProgramRoom room(PULT_DECODE_PROGRAM, 320, 180);
  const auto command =
      fmt::format("{} --config {} --feed cam7 2>/dev/null", PULT_DECODE_PROGRAM, room.folder.path("room.toml"));
  EXPECT_EQ(WEXITSTATUS(std::system(command.c_str())), 78);
}
