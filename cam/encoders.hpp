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
};

[[nodiscard]] Result<CodecPtr> open_picture_encoder(const PictureSettings& settings);
[[nodiscard]] Result<CodecPtr> open_sound_encoder(int sample_rate = 48000, int channels = 2);

using TakePacket = std::function<Result<void>(PacketPtr)>;

// Hands `frame` in (nullptr: the end) and every packet that comes out to `take`.
[[nodiscard]] Result<void> encode(AVCodecContext& encoder, const AVFrame* frame, const TakePacket& take);

[[nodiscard]] Result<ParametersPtr> parameters_of(const AVCodecContext& codec);

// 4:2:0, BT.709, limited range; buffers allocated.
[[nodiscard]] Result<FramePtr> new_picture(int width, int height);
// BGRA or any other picture to 4:2:0 BT.709.
[[nodiscard]] Result<ScalerPtr> open_scaler(int width, int height, AVPixelFormat from, int to_width, int to_height,
                                            int from_matrix = SWS_CS_ITU709);

} // namespace pult::cam
