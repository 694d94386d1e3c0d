#include "cam/file_transcode.hpp"

#include "cam/encoders.hpp"
#include "cam/loop_cache.hpp"
#include "cam/media_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

namespace pult::cam {
namespace {

namespace fs = std::filesystem;

constexpr AVRational kTicksBase{1, 90000};

bool sent_as_it_is(const AVCodecParameters& picture) {
  return picture.codec_id == AV_CODEC_ID_H264 &&
         (picture.format == AV_PIX_FMT_YUV420P || picture.format == AV_PIX_FMT_YUVJ420P);
}
bool sound_sent_as_it_is(const AVStream* sound) {
  if (!sound) return true;
  const auto& parameters = *sound->codecpar;
  return parameters.codec_id == AV_CODEC_ID_AAC && parameters.profile == FF_PROFILE_AAC_LOW &&
         parameters.ch_layout.nb_channels <= 2;
}

// Some containers (AVI) do not say when a picture is shown; decoding does.
bool has_times(MediaFile& file) {
  constexpr int kLooked = 100; // packets; B-frames show well before
  const PacketPtr packet(av_packet_alloc());
  bool all = true;
  for (int i = 0; i < kLooked && all; ++i) {
    const auto more = file.read(*packet);
    if (!more || !*more) break;
    all = packet->pts != AV_NOPTS_VALUE && packet->dts != AV_NOPTS_VALUE;
  }
  return all;
}

Result<CodecPtr> open_decoder(const AVStream& stream) {
  const auto* codec = avcodec_find_decoder(stream.codecpar->codec_id);
  if (!codec)
    return Error{Errc::kNotFound, std::string("no decoder for ") + avcodec_get_name(stream.codecpar->codec_id)};
  CodecPtr decoder(avcodec_alloc_context3(codec));
  avcodec_parameters_to_context(decoder.get(), stream.codecpar);
  decoder->pkt_timebase = stream.time_base;
  if (const int failed = avcodec_open2(decoder.get(), codec, nullptr); failed < 0)
    return av_error("open decoder", failed);
  return decoder;
}

using TakeFrame = std::function<Result<void>(AVFrame&)>;

// A packet that does not decode is passed over: one bad packet never ends a file.
Result<void> decode(AVCodecContext& decoder, const AVPacket* packet, const TakeFrame& take) {
  avcodec_send_packet(&decoder, packet);
  const FramePtr frame(av_frame_alloc());
  while (avcodec_receive_frame(&decoder, frame.get()) >= 0)
    if (auto taken = take(*frame); !taken) return taken;
  return {};
}

// The transport stream that is being written.
class Output {
 public:
  static Result<Output> create(const fs::path& path, const AVCodecContext& picture, const AVCodecContext* sound) {
    AVFormatContext* raw = nullptr;
    if (const int failed = avformat_alloc_output_context2(&raw, nullptr, "mpegts", path.c_str()); failed < 0)
      return av_error("open mpegts muxer", failed);
    Output output;
    output.muxer_.reset(raw);
    for (const auto* encoder : {&picture, sound})
      if (encoder) avcodec_parameters_from_context(avformat_new_stream(raw, nullptr)->codecpar, encoder);
    if (const int failed = avio_open(&raw->pb, path.c_str(), AVIO_FLAG_WRITE); failed < 0)
      return av_error("create " + path.string(), failed);
    if (const int failed = avformat_write_header(raw, nullptr); failed < 0)
      return av_error("write " + path.string(), failed);
    return output;
  }

  TakePacket stream(int index, AVRational time_base) {
    return [this, index, time_base](PacketPtr packet) -> Result<void> {
      packet->stream_index = index;
      av_packet_rescale_ts(packet.get(), time_base, muxer_->streams[index]->time_base);
      if (const int failed = av_interleaved_write_frame(muxer_.get(), packet.get()); failed < 0)
        return av_error("write transcoded file", failed);
      return {};
    };
  }

  Result<void> finish() {
    if (const int failed = av_write_trailer(muxer_.get()); failed < 0) return av_error("write transcoded file", failed);
    return {};
  }

 private:
  FileOutputPtr muxer_;
};

// Decoded pictures to H.264 of the same size, each with its own time.
class PictureTranscoder {
 public:
  static Result<PictureTranscoder> open(AVStream& stream) {
    auto decoder = open_decoder(stream);
    if (!decoder) return decoder.error();
    const auto rate = stream.avg_frame_rate.num > 0 ? stream.avg_frame_rate : AVRational{25, 1};
    const int width = stream.codecpar->width & ~1;
    const int height = stream.codecpar->height & ~1;
    const int kbps = std::max(200, usual_kbps(width, height, static_cast<int>(std::lround(av_q2d(rate)))));
    auto encoder = open_picture_encoder({width, height, rate, kbps, 0, kTicksBase});
    if (!encoder) return encoder.error();
    auto picture = new_picture(width, height);
    if (!picture) return picture.error();
    return PictureTranscoder(stream, std::move(*decoder), std::move(*encoder), std::move(*picture));
  }

  [[nodiscard]] const AVCodecContext& encoder() const { return *encoder_; }

