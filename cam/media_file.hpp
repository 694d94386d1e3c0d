// A media file opened for reading: its best picture track and its best sound track, nothing else. One thread.
#pragma once

#include "cam/av_raii.hpp"
#include "cam/ticks.hpp"

#include <filesystem>

namespace pult::cam {

class MediaFile {
 public:
  // kNotFound when it has no picture.
  [[nodiscard]] static Result<MediaFile> open(const std::filesystem::path& path);

  [[nodiscard]] AVStream& picture() const { return *input_->streams[picture_]; }
  [[nodiscard]] AVStream* sound() const { return sound_ < 0 ? nullptr : input_->streams[sound_]; }
  [[nodiscard]] bool is_picture(const AVPacket& packet) const { return packet.stream_index == picture_; }
  [[nodiscard]] double seconds() const { return static_cast<double>(input_->duration) / AV_TIME_BASE; }

  // False at the end. Times as in the file, on its streams' time bases.
  [[nodiscard]] Result<bool> read(AVPacket& packet);
  // Back to the first packet.
  [[nodiscard]] Result<void> rewind();

 private:
  InputPtr input_;
  int picture_ = -1;
  int sound_ = -1;
};

// A time of a stream in ticks.
[[nodiscard]] Ticks ticks_in(const AVStream& stream, int64_t time);

} // namespace pult::cam
