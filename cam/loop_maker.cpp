#include "cam/loop_maker.hpp"

#include "cam/beep.hpp"
#include "cam/encoders.hpp"
#include "cam/picture_painter.hpp"

namespace pult::cam {
namespace {

// Paints a picture and hands it to the encoder.
class PictureBranch {
 public:
  static Result<PictureBranch> open(const LoopFormat& format) {
    auto painter = PicturePainter::create(format);
    if (!painter) return painter.error();
    auto encoder = open_picture_encoder({format.width, format.height, {format.fps, 1}, format.kbps, format.b_frames});
    if (!encoder) return encoder.error();
    auto scaler = open_scaler(format.width, format.height, AV_PIX_FMT_BGR0, format.width, format.height);
    if (!scaler) return scaler.error();
    auto frame = new_picture(format.width, format.height);
    if (!frame) return frame.error();
    return PictureBranch{std::move(*painter), std::move(*encoder), std::move(*scaler), std::move(*frame)};
  }

  Result<void> add(int64_t number, const TakePacket& take) {
    if (const int failed = av_frame_make_writable(frame.get()); failed < 0) return av_error("picture buffer", failed);
    const auto painted = painter.paint(number);
    sws_scale(scaler.get(), &painted.pixels, &painted.stride, 0, frame->height, frame->data, frame->linesize);
    frame->pts = number;
    return encode(*encoder, frame.get(), take);
  }

  PicturePainter painter;
  CodecPtr encoder;
  ScalerPtr scaler;
  FramePtr frame;
};

Result<void> make_pictures(MediaLoop& loop, const Progress& progress) {
  auto branch = PictureBranch::open(loop.format);
  if (!branch) return branch.error();
  const TakePacket keep = [&loop](PacketPtr packet) -> Result<void> {
    loop.pictures.push_back(std::move(packet));
    return {};
  };
  const int64_t count = loop.format.grid().per_loop();
  for (int64_t n = 0; n < count; ++n) {
    if (!progress(static_cast<double>(n) / static_cast<double>(count))) return Error{Errc::kUnavailable, "stopped"};
    if (auto added = branch->add(n, keep); !added) return added;
  }
  if (auto flushed = encode(*branch->encoder, nullptr, keep); !flushed) return flushed;
  auto parameters = parameters_of(*branch->encoder);
  if (!parameters) return parameters.error();
  loop.picture_parameters = std::move(*parameters);
  return {};
}

Result<FramePtr> sound_frame(const AVCodecContext& encoder, int64_t frame_number) {
  auto frame = new_sound(encoder);
  if (!frame) return frame;
  (*frame)->pts = frame_number * kSamplesPerFrame;
  for (int channel = 0; channel < encoder.ch_layout.nb_channels; ++channel)
    for (int i = 0; i < kSamplesPerFrame; ++i)
      reinterpret_cast<float*>((*frame)->extended_data[channel])[i] = beep_at((*frame)->pts + i);
  return frame;
}

// Encodes the 8 s three times in a row and keeps the middle ones: their neighbours across the seam are then the very
// frames that follow and precede them, so the overlapping windows (ISO/IEC 14496-3 4.6.11) fit at the seam. The
// encoder's pts are already less its priming, so a packet's pts says which frame of the grid it is.
Result<void> make_sound(MediaLoop& loop) {
  auto encoder = open_sound_encoder();
  if (!encoder) return encoder.error();
  const TakePacket keep_middle = [&loop](PacketPtr packet) -> Result<void> {
    const int64_t number = packet->pts / kSamplesPerFrame;
    if (packet->pts >= 0 && number / kSoundLoopFrames == 1) loop.sounds.push_back(std::move(packet));
    return {};
  };
  for (int64_t n = 0; n < 3LL * kSoundLoopFrames; ++n) {
    auto frame = sound_frame(**encoder, n);
    if (!frame) return frame.error();
    if (auto added = encode(**encoder, frame->get(), keep_middle); !added) return added;
  }
  auto parameters = parameters_of(**encoder);
  if (!parameters) return parameters.error();
  loop.sound_parameters = std::move(*parameters);
  return {};
}

} // namespace

Result<MediaLoop> make_loop(const LoopFormat& format, const Progress& progress) {
  MediaLoop loop;
  loop.format = format;
  if (auto made = make_pictures(loop, progress); !made) return made.error();
  loop.count_decode_times();
  if (auto made = make_sound(loop); !made) return made.error();
  if (auto whole = loop.check(); !whole) return whole.error();
  return loop;
}

} // namespace pult::cam
