// Encodes moving pictures and sound by libavcodec, as the mixer does through GStreamer, and decodes samples back.
// For tests only: failures abort the test program with a message.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "packager/av_raii.hpp"
#include "packager/h264_headers.hpp"

namespace pult::packager::test {

struct EncoderSettings {
  int width = 320;
  int height = 180;
  int fps = 25;
  int kbps = 700;
  std::string preset = "veryfast";
  std::string profile = "high";
  std::string extra;        // more x264 options, "key=value:key=value"
  bool order_count = false; // picture order count type 0: B pictures allowed, none used
  bool interlaced = false;
};

struct EncodedVideo {
  Bytes avcc;
  std::vector<Bytes> samples; // length-prefixed, parameter sets taken out
};

// `pictures` moving pictures; an IDR at 0 and at each index of `idrs`.
EncodedVideo encode_video(const EncoderSettings& settings, int pictures, const std::vector<int>& idrs);

struct EncodedSound {
  Bytes config; // AudioSpecificConfig
  std::vector<Bytes> frames;
};
EncodedSound encode_sound(int frames);

struct DecodedVideo {
  std::vector<Bytes> pictures; // all planes in a row
  int complaints = 0;          // libavcodec's log lines of level warning and above
};
DecodedVideo decode_video(const Bytes& avcc, const std::vector<Bytes>& samples);

struct DecodedFile {
  std::int64_t pictures = 0; // or sound frames
  int complaints = 0;
  int gaps = 0; // decode times that do not follow
};
// An init section with fragments behind it, by libavformat and libavcodec.
DecodedFile decode_file(const Bytes& file);

} // namespace pult::packager::test
