// Packets in, whole 188-byte transport packets out, at once: nothing waits in the muxer for what comes next.
//
// libavformat's mpegts muxer: PCR equals the picture's DTS (no mux delay), PAT and PMT each 100 ms and before each key
// frame. One muxer per connection, so that every connection begins with its tables. One thread.
#pragma once

#include "cam/av_raii.hpp"
#include "cam/media_source.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace pult::cam {

struct TsContextCloser {
  void operator()(AVFormatContext* output) const;
};

class TsMuxer {
 public:
  // `origin` is what the stream's clock counts from: its pts are those of the packets less `origin`.
  [[nodiscard]] static Result<std::unique_ptr<TsMuxer>> create(const MediaSource& source, Ticks origin);

  TsMuxer(const TsMuxer&) = delete;
  TsMuxer& operator=(const TsMuxer&) = delete;

  // The transport packets of this one; valid until the next call.
  [[nodiscard]] Result<std::span<const uint8_t>> mux(const DuePacket& packet);

 private:
  explicit TsMuxer(Ticks origin) : origin_(origin), scratch_(av_packet_alloc()) {}
  [[nodiscard]] Result<void> open(const MediaSource& source);
  static int collect(void* self, uint8_t* bytes, int size);

  Ticks origin_;
  PacketPtr scratch_;
  std::vector<uint8_t> out_;
  std::unique_ptr<AVFormatContext, TsContextCloser> output_;
};

} // namespace pult::cam
