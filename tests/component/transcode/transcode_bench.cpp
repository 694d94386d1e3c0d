// Measures a pult-transcode that somebody started: feeds it raw I420 files, shows a scene with a lower third, and says
// when packets come and what each thread of it costs.
// transcode_bench RUN_DIR PID SCENE[,OTHER] FPS SECONDS RUNGS FEED=WIDTHxHEIGHT:RAW_FILE…
#include "base/messages/state_link.hpp"

#include "test_feed.hpp"
#include "test_packager.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <gtest/gtest.h>
#include <unistd.h>

namespace {

using namespace pult;
using namespace pult::transcode::testing;

// Seconds of CPU by thread name; proc(5): the name in brackets, then utime and stime as fields 14 and 15.
std::map<std::string, double> cpu_of(const std::string& pid) {
  std::map<std::string, double> seconds;
  for (const auto& task : std::filesystem::directory_iterator("/proc/" + pid + "/task")) {
    std::ifstream file(task.path() / "stat");
    const std::string stat((std::istreambuf_iterator<char>(file)), {});
    const auto open = stat.find('(');
    const auto close = stat.rfind(')');
    if (close == std::string::npos) continue;
    std::istringstream rest(stat.substr(close + 2));
    std::string word;
    double user = 0, system = 0;
    for (int field = 3; field < 14; ++field)
      rest >> word;
    rest >> user >> system;
    seconds[stat.substr(open + 1, close - open - 1)] += (user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK));
  }
  return seconds;
}

std::unique_ptr<TestFeed> feed_of(const std::string& run_dir, const RoomEpoch& epoch, int fps,
                                  const std::string& text) {
  TestFeed::Content content;
  const auto equals = text.find('=');
  const auto colon = text.find(':');
  std::sscanf(text.c_str() + equals + 1, "%dx%d", &content.width, &content.height);
  content.fps = fps;
  content.raw_file = text.substr(colon + 1);
  return std::make_unique<TestFeed>(run_dir + "/transcode.media.sock", text.substr(0, equals), epoch, content);
}

constexpr auto kWanted = R"({{"epoch":1,"number":{},"on_air":{{"scene":"{}","fade_ms":0}},)"
                         R"("lower_third":{{"name":"Dr. Ada Beispiel","function":"Mathematik","shown":1}}}})";

// Wants a scene as pultd does. → when it was sent, and the picture at which it showed.
std::pair<std::chrono::steady_clock::time_point, PictureIndex> take(const std::string& run_dir,
                                                                    const std::string& scene, int number) {
  asio::io_context io;
  std::shared_ptr<Link> link;
  std::chrono::steady_clock::time_point sent;
  PictureIndex shown = -1;
  const auto answered = [&](auto type, ByteView payload, UniqueFd) -> Result<void> {
    const std::string text(payload.begin(), payload.end());
    if (type != state_link::kApplied || text.find(fmt::format("\"number\":{},", number)) == std::string::npos)
      return {};
    shown = std::strtoll(text.c_str() + text.find("\"picture\":") + 10, nullptr, 10);
    io.stop();
    return {};
  };
  LinkDialer dialer(io, run_dir + "/pult-transcode.state.sock", {}, [&](std::shared_ptr<Link> made) {
    link = std::move(made);
    link->start(answered, [](const Error&) {});
    const auto text = fmt::format(kWanted, number, scene);
    sent = std::chrono::steady_clock::now();
    link->send(state_link::kWanted, Bytes(text.begin(), text.end()));
  });
  dialer.dial();
  io.run_for(std::chrono::seconds(5));
  if (link) link->close({Errc::kUnavailable, "done"});
  return {sent, shown};
}

