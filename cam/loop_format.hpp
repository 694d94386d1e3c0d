// What a made loop is: everything that decides its bytes. Two cameras with equal formats share one cached loop.
// Plain values, any thread.
#pragma once

#include "cam/loop_time.hpp"

#include <string>

namespace pult::cam {

// What the camera looks at (motif.hpp). The numbers stand in cached files' names.
enum class MotifKind { kClock = 0, kSpeaker = 1, kSlides = 2, kHall = 3 };

struct LoopFormat {
  std::string name = "camera"; // UTF-8, shown in the picture
  MotifKind motif = MotifKind::kClock;
  int width = 1280;
  int height = 720;
  int fps = 25;
  int kbps = 0; // of the picture; 0: usual_kbps
  int b_frames = 0;
  std::chrono::seconds length{60}; // divides 60, so that the loop shows the second of the minute (or its remainder)

  [[nodiscard]] PictureGrid grid() const { return {fps, length}; }
};

// A tenth of a bit a pixel: what camera encoders are set to by habit (2,300 kbit/s at 720p25).
[[nodiscard]] constexpr int usual_kbps(int width, int height, int fps) {
  return width * height / 100 * fps / 100; // kbit: ÷ 10 for the bit a pixel, ÷ 1000
}

} // namespace pult::cam
