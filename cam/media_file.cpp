#include "cam/media_file.hpp"

namespace pult::cam {

Result<MediaFile> MediaFile::open(const std::filesystem::path& path) {
  AVFormatContext* raw = nullptr;
  if (const int failed = avformat_open_input(&raw, path.c_str(), nullptr, nullptr); failed < 0)
    return av_error(path.string(), failed);
  MediaFile file;
  file.input_.reset(raw);
  if (const int failed = avformat_find_stream_info(raw, nullptr); failed < 0) return av_error(path.string(), failed);
  file.picture_ = av_find_best_stream(raw, AVMEDIA_TYPE_VIDEO, -1, -1, nullptr, 0);
  file.sound_ = av_find_best_stream(raw, AVMEDIA_TYPE_AUDIO, -1, file.picture_, nullptr, 0);
  if (file.picture_ < 0) return Error{Errc::kNotFound, path.string() + ": has no picture"};
  for (unsigned i = 0; i < raw->nb_streams; ++i)
    if (static_cast<int>(i) != file.picture_ && static_cast<int>(i) != file.sound_)
      raw->streams[i]->discard = AVDISCARD_ALL;
  return file;
}

Result<bool> MediaFile::read(AVPacket& packet) {
  for (;;) {
    av_packet_unref(&packet);
    const int got = av_read_frame(input_.get(), &packet);
    if (got == AVERROR_EOF) return false;
    if (got < 0) return av_error("read", got);
    if (packet.stream_index == picture_ || packet.stream_index == sound_) return true;
  }
}

Result<void> MediaFile::rewind() {
  // A transport stream has no index, and its first bytes are its beginning; the others find their first key frame.
  const bool by_bytes = std::string_view(input_->iformat->name) == "mpegts";
  const auto& stream = picture();
  const int64_t first = stream.start_time == AV_NOPTS_VALUE ? 0 : stream.start_time;
  const int failed = by_bytes ? av_seek_frame(input_.get(), -1, 0, AVSEEK_FLAG_BYTE)
                              : av_seek_frame(input_.get(), picture_, first, AVSEEK_FLAG_BACKWARD);
  if (failed < 0) return av_error("rewind", failed);
  return {};
}

Ticks ticks_in(const AVStream& stream, int64_t time) {
  return Ticks{av_rescale_q(time, stream.time_base, AVRational{1, 90000})};
}

} // namespace pult::cam
