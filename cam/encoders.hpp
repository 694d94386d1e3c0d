// The two encoders of a camera, set up the one way we use them: x264 with a closed GOP each second, and AAC-LC 48 kHz
// stereo. Feed frames, take packets; pictures on a time base of 1/fps, sound on 1/48000. One thread at a time.
#pragma once

#include "cam/av_raii.hpp"

#include <functional>

namespace pult::cam {

struct PictureSettings {
  int width;
  int height;
  AVRational rate; // pictures a second
  int kbps;
  int b_frames = 0;
  AVRational time_base{}; // of the pictures' pts; 0/0: one picture
};

[[nodiscard]] Result<CodecPtr> open_picture_encoder(const PictureSettings& settings);
[[nodiscard]] Result<CodecPtr> open_sound_encoder(int sample_rate = 48000, int channels = 2);

using TakePacket = std::function<Result<void>(PacketPtr)>;

// 1,024 samples of silence, as the encoder wants them.
[[nodiscard]] Result<FramePtr> new_sound(const AVCodecContext& encoder);

// Hands `frame` in (nullptr: the end) and every packet that comes out to `take`.
[[nodiscard]] Result<void> encode(AVCodecContext& encoder, const AVFrame* frame, const TakePacket& take);

// One AAC-LC frame of silence that fits a track: with an ADTS header when the track carries its frames so (no
// extradata).
[[nodiscard]] Result<PacketPtr> silent_packet(const AVCodecParameters& track);

[[nodiscard]] Result<ParametersPtr> parameters_of(const AVCodecContext& codec);

// 4:2:0, BT.709, limited range; buffers allocated.
[[nodiscard]] Result<FramePtr> new_picture(int width, int height);
// BGRA or any other picture to 4:2:0 BT.709.
[[nodiscard]] Result<ScalerPtr> open_scaler(int width, int height, AVPixelFormat from, int to_width, int to_height,
                                            int from_matrix = SWS_CS_ITU709);

} // namespace pult::cam
