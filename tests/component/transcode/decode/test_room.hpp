// What stands around a decoder in these tests: a mixer's end behind a real Unix socket with a real sealed ring, and
// transport streams made by ffmpeg and delivered at their own pace. One thread (the test's).
#pragma once

#include "base/link.hpp"
#include "base/messages/feed_link.hpp"
#include "base/messages/picture_link.hpp"
#include "base/room_epoch.hpp"
#include "transcode/decode/decoder.hpp"

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace pult::transcode::decode::test {

inline constexpr auto kVideo = "/usr/share/openboard/library/videos/wannaworktogether.mp4";
inline constexpr auto kPresenter = "/usr/share/forensics-samples/original-files/movie2/movie-hello.mp4";

class TestMixer;

// A folder in memory that goes with the test.
class Folder {
 public:
  Folder();
  ~Folder();
  [[nodiscard]] std::string path(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

// Runs `ffmpeg -v error -y <arguments> -f mpegts FILE` and gives the bytes. Fails the test when ffmpeg does.
Bytes make_ts(const std::string& arguments);
// A white flash of two pictures and a beep of 40 ms on each full second of the feed's own time.
std::string flash_and_beep(int seconds, int fps, const std::string& size = "320x180");
// Milliseconds from each flash's first picture to the beep's first sample, once the clock has learnt (2 s).
std::vector<double> flash_to_beep(const TestMixer& mixer);

struct TimedChunk {
  Nanoseconds at{}; // since the first
  Bytes bytes;
};
// Cuts a stream into chunks of up to 7 packets, each with the time that its PCRs give it.
std::vector<TimedChunk> paced(const Bytes& ts);

struct SeenPicture {
  picture_link::Picture head;
  Nanoseconds seen{};          // programme time
  double luma = 0;             // mean
  std::array<int, 3> centre{}; // Y, U, V
};

// More than a mixer has: a test that gets no turn for a second must not make the decoder drop pictures.
inline constexpr int kTestSlots = 60;

// The mixer's side: makes the ring, takes pictures and sound, grants slots again.
class TestMixer {
 public:
  TestMixer(asio::io_context& io, const std::string& socket_path, const RoomEpoch& epoch, int width, int height,
            int fps);
  void close();
  // Slots are kept instead of being granted again.
  bool hold_slots = false;
  bool look = true; // at the pixels
  std::size_t held = 0;
  std::vector<SeenPicture> pictures;
  std::vector<float> sound; // left channel, from first_sample on
  Sample first_sample = -1;
  int sound_breaks = 0;
  std::string feed;
  std::string closed_because;
  int links = 0;

 private:
  void on_link(std::shared_ptr<Link> link);
  Result<void> on_frame(std::uint16_t type, ByteView payload);
  void take_picture(const picture_link::Picture& picture);
  const RoomEpoch& epoch_;
  picture_link::Ring shape_;
  UniqueFd memfd_;
  std::uint8_t* memory_ = nullptr;
  std::unique_ptr<LinkListener> listener_;
  std::shared_ptr<Link> link_;
};

UniqueFd sealed_memory(std::size_t bytes, int seals);

// A decoder in a room of its own.
struct TestRoom {
  // `too_late` is long: on a machine that is busy with other tests a picture that comes late has come all the same.
  explicit TestRoom(int width = 640, int height = 360, int fps = 25,
                    std::chrono::seconds too_late = std::chrono::seconds(60));
  ~TestRoom();
  // Runs the io_context until `done` or the time is over; false then.
  bool wait(const std::function<bool()>& done, std::chrono::milliseconds limit = std::chrono::seconds(10));
  // Delivers the stream at its own pace, as a live feed. Ends early when `until` says so.
  void play(const Bytes& ts, std::uint32_t connection = 1, const std::function<bool()>& until = {}) {
    play(paced(ts), connection, until);
  }
  void play(const std::vector<TimedChunk>& chunks, std::uint32_t connection = 1,
            const std::function<bool()>& until = {});
  // The same stream with the same arrival times, which lie in the past, as fast as it is decoded: for tests that judge
  // what comes out and not when.
  void play_fast(const Bytes& ts) { play_fast(paced(ts)); }
  void play_fast(const std::vector<TimedChunk>& chunks, std::uint32_t connection = 1);
  void deliver(ByteView bytes, std::uint32_t connection = 1); // all at once, now

  Folder folder;
  asio::io_context io;
  RoomEpoch epoch;
  std::unique_ptr<TestMixer> mixer;
  MixerLink link;
  Decoder decoder;
  int width, height, fps;
};

} // namespace pult::transcode::decode::test
