// Measures a pult-transcode that somebody started: feeds it a raw I420 file and says when packets come.
// transcode_bench RUN_DIR FEED WIDTH HEIGHT FPS RAW_FILE SECONDS RUNGS
#include "test_feed.hpp"
#include "test_packager.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <gtest/gtest.h>

int main(int argc, char** argv) {
  using namespace pult;
  using namespace pult::transcode::testing;
  if (argc != 9) return 2;
  const std::string run_dir = argv[1];
  const auto epoch = *RoomEpoch::open(run_dir);
  const auto begun = std::chrono::steady_clock::now();
  TestFeed::Content content;
  content.width = std::atoi(argv[3]);
  content.height = std::atoi(argv[4]);
  content.fps = std::atoi(argv[5]);
  content.raw_file = argv[6];
  const int pictures = std::atoi(argv[7]) * content.fps;
  const int rungs = std::atoi(argv[8]);
  TestPackager packager(run_dir + "/packager.media.sock",
                        std::vector<std::int64_t>(static_cast<std::size_t>(rungs) + 1));
  const TestFeed feed(run_dir + "/transcode.media.sock", argv[2], epoch, content);
  const auto got = packager.wait_for(
      [&](const Received& r) {
        return !r.tracks.empty() && static_cast<int>(r.tracks.begin()->second.size()) >= pictures;
      },
      std::chrono::seconds(600));
  const auto grid = *Grid::of(content.fps);
  for (const auto& [track, packets] : got.tracks) {
    std::vector<double> delays;
    std::size_t bytes = 0;
    for (const auto& packet : packets) {
      bytes += packet.bytes.size();
      const auto moment =
          track < rungs ? grid.time_of(packet.index) : time_of_sample((packet.index + 1) * kSamplesPerSoundFrame);
      delays.push_back(
          std::chrono::duration<double, std::milli>(packet.came.time_since_epoch() - epoch.to_monotonic(moment))
              .count());
    }
    std::sort(delays.begin(), delays.end());
    std::printf("track %d: first packet after %.0f ms, %zu packets, %.0f kB, tick to packet median %.1f ms, "
                "99 %% %.1f ms, worst %.1f ms\n",
                track, std::chrono::duration<double, std::milli>(packets.front().came - begun).count(), packets.size(),
                static_cast<double>(bytes) / 1000, delays[delays.size() / 2], delays[delays.size() * 99 / 100],
                delays.back());
  }
  std::printf("runs %zu\n", got.hellos.size());
}
