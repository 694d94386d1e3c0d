#include "cam/loop_source.hpp"

namespace pult::cam {

LoopSource::LoopSource(MediaLoop loop)
    : loop_(std::move(loop)), grid_(loop_.format.grid()), reorder_(loop_.reorder()) {}

Result<void> LoopSource::start(Ticks now) {
  next_picture_ = grid_.next_key(now);
  // The frame that is sounding when the picture begins: the first beep is whole.
  next_sound_ = sound_frame_at(next_picture_ * grid_.picture());
  return {};
}

DuePacket LoopSource::picture(int64_t number) const {
  const auto& packet = *loop_.pictures[grid_.within_loop(number)];
  const int64_t start = grid_.loop_start(number);
  return {.track = Track::kPicture,
          .pts = (start + packet.pts) * grid_.picture(),
          .dts = (start + packet.dts) * grid_.picture(),
          .due = (start + packet.dts + reorder_) * grid_.picture(),
          .key = (packet.flags & AV_PKT_FLAG_KEY) != 0,
          .media = &packet};
}

DuePacket LoopSource::sound(int64_t number) const {
  const Ticks pts = number * kSoundFrame;
  return {.track = Track::kSound,
          .pts = pts,
          .dts = pts,
          .due = pts,
          .key = true,
          .media = loop_.sounds[number % kSoundLoopFrames].get()};
}

Result<DuePacket> LoopSource::next() {
  const auto picture_next = picture(next_picture_);
  const auto sound_next = sound(next_sound_);
  if (sound_next.due < picture_next.due) {
    ++next_sound_;
    return sound_next;
  }
  ++next_picture_;
  return picture_next;
}

} // namespace pult::cam
