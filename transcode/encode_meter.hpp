// What the encoders do, for the report: packets, rate, and how long after its moment a packet was there.
//
// Encoder threads add, the io thread takes; one mutex.
#pragma once

#include "base/clock.hpp"

#include <cstdint>
#include <mutex>
#include <vector>

namespace pult::transcode {

class EncodeMeter {
 public:
  struct Track {
    std::uint64_t packets = 0;              // since the start
    double kbps = 0;                        // since the last take
    std::chrono::milliseconds mean_delay{}; // since the last take
    std::chrono::milliseconds max_delay{};
  };
  explicit EncodeMeter(std::size_t tracks) : tracks_(tracks) {}

  // `delay`: from the packet's moment on the grid to now.
  void add(std::size_t track, std::size_t bytes, Nanoseconds delay);
  std::vector<Track> take();

 private:
  struct Sum {
    std::uint64_t packets = 0;
    std::uint64_t new_packets = 0;
    std::uint64_t new_bytes = 0;
    Nanoseconds delays{};
    Nanoseconds max_delay{};
  };
  std::mutex mutex_;
  std::vector<Sum> tracks_;
  Nanoseconds taken_at_ = monotonic_now();
};

} // namespace pult::transcode