// From a wanted state that is sent to the first rung's packet of its first picture.
void print_takes(const std::string& run_dir, TestPackager& packager, const std::vector<std::string>& scenes) {
  std::vector<double> waits;
  for (int i = 0; i < 20; ++i) {
    const auto [sent, n] = take(run_dir, scenes[static_cast<std::size_t>(i + 1) % scenes.size()], 2 + i);
    const auto shown = [n = n](const KeptPacket& packet) { return packet.index >= n; };
    const auto got = packager.wait_for([&](const Received& r) { return shown(r.tracks.at(0).back()); });
    const auto& packets = got.tracks.at(0);
    const auto first = std::find_if(packets.begin(), packets.end(), shown);
    waits.push_back(std::chrono::duration<double, std::milli>(first->came - sent).count());
  }
  std::sort(waits.begin(), waits.end());
  std::printf("take to packet: median %.1f ms, worst %.1f ms of %zu\n", waits[waits.size() / 2], waits.back(),
              waits.size());
}

void print_track(const std::vector<KeptPacket>& packets, int track, const std::function<double(std::int64_t)>& due_ms) {
  std::vector<double> delays;
  std::size_t bytes = 0;
  for (const auto& packet : packets) {
    bytes += packet.bytes.size();
    delays.push_back(std::chrono::duration<double, std::milli>(packet.came.time_since_epoch()).count() -
                     due_ms(packet.index));
  }
  std::sort(delays.begin(), delays.end());
  std::printf("track %d: %zu packets, %.0f kB, tick to packet median %.1f ms, 99 %% %.1f ms, worst %.1f ms\n", track,
              packets.size(), static_cast<double>(bytes) / 1000, delays[delays.size() / 2],
              delays[delays.size() * 99 / 100], delays.back());
}

} // namespace

int main(int argc, char** argv) {
  if (argc < 8) return 2;
  const std::string run_dir = argv[1];
  const std::string pid = argv[2];
  const int fps = std::atoi(argv[4]);
  const int seconds = std::atoi(argv[5]);
  const int rungs = std::atoi(argv[6]);
  const auto epoch = *RoomEpoch::open(run_dir);
  TestPackager packager(run_dir + "/packager.media.sock",
                        std::vector<std::int64_t>(static_cast<std::size_t>(rungs) + 1));
  std::vector<std::unique_ptr<TestFeed>> feeds;
  for (int i = 7; i < argc; ++i)
    feeds.push_back(feed_of(run_dir, epoch, fps, argv[i]));
  const std::string measured = argv[3];
  const std::vector<std::string> scenes{measured.substr(0, measured.find(',')),
                                        measured.substr(measured.find(',') + 1)};
  take(run_dir, scenes[0], 1);
  const auto pictures = [&](int more) {
    return packager.wait_for(
        [&](const Received& r) {
          return !r.tracks.empty() && static_cast<int>(r.tracks.begin()->second.size()) >= more;
        },
        std::chrono::seconds(600));
  };
  const auto begun = static_cast<int>(pictures(2 * fps).tracks.begin()->second.size());
  const auto before = cpu_of(pid);
  const auto from = std::chrono::steady_clock::now();
  const auto got = pictures(begun + seconds * fps);
  const double took = std::chrono::duration<double>(std::chrono::steady_clock::now() - from).count();
  double sum = 0;
  for (const auto& [name, cpu] : cpu_of(pid)) {
    const auto found = before.find(name);
    const double used = (cpu - (found == before.end() ? 0 : found->second)) / took;
    sum += used;
    std::printf("%-12s %.4f cores\n", name.c_str(), used);
  }
  std::printf("%-12s %.4f cores, in %.1f s\n", "all", sum, took);
  const auto grid = *Grid::of(fps);
  for (const auto& [track, packets] : got.tracks)
    print_track(packets, track, [&](std::int64_t index) {
      const auto moment = track < rungs ? grid.time_of(index) : time_of_sample((index + 1) * kSamplesPerSoundFrame);
      return std::chrono::duration<double, std::milli>(epoch.to_monotonic(moment)).count();
    });
  std::printf("runs %zu\n", got.hellos.size());
  print_takes(run_dir, packager, scenes);
}
