// One encoder run: all rungs and sound tracks of the room, from a first index on until it is dropped.
//
// The encoders open when the run is made; it begins with the first picture and the first sound frame pushed, which the
// mixer chooses where the picture and sound grids meet. Each rung has its thread: it scales the picture that the rung
// above it handed down (so each size is made once, from the next larger), hands it on, and encodes. All rungs get the
// same pictures, key frames and effort. One more thread encodes the sound tracks. The queues are short: a mixer that
// finds no room leaves pictures out, for all rungs alike, and goes on with a key frame.
// push_… by the mixer thread; the sink is called by the run's own threads.
#pragma once

#include "transcode/hand_over.hpp"
#include "transcode/house_picture.hpp"
#include "transcode/sound_encoder.hpp"
#include "transcode/video_encoder.hpp"

#include "base/config.hpp"
#include "base/messages/packet_link.hpp"

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace pult::transcode {

struct LadderSettings {
  PictureSize programme;
  int fps = 25;
  std::string preset = "veryfast";
  std::vector<RenditionConfig> renditions; // tracks 0…, in the config's order
  std::vector<SoundConfig> sounds;         // the tracks behind them
  static LadderSettings of(const RoomConfig& config);
  [[nodiscard]] VideoSettings video(std::size_t rendition) const;
};

struct LadderSink {
  std::function<void(packet_link::Hello)> tracks; // once, when all encoders are open
  std::function<void(std::uint64_t run, std::uint16_t track, std::int64_t index, bool idr, Bytes)> packet;
  std::function<void(Error)> failed; // the run makes nothing more
};

class Ladder {
 public:
  // Pictures that may wait before each encoder: late is better than left out, up to the half second that the
  // packager waits for. Their ring slots are not free meanwhile.
  static constexpr std::size_t kQueuedPictures = 12;

  // Opens the encoders in the run's threads and returns at once.
  Ladder(LadderSettings settings, std::uint64_t run, LadderSink sink);
  Ladder(const Ladder&) = delete;
  Ladder& operator=(const Ladder&) = delete;
  ~Ladder(); // drops what waits; ends within the picture that is being encoded

  [[nodiscard]] std::uint64_t run() const { return run_; }
  [[nodiscard]] bool ready() const { return ready_; }   // all encoders are open
  [[nodiscard]] bool failed() const { return failed_; } // makes nothing more
  // Indices rise; where one is left out the next must be an IDR. False: no room within `wait`.
  bool push_picture(PictureIndex n, HousePicture picture, bool idr, Effort effort, std::chrono::nanoseconds wait);
  // False: no room, the frame becomes silence.
  bool push_sound(SoundIndex m, const SoundFrame& frame);
  [[nodiscard]] std::size_t backlog() const; // pictures before the rung that is furthest behind
  // Encodes what waits, then ends.
  void finish();

 private:
  struct PictureItem {
    PictureIndex n;
    HousePicture picture;
    bool idr;
    Effort effort;
  };
  struct SoundItem {
    SoundIndex m;
    SoundFrame frame;
  };
  struct Rung {
    std::size_t track = 0;
    HandOver<PictureItem> queue{kQueuedPictures};
    std::thread thread;
  };
  void start_rungs();
  void run_rung(std::size_t place);
  Result<void> encode_rung(std::size_t place, VideoEncoder& encoder);
  void run_sound();
  Result<void> encode_sound();
  void opened(std::size_t track, Bytes extradata, Bytes silence = {});
  void fail(const Error& error);
  void stop(bool discard);

  const LadderSettings settings_;
  const std::uint64_t run_;
  const LadderSink sink_;

  std::mutex mutex_; // of hello_, unopened_
  packet_link::Hello hello_;
  std::size_t unopened_ = 0;
  std::atomic<bool> ready_ = false;
  std::atomic<bool> failed_ = false;

  std::vector<std::unique_ptr<Rung>> rungs_; // largest first
  HandOver<SoundItem> sound_queue_;
  std::thread sound_thread_;
};

} // namespace pult::transcode
