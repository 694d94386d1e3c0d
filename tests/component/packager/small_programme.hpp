// A programme in small, for tests: real pictures and sound as parts, as the timeline publishes them, without a clock.
//
// One rung "180p" (320×180, an IDR at each segment) and one sound "original", 25 pictures a second, segments of 48
// pictures, 6 parts. Each segment has the same samples; times are absolute from the picture that is asked for.
#pragma once

#include "packager/fragment_muxer.hpp"
#include "packager/published.hpp"
#include "packager/track_tools.hpp"
#include "test_media.hpp"

namespace pult::packager::test {

class SmallProgramme {
 public:
  static constexpr int kSegment = 48;
  static constexpr int kPart = 8;
  static constexpr int kFramesPerSegment = 90; // sound frames: 1.92 s meet exactly

  explicit SmallProgramme(EncodedVideo video = encode_video({}, kSegment, {}),
                          EncodedSound sound = encode_sound(kFramesPerSegment))
      : video_(std::move(video)), sound_(std::move(sound)) {
    video_init_ = share(video_muxer(1).init_section());
    sound_init_ = share(sound_muxer(1).init_section());
  }

  // The show's beginning, as sinks hear it.
  void begin(PartSink& sink, const std::string& show, PictureIndex first = 0) const {
    TrackDescription rung;
    rung.name = "180p";
    rung.codec = "avc1.64000c";
    rung.width = 320;
    rung.height = 180;
    rung.kbps = 700;
    TrackDescription original;
    original.kind = TrackKind::kSound;
    original.name = "original";
    original.codec = "mp4a.40.2";
    original.kbps = 128;
    original.language = "deu";
    original.timescale = kSampleRate;
    sink.show_begins({show, {rung, original}, first, 0});
    sink.init_section({0, "init-video.mp4", video_init_});
    sink.init_section({1, "init-sound.mp4", sound_init_});
  }

  // One part of each track; `row` counts from the epoch.
  [[nodiscard]] std::vector<PublishedPart> row(std::int64_t row) const { return {video_part(row), sound_part(row)}; }
  void rows(PartSink& sink, std::int64_t first, std::int64_t count) const {
    for (std::int64_t i = first; i < first + count; ++i)
      for (const auto& part : row(i))
        sink.part(part);
  }

  [[nodiscard]] const EncodedVideo& video() const { return video_; }
  [[nodiscard]] const EncodedSound& sound() const { return sound_; }

 private:
  static constexpr int kFramesPerPart = kFramesPerSegment / (kSegment / kPart);
  [[nodiscard]] FragmentMuxer video_muxer(std::int64_t fragment) const {
    return std::move(*FragmentMuxer::create({TrackKind::kVideo, video_.avcc, 320, 180, 0, 0, 90000, "und"},
                                            static_cast<std::uint32_t>(fragment)));
  }
  [[nodiscard]] FragmentMuxer sound_muxer(std::int64_t fragment) const {
    return std::move(
        *FragmentMuxer::create({TrackKind::kSound, sound_.config, 0, 0, 2, kSampleRate, kSampleRate, "deu"},
                               static_cast<std::uint32_t>(fragment)));
  }
  [[nodiscard]] static PublishedPart part_of(std::int64_t row) {
    constexpr int kParts = kSegment / kPart;
    PublishedPart part;
    part.sequence = row / kParts;
    part.number = static_cast<int>(row % kParts);
    part.last_of_segment = part.number + 1 == kParts;
    part.first_picture = row * kPart;
    return part;
  }
  [[nodiscard]] PublishedPart video_part(std::int64_t row) const {
    auto part = part_of(row);
    std::vector<MediaSample> samples;
    for (PictureIndex n = row * kPart; n < (row + 1) * kPart; ++n)
      samples.push_back({video_.samples[static_cast<std::size_t>(n % kSegment)], n * 3600, 3600, n % kSegment == 0});
    part.independent = part.number == 0;
    part.begin = part.first_picture * 3600;
    part.duration = kPart * 3600;
    part.init_name = "init-video.mp4";
    part.bytes = share(*video_muxer(row + 1).part(samples));
    return part;
  }
  [[nodiscard]] PublishedPart sound_part(std::int64_t row) const {
    auto part = part_of(row);
    std::vector<MediaSample> samples;
    for (SoundIndex m = row * kFramesPerPart; m < (row + 1) * kFramesPerPart; ++m)
      samples.push_back({sound_.frames[static_cast<std::size_t>(m % kFramesPerSegment)], m * 1024, 1024, true});
    part.track = 1;
    part.independent = true;
    part.begin = row * kFramesPerPart * 1024;
    part.duration = kFramesPerPart * 1024;
    part.init_name = "init-sound.mp4";
    part.bytes = share(*sound_muxer(row + 1).part(samples));
    return part;
  }

  EncodedVideo video_;
  EncodedSound sound_;
  SharedBytes video_init_, sound_init_;
};

} // namespace pult::packager::test
