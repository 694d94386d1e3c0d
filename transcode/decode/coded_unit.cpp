#include "transcode/decode/coded_unit.hpp"

#include <cstring>

namespace pult::transcode::decode {
namespace {

// `nal` begins behind the start code. first_mb_in_slice is ue(v): a leading one bit is zero.
bool begins_picture(PictureCodec codec, ByteView nal) {
  if (codec == PictureCodec::kH264) {
    const int type = nal[0] & 0x1f;
    return (type == 1 || type == 5) && nal.size() > 1 && (nal[1] & 0x80) != 0;
  }
  const int type = nal[0] >> 1 & 0x3f;
  return type < 32 && nal.size() > 2 && (nal[2] & 0x80) != 0;
}

} // namespace

int count_pictures(PictureCodec codec, ByteView byte_stream) {
  int count = 0;
  const auto* at = byte_stream.data();
  const auto* const end = at + byte_stream.size();
  while (end - at > 3) {
    // Start codes end in 01: let memchr run over the rest.
    const auto* one = static_cast<const std::uint8_t*>(std::memchr(at + 2, 1, static_cast<std::size_t>(end - at - 2)));
    if (one == nullptr || one + 1 >= end) break;
    if (one[-1] == 0 && one[-2] == 0 && begins_picture(codec, {one + 1, end})) ++count;
    at = one - 1;
  }
  return count;
}

} // namespace pult::transcode::decode
