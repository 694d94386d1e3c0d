#include "packager/jobs/codec_of_init.hpp"

#include <algorithm>
#include <cstring>

namespace pult::packager::jobs {
namespace {

constexpr int kIoBuffer = 4096;

struct Reading {
  ByteView bytes;
  std::size_t at = 0;
};

int read_some(void* opaque, std::uint8_t* into, int size) {
  auto& reading = *static_cast<Reading*>(opaque);
  const auto count = std::min<std::size_t>(static_cast<std::size_t>(size), reading.bytes.size() - reading.at);
  if (count == 0) return AVERROR_EOF;
  std::memcpy(into, reading.bytes.data() + reading.at, count);
  reading.at += count;
  return static_cast<int>(count);
}

} // namespace

Result<AvParametersPtr> codec_of_init(ByteView init) {
  Reading reading{init};
  AvIoPtr io(avio_alloc_context(static_cast<std::uint8_t*>(av_malloc(kIoBuffer)), kIoBuffer, 0, &reading, read_some,
                                nullptr, nullptr));
  AVFormatContext* raw = avformat_alloc_context();
  if (io == nullptr || raw == nullptr) return Error{Errc::kLimit, "out of memory"};
  raw->pb = io.get();
  if (const int code = avformat_open_input(&raw, nullptr, av_find_input_format("mp4"), nullptr); code < 0)
    return av_error("recorded init section", code); // libavformat has freed the context
  const AvInputPtr input(raw);
  if (input->nb_streams != 1) return Error{Errc::kCorrupt, "recorded init section: not one track"};
  AvParametersPtr parameters(avcodec_parameters_alloc());
  if (parameters == nullptr) return Error{Errc::kLimit, "out of memory"};
  if (const int code = avcodec_parameters_copy(parameters.get(), input->streams[0]->codecpar); code < 0)
    return av_error("recorded init section", code);
  return parameters;
}

} // namespace pult::packager::jobs
