// decode_bench PROGRAM FILE.ts WIDTHxHEIGHT [fps] [gather]: what one decoder costs, in real time over the real sockets.
//
// The stream comes in chunks of what arrives within `gather` ms (default 4), as ingest hands it over.
// Prints CPU in % of a core, the time from a picture's last chunk (its arrival) to its being seen by the mixer's end,
// how far ahead of its time it came, and memory. Not part of the tests.
#include "test_program.hpp"

#include <algorithm>
#include <cstdio>
#include <fstream>

using namespace pult;
using namespace pult::transcode::decode::test;
using namespace std::chrono_literals;

namespace {

double milliseconds_of(Nanoseconds time) {
  return std::chrono::duration<double, std::milli>(time).count();
}

void print_spread(const char* what, std::vector<double> values) {
  if (values.empty()) return;
  std::sort(values.begin(), values.end());
  std::printf("%s: median %.1f ms, 5 %% %.1f, 95 %% %.1f, worst %.1f\n", what, values[values.size() / 2],
              values[values.size() / 20], values[values.size() * 19 / 20], values.back());
}

std::vector<TimedChunk> gathered(const std::vector<TimedChunk>& chunks, std::chrono::milliseconds span) {
  std::vector<TimedChunk> out;
  for (const auto& chunk : chunks) {
    if (out.empty() || chunk.at - out.back().at >= span) out.push_back({chunk.at, {}});
    out.back().bytes.insert(out.back().bytes.end(), chunk.bytes.begin(), chunk.bytes.end());
  }
  return out;
}

} // namespace

int main(int argc, char** argv) {
  int width = 0, height = 0;
  if (argc < 4 || std::sscanf(argv[3], "%dx%d", &width, &height) != 2) return 2;
  std::ifstream in(argv[2], std::ios::binary);
  const Bytes ts{std::istreambuf_iterator<char>(in), {}};
  ProgramRoom room(argv[1], width, height, argc > 4 ? std::atoi(argv[4]) : 25);
  room.mixer->look = false;
  room.start_program();
  room.wait([&] { return room.ingest_connected() && room.mixer->links == 1; });
  const auto start_cpu = room.cpu_seconds();
  const auto start = monotonic_now();
  room.play(gathered(paced(ts), std::chrono::milliseconds(argc > 5 ? std::atoi(argv[5]) : 4)));
  const auto seconds = std::chrono::duration<double>(monotonic_now() - start).count();
  std::printf("CPU %.1f %% of a core over %.1f s; resident %ld kB; %zu pictures, sound breaks %d\n",
              100 * (room.cpu_seconds() - start_cpu) / seconds, seconds, room.resident_kb(),
              room.mixer->pictures.size(), room.mixer->sound_breaks);
  std::vector<double> ahead;
  for (std::size_t i = 60; i < room.mixer->pictures.size(); ++i)
    ahead.push_back(milliseconds_of(room.mixer->pictures[i].seen - room.mixer->pictures[i].head.time));
  print_spread("seen after its time", ahead);
}
