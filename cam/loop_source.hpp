// Plays a made loop in phase with the wall clock, for ever: what is on at any moment follows from the time alone.
#pragma once

#include "cam/media_loop.hpp"
#include "cam/media_source.hpp"

namespace pult::cam {

class LoopSource final : public MediaSource {
 public:
  explicit LoopSource(MediaLoop loop);

  [[nodiscard]] const AVCodecParameters& picture_parameters() const override { return *loop_.picture_parameters; }
  [[nodiscard]] const AVCodecParameters* sound_parameters() const override { return loop_.sound_parameters.get(); }
  [[nodiscard]] Result<void> start(Ticks now) override;
  [[nodiscard]] Result<DuePacket> next() override;

 private:
  [[nodiscard]] DuePacket picture(int64_t number) const;
  [[nodiscard]] DuePacket sound(int64_t number) const;

  MediaLoop loop_;
  PictureGrid grid_;
  int64_t reorder_;
  int64_t next_picture_ = 0; // in decode order, since the epoch
  int64_t next_sound_ = 0;   // frames since the epoch
};

} // namespace pult::cam