  Result<void> add(const AVPacket* packet, const TakePacket& take) {
    auto decoded = decode(*decoder_, packet, [&](AVFrame& frame) { return encode_picture(frame, take); });
    if (!decoded || packet) return decoded;
    return encode(*encoder_, nullptr, take);
  }

 private:
  PictureTranscoder(AVStream& stream, CodecPtr decoder, CodecPtr encoder, FramePtr picture)
      : stream_(&stream), decoder_(std::move(decoder)), encoder_(std::move(encoder)), picture_(std::move(picture)) {}

  Result<void> encode_picture(AVFrame& frame, const TakePacket& take) {
    const auto time = time_of(frame);
    if (auto ready = prepare_scaler(frame); !ready) return ready;
    if (const int failed = av_frame_make_writable(picture_.get()); failed < 0)
      return av_error("picture buffer", failed);
    sws_scale(scaler_.get(), frame.data, frame.linesize, 0, frame.height, picture_->data, picture_->linesize);
    last_ = time;
    picture_->pts = time;
    return encode(*encoder_, picture_.get(), take);
  }

  // A picture without a time, or with one that is past, follows its predecessor.
  int64_t time_of(const AVFrame& frame) const {
    const auto said = frame.best_effort_timestamp;
    const auto time = said == AV_NOPTS_VALUE ? 0 : ticks_in(*stream_, said).count();
    if (!last_ || (said != AV_NOPTS_VALUE && time > *last_)) return time;
    return *last_ + av_rescale_q(1, av_inv_q(encoder_->framerate), kTicksBase);
  }

  // Anew whenever the file changes its format in the middle.
  Result<void> prepare_scaler(const AVFrame& frame) {
    const ScaledFrom from{frame.width, frame.height, frame.format};
    if (scaler_ && from == scaled_from_) return {};
    const int matrix = frame.colorspace == AVCOL_SPC_UNSPECIFIED || frame.colorspace == AVCOL_SPC_RGB
                           ? (frame.height > 576 ? SWS_CS_ITU709 : SWS_CS_ITU601)
                           : static_cast<int>(frame.colorspace);
    auto scaler = open_scaler(frame.width, frame.height, static_cast<AVPixelFormat>(frame.format), picture_->width,
                              picture_->height, matrix);
    if (!scaler) return scaler.error();
    scaler_ = std::move(*scaler);
    scaled_from_ = from;
    return {};
  }

  struct ScaledFrom {
    int width, height, format;
    bool operator==(const ScaledFrom&) const = default;
  };
  AVStream* stream_;
  CodecPtr decoder_;
  CodecPtr encoder_;
  FramePtr picture_;
  ScalerPtr scaler_;
  ScaledFrom scaled_from_{};
  std::optional<int64_t> last_;
};

// Decoded sound to AAC 48 kHz stereo; counted in samples from its first time on.
class SoundTranscoder {
 public:
  static Result<SoundTranscoder> open(AVStream& stream) {
    auto decoder = open_decoder(stream);
    if (!decoder) return decoder.error();
    auto encoder = open_sound_encoder();
    if (!encoder) return encoder.error();
    FifoPtr fifo(av_audio_fifo_alloc((*encoder)->sample_fmt, (*encoder)->ch_layout.nb_channels, kSamplesPerFrame));
    return SoundTranscoder(stream, std::move(*decoder), std::move(*encoder), std::move(fifo));
  }

  [[nodiscard]] const AVCodecContext& encoder() const { return *encoder_; }

  Result<void> add(const AVPacket* packet, const TakePacket& take) {
    auto decoded = decode(*decoder_, packet, [&](AVFrame& frame) { return resample(&frame, take); });
    if (!decoded || packet) return decoded;
    return encode(*encoder_, nullptr, take);
  }

 private:
  SoundTranscoder(AVStream& stream, CodecPtr decoder, CodecPtr encoder, FifoPtr fifo)
      : stream_(&stream), decoder_(std::move(decoder)), encoder_(std::move(encoder)), fifo_(std::move(fifo)) {}

  Result<void> resample(AVFrame* frame, const TakePacket& take) {
    if (!resampler_)
      if (auto opened = open_resampler(*frame); !opened) return opened;
    FramePtr out(av_frame_alloc());
    out->format = encoder_->sample_fmt;
    out->sample_rate = encoder_->sample_rate;
    av_channel_layout_copy(&out->ch_layout, &encoder_->ch_layout);
    if (const int failed = swr_convert_frame(resampler_.get(), out.get(), frame); failed < 0)
      return {}; // format changed
    av_audio_fifo_write(fifo_.get(), reinterpret_cast<void**>(out->extended_data), out->nb_samples);
    return encode_whole_frames(take);
  }

  Result<void> open_resampler(AVFrame& frame) {
    SwrContext* raw = nullptr;
    swr_alloc_set_opts2(&raw, &encoder_->ch_layout, encoder_->sample_fmt, encoder_->sample_rate, &frame.ch_layout,
                        static_cast<AVSampleFormat>(frame.format), frame.sample_rate, 0, nullptr);
    resampler_.reset(raw);
    if (const int failed = swr_init(raw); failed < 0) return av_error("resampler", failed);
    const auto first = stream_->start_time == AV_NOPTS_VALUE ? 0 : stream_->start_time;
    const auto start = frame.pts == AV_NOPTS_VALUE ? first : frame.pts;
    samples_ = av_rescale_q(start, stream_->time_base, encoder_->time_base);
    return {};
  }

