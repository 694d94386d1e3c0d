// How many coded pictures begin in a piece of an H.264 or H.265 byte stream. Pure; any thread.
#pragma once

#include "base/bytes.hpp"

namespace pult::transcode::decode {

enum class PictureCodec { kH264, kH265, kOther };

// Counts first slices (first_mb_in_slice = 0; H.264 7.3.3, H.265 7.3.6.1). 1 for a whole picture with nothing else.
int count_pictures(PictureCodec codec, ByteView byte_stream);

} // namespace pult::transcode::decode
