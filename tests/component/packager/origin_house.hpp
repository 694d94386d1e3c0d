// An origin over real connections with a real window on disk, for tests: its thread is the io thread, the test's thread
// is the timeline. Parts say what they are, so that any mix-up shows.
#pragma once

#include "packager/origin.hpp"

#include "temp_folder.hpp"
#include "tests/support/http_client.hpp"

#include <boost/asio/post.hpp>
#include <fmt/format.h>
#include <future>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <thread>

namespace pult::packager::test {

using namespace std::chrono_literals;

inline constexpr int kParts = 6;
inline constexpr std::int64_t kPartPictures = 8;
inline constexpr std::int64_t kVideoPart = 28800; // 0.32 s at 90 kHz
inline constexpr std::int64_t kSoundPart = 15360; // and at 48 kHz
inline constexpr Nanoseconds kEpochWall = 1'795'348'800s;

inline Cutting cutting() {
  return Cutting::of(*Grid::of(25), 1920ms, 320ms);
}

// Parts so long that a test on a busy machine never misses one.
inline Cutting slow_cutting() {
  return Cutting::of(*Grid::of(25), 36s, 6s);
}

inline Show make_show(const std::string& id) {
  Show show{id, {}, 0, 0};
  show.tracks = {{packet_link::TrackKind::kVideo, "720p", "avc1.64001f", 1280, 720, 2500, "", 90000},
                 {packet_link::TrackKind::kSound, "original", "mp4a.40.2", 0, 0, 128, "deu", 48000}};
  return show;
}

inline SharedBytes bytes_of(const std::string& text) {
  return share(Bytes(text.begin(), text.end()));
}

// Says what it is, so that any mix-up shows; large enough to be several writes of a slow disk.
inline std::string part_bytes(std::size_t track, std::int64_t sequence, int number) {
  std::string text = fmt::format("track {} segment {} part {}\n", track, sequence, number);
  while (text.size() < (track == 0 ? 20'000u : 5'000u))
    text += text;
  return text;
}

inline std::string segment_bytes(std::size_t track, std::int64_t sequence, int parts = kParts) {
  std::string text;
  for (int part = 0; part < parts; ++part)
    text += part_bytes(track, sequence, part);
  return text;
}

inline PublishedPart make_part(std::size_t track, std::int64_t sequence, int number) {
  PublishedPart part;
  part.track = track;
  part.sequence = sequence;
  part.number = number;
  part.last_of_segment = number + 1 == kParts;
  part.independent = number == 0 || track == 1;
  part.duration = track == 0 ? kVideoPart : kSoundPart;
  part.first_picture = (sequence * kParts + number) * kPartPictures;
  part.begin = (sequence * kParts + number) * part.duration;
  part.init_name = "init-a.mp4";
  part.bytes = bytes_of(part_bytes(track, sequence, number));
  return part;
}

// A packager's front half with an io thread of its own; this thread is its timeline.
class House {
 public:
  explicit House(const std::filesystem::path& folder, std::chrono::seconds window = 7200s,
                 const Cutting& cut = cutting()) {
    origin_ = std::make_unique<Origin>(io_, Origin::Settings{cut, 1920ms, window, kEpochWall},
                                       Window::open(io_, folder / "window"), StaticFiles{});
  }
  ~House() {
    if (thread_.joinable()) {
      asio::post(io_, [this] { origin_->stop(1s); });
      thread_.join();
    }
  }
  void open() {
    auto listening = http::listen_tcp({"127.0.0.1", 0});
    auto started = origin_->start(std::move(listening.value()));
    if (!started) throw std::runtime_error(started.error().message);
    port_ = origin_->port();
    thread_ = std::thread([this] { io_.run(); });
  }

  void begin(const std::string& id) {
    origin_->show_begins(make_show(id));
    for (std::size_t track = 0; track < 2; ++track)
      origin_->init_section({track, "init-a.mp4", bytes_of(fmt::format("init of track {}", track))});
  }
  void part(std::int64_t sequence, int number) {
    for (std::size_t track = 0; track < 2; ++track)
      origin_->part(make_part(track, sequence, number));
  }
  void segments(std::int64_t first, std::int64_t last) {
    for (auto sequence = first; sequence <= last; ++sequence)
      for (int number = 0; number < kParts; ++number)
        part(sequence, number);
  }
  template <typename F>
  auto on_io(F f) {
    std::promise<decltype(f())> done;
    asio::post(io_, [&] { done.set_value(f()); });
    return done.get_future().get();
  }
  // All that was published by now is listed when this returns.
  void settle() {
    on_io([] { return 0; });
  }
  void wait_for_blocked(std::size_t count) {
    const auto deadline = std::chrono::steady_clock::now() + pult::test::kPatience;
    while (on_io([&] { return origin_->waiting(); }) < count)
      ASSERT_LT(std::chrono::steady_clock::now(), deadline) << "nobody waits";
  }
  void wait_until_stored() {
    const auto deadline = std::chrono::steady_clock::now() + pult::test::kPatience;
    while (origin_->window().unfinished() > 0)
      ASSERT_LT(std::chrono::steady_clock::now(), deadline) << "the window is not written";
    settle();
  }
  pult::test::Client client() const { return pult::test::Client::tcp(port_); }
  pult::test::Answer get(const std::string& target, const std::string& headers = "") const {
    return client().get(target, headers);
  }
  Origin& origin() { return *origin_; }

 private:
  asio::io_context io_{1};
  std::unique_ptr<Origin> origin_;
  int port_ = 0;
  std::thread thread_;
};

class OriginTest : public testing::Test {
 protected:
  // A show of that many segments, open to viewers.
  void go_on_air(std::int64_t segments) {
    house.open();
    house.begin("s1");
    house.segments(0, segments - 1);
    house.settle();
  }
  TempFolder folder;
  House house{folder.path()};
};

inline const std::string kVideo = "/live/s1/720p/";
inline const std::string kSound = "/live/s1/original/";

} // namespace pult::packager::test