  Result<void> encode_whole_frames(const TakePacket& take) {
    while (av_audio_fifo_size(fifo_.get()) >= kSamplesPerFrame) {
      auto frame = new_sound(*encoder_);
      if (!frame) return frame.error();
      av_audio_fifo_read(fifo_.get(), reinterpret_cast<void**>((*frame)->extended_data), kSamplesPerFrame);
      (*frame)->pts = samples_;
      samples_ += kSamplesPerFrame;
      if (auto encoded = encode(*encoder_, frame->get(), take); !encoded) return encoded;
    }
    return {};
  }

  AVStream* stream_;
  CodecPtr decoder_;
  CodecPtr encoder_;
  FifoPtr fifo_;
  ResamplerPtr resampler_;
  int64_t samples_ = 0;
};

// Both tracks of a file, from its current place to its end.
class FileTranscoder {
 public:
  static Result<FileTranscoder> open(MediaFile& file) {
    auto picture = PictureTranscoder::open(file.picture());
    if (!picture) return picture.error();
    FileTranscoder both(file, std::move(*picture));
    if (!file.sound()) return both;
    auto sound = SoundTranscoder::open(*file.sound());
    if (!sound) return sound.error();
    both.sound_ = std::move(*sound);
    return both;
  }

  Result<void> run(const fs::path& to, const Progress& progress) {
    auto output = Output::create(to, picture_.encoder(), sound_ ? &sound_->encoder() : nullptr);
    if (!output) return output.error();
    take_picture_ = output->stream(0, picture_.encoder().time_base);
    if (sound_) take_sound_ = output->stream(1, sound_->encoder().time_base);
    if (auto all = each_packet(progress); !all) return all;
    if (auto last = picture_.add(nullptr, take_picture_); !last) return last;
    if (sound_)
      if (auto last = sound_->add(nullptr, take_sound_); !last) return last;
    return output->finish();
  }

 private:
  FileTranscoder(MediaFile& file, PictureTranscoder picture) : file_(&file), picture_(std::move(picture)) {}

  Result<void> each_packet(const Progress& progress) {
    const PacketPtr packet(av_packet_alloc());
    for (;;) {
      const auto more = file_->read(*packet);
      if (!more) return more.error();
      if (!*more) return {};
      const bool is_picture = file_->is_picture(*packet);
      if (is_picture && !progress(done(*packet))) return Error{Errc::kUnavailable, "stopped"};
      auto added = is_picture ? picture_.add(packet.get(), take_picture_) : sound_->add(packet.get(), take_sound_);
      if (!added) return added;
    }
  }

  double done(const AVPacket& packet) const {
    const auto& stream = file_->picture();
    if (packet.dts == AV_NOPTS_VALUE || file_->seconds() <= 0) return 0;
    const int64_t start = stream.start_time == AV_NOPTS_VALUE ? 0 : stream.start_time;
    return std::clamp(static_cast<double>(packet.dts - start) * av_q2d(stream.time_base) / file_->seconds(), 0.0, 1.0);
  }

  MediaFile* file_;
  PictureTranscoder picture_;
  std::optional<SoundTranscoder> sound_;
  TakePacket take_picture_, take_sound_;
};

// By the file's place, size and time: another file under the same name is made anew.
Result<fs::path> cached_name(const fs::path& path) {
  std::error_code error;
  const auto whole = fs::canonical(path, error);
  const auto size = error ? 0 : fs::file_size(whole, error);
  const auto changed = error ? fs::file_time_type{} : fs::last_write_time(whole, error);
  if (error) return errno_error(path.string(), error.value());
  const auto all = fmt::format("{}\n{}\n{}", whole.string(), size, changed.time_since_epoch().count());
  return cache_folder() / cache_name(path.stem().string(), all, "ts");
}

Result<void> transcode(const fs::path& from, const fs::path& to, const Progress& progress) {
  auto file = MediaFile::open(from);
  if (!file) return file.error();
  auto transcoder = FileTranscoder::open(*file);
  if (!transcoder) return transcoder.error();
  return transcoder->run(to, progress);
}

} // namespace

Result<fs::path> playable_file(const fs::path& path, const Progress& progress) {
  auto file = MediaFile::open(path);
  if (!file) return file.error();
  if (sent_as_it_is(*file->picture().codecpar) && sound_sent_as_it_is(file->sound()) && has_times(*file)) return path;
  if (cache_folder().empty()) return Error{Errc::kNotFound, "no $HOME to keep the transcoded file in"};
  auto made = cached_name(path);
  if (!made || fs::exists(*made)) return made;
  auto put = put_in_cache(*made, [&](const fs::path& temporary) { return transcode(path, temporary, progress); });
  if (!put) return put.error();
  return made;
}

} // namespace pult::cam
