#include "cam/ts_muxer.hpp"

namespace pult::cam {
namespace {

constexpr int kIoBuffer = 188 * 64; // collected at once anyway; large enough to be called seldom
constexpr AVRational kTicksBase{1, 90000};

Result<void> add_stream(AVFormatContext& output, const AVCodecParameters& parameters) {
  auto* stream = avformat_new_stream(&output, nullptr);
  if (!stream) return Error{Errc::kLibrary, "mpegts: no new stream"};
  if (const int failed = avcodec_parameters_copy(stream->codecpar, &parameters); failed < 0)
    return av_error("mpegts: stream parameters", failed);
  stream->codecpar->codec_tag = 0; // that of the file it came from means nothing here
  stream->time_base = kTicksBase;
  return {};
}

} // namespace

void TsContextCloser::operator()(AVFormatContext* output) const {
  if (output->pb) av_freep(&output->pb->buffer);
  avio_context_free(&output->pb);
  avformat_free_context(output);
}

int TsMuxer::collect(void* self, uint8_t* bytes, int size) {
  auto& out = static_cast<TsMuxer*>(self)->out_;
  out.insert(out.end(), bytes, bytes + size);
  return size;
}

Result<std::unique_ptr<TsMuxer>> TsMuxer::create(const MediaSource& source, Ticks origin) {
  std::unique_ptr<TsMuxer> muxer(new TsMuxer(origin));
  if (auto opened = muxer->open(source); !opened) return opened.error();
  return muxer;
}

Result<void> TsMuxer::open(const MediaSource& source) {
  AVFormatContext* raw = nullptr;
  if (const int failed = avformat_alloc_output_context2(&raw, nullptr, "mpegts", nullptr); failed < 0)
    return av_error("open mpegts muxer", failed);
  output_.reset(raw);
  auto* buffer = static_cast<uint8_t*>(av_malloc(kIoBuffer));
  output_->pb = avio_alloc_context(buffer, kIoBuffer, 1, this, nullptr, &TsMuxer::collect, nullptr);
  output_->flags |= AVFMT_FLAG_FLUSH_PACKETS;
  output_->max_delay = 0;
  av_opt_set(output_->priv_data, "mpegts_copyts", "1", 0);
  // Each sound frame in a packet of its own, as cameras do it; libav gathers up to 350 ms of them.
  av_opt_set(output_->priv_data, "pes_payload_size", "0", 0);
  if (auto added = add_stream(*output_, source.picture_parameters()); !added) return added;
  if (source.sound_parameters())
    if (auto added = add_stream(*output_, *source.sound_parameters()); !added) return added;
  if (const int failed = avformat_write_header(output_.get(), nullptr); failed < 0)
    return av_error("start mpegts", failed);
  return {};
}

Result<std::span<const uint8_t>> TsMuxer::mux(const DuePacket& packet) {
  out_.clear();
  av_packet_unref(scratch_.get());
  if (const int failed = av_packet_ref(scratch_.get(), packet.media); failed < 0) return av_error("packet", failed);
  scratch_->stream_index = packet.track == Track::kPicture ? 0 : 1;
  scratch_->pts = (packet.pts - origin_).count();
  scratch_->dts = (packet.dts - origin_).count();
  scratch_->duration = 0;
  if (const int failed = av_write_frame(output_.get(), scratch_.get()); failed < 0) return av_error("mux", failed);
  // A small sound packet is held back for more to come, unless flushed.
  if (const int failed = av_write_frame(output_.get(), nullptr); failed < 0) return av_error("mux", failed);
  return std::span<const uint8_t>(out_);
}

} // namespace pult::cam
