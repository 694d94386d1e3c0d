#include "transcode/decode/placer.hpp"

namespace pult::transcode::decode {
namespace {

using std::chrono::seconds;

constexpr seconds kTooEarly{5}; // not of this timeline: a track with times of its own
constexpr double kLatencySmoothing = 0.05;

} // namespace

Placer::Placer(Grid grid, RoomEpoch epoch, MixerLink& mixer, std::chrono::seconds too_late)
    : grid_(grid), epoch_(std::move(epoch)), mixer_(mixer), too_late_(too_late), clock_(grid, 1),
      sound_track_([this](Sample first, std::span<const float> samples) { pass_sound(first, samples); }) {}

void Placer::begin() {
  clock_ = FeedClock(grid_, clock_.epoch() + 1);
  steps_ = 0;
}

void Placer::demuxed(Track track, Nanoseconds arrival, Nanoseconds dts, Nanoseconds pts) {
  arrival_ = arrival;
  clock_.observe(track, epoch_.from_monotonic(arrival), dts, pts);
  if (track == Track::kPicture || !clock_.on_grid()) publish_clock();
}

bool Placer::timely(Nanoseconds due) const {
  const auto now = epoch_.now();
  return due > now - too_late_ && due < now + kTooEarly;
}

void Placer::picture(GstBuffer* buffer, const GstVideoInfo& info, Nanoseconds pts) {
  const auto due = clock_.picture_time(pts);
  if (!due || !timely(*due)) {
    return count([](auto& s) {
      ++s.late;
      s.last_drop = monotonic_now();
    });
  }
  const auto ring = mixer_.ring();
  const auto slot = ring ? ring->take() : std::nullopt;
  if (!slot) return drop({});
  const PictureSize programme{ring->shape().width, ring->shape().height};
  auto painted = painter_.paint(buffer, info, programme, ring->slot_bytes(*slot));
  if (!painted) {
    ring->give_back(*slot);
    return drop(painted.error().message);
  }
  count([&](auto& s) {
    s.coded = {GST_VIDEO_INFO_WIDTH(&info), GST_VIDEO_INFO_HEIGHT(&info)};
    s.interlaced = GST_VIDEO_INFO_IS_INTERLACED(&info);
  });
  send(ring, *slot, *painted, *due);
}

void Placer::drop(const std::string& error) {
  count([&](auto& s) {
    ++s.dropped;
    s.last_drop = monotonic_now();
    if (!error.empty()) s.last_error = error;
  });
}

void Placer::send(const std::shared_ptr<PictureRing>& ring, std::uint32_t slot, PictureSize size, Nanoseconds due) {
  mixer_.send_picture(ring, {slot, size.width, size.height, due, clock_.epoch()});
  const auto now = monotonic_now();
  count([&](auto& s) {
    ++s.pictures;
    s.size = size;
    s.converted = painter_.converted();
    const auto latency = static_cast<double>((now - arrival_).count());
    const auto before = static_cast<double>(s.latency.count());
    s.latency = Nanoseconds(static_cast<std::int64_t>(before + (latency - before) * kLatencySmoothing));
    s.last_picture = now;
  });
}

void Placer::sound(Nanoseconds pts, std::span<const float> interleaved) {
  const auto due = clock_.sound_time(pts);
  if (!due || !timely(*due)) return count([](auto& s) { ++s.sound_late; });
  const bool step = clock_.steps() != steps_;
  steps_ = clock_.steps();
  sound_track_.push(pts, *due, interleaved, step);
}

void Placer::pass_sound(Sample first, std::span<const float> interleaved) {
  mixer_.send_sound(first, interleaved);
  count([&](auto& s) {
    ++s.sound_frames;
    s.sound_holes = sound_track_.holes();
    s.sound_anchors = sound_track_.anchors();
    s.sound_rate_ppm = sound_track_.rate_ppm();
    s.last_sound = monotonic_now();
  });
}

void Placer::publish_clock() {
  count([this](auto& s) {
    s.clock_epoch = clock_.epoch();
    s.clock_offset = clock_.offset();
    s.drift_ppm = clock_.drift_ppm();
    s.on_grid = clock_.on_grid();
    s.fps = clock_.fps();
  });
}

PlacerStats Placer::stats() const {
  const std::lock_guard lock(mutex_);
  return stats_;
}

} // namespace pult::transcode::decode
