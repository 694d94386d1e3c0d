// Plays a file of H.264 and AAC-LC in an endless loop with continuous timestamps (see file_timeline.hpp), nothing
// re-encoded.
//
// The file is read once as a whole when it is opened, to know its length to the tick. start() goes on in the file where
// it was and moves its times so that the next key frame is due now: a lost connection costs the viewer nothing of the
// file. Packets of the two tracks are sorted by when they are due, however the file interleaves them. One thread.
#pragma once

#include "cam/file_timeline.hpp"
#include "cam/media_file.hpp"
#include "cam/media_source.hpp"

#include <deque>
#include <memory>

namespace pult::cam {

class FileSource final : public MediaSource {
 public:
  [[nodiscard]] static Result<std::unique_ptr<FileSource>> open(const std::filesystem::path& path);

  [[nodiscard]] const AVCodecParameters& picture_parameters() const override { return *file_.picture().codecpar; }
  [[nodiscard]] const AVCodecParameters* sound_parameters() const override {
    return timeline_.sample_rate ? file_.sound()->codecpar : nullptr;
  }
  [[nodiscard]] Result<void> start(Ticks now) override;
  [[nodiscard]] Result<DuePacket> next() override;

  [[nodiscard]] const FileTimeline& timeline() const { return timeline_; }

 private:
  // A packet with its times since the first turn's first picture.
  struct Queued {
    Track track;
    Ticks pts, dts, due;
    bool key;
    PacketPtr packet;
  };

  FileSource(MediaFile file, FileTimeline timeline, PacketPtr silence);
  [[nodiscard]] Result<Queued> take();
  [[nodiscard]] Result<void> read_one();
  [[nodiscard]] Result<void> end_turn();
  void queue_picture(PacketPtr packet);
  void queue_sound(PacketPtr packet);
  void queue_silence_up_to(int64_t slot);
  void queue_slot(PacketPtr packet);

  MediaFile file_;
  FileTimeline timeline_;
  PacketPtr silence_; // nullptr without sound
  std::deque<Queued> pictures_, sounds_;
  int64_t turn_ = 0;
  int64_t next_slot_ = 0;
  Ticks base_{};               // wall time of the first turn's first picture, moved by every start
  std::optional<Queued> held_; // found by start(), to be handed out next
  Queued current_{};
};

} // namespace pult::cam
