#include "packager/fragment_muxer.hpp"

#include <algorithm>
#include <limits>
#include <optional>

#include "packager/av_raii.hpp"

namespace pult::packager {

namespace {

constexpr int kIoBuffer = 4096; // bytes that libavformat collects before it hands them to us

int collect(void* opaque, std::uint8_t* data, int size) {
  auto& out = *static_cast<Bytes*>(opaque);
  out.insert(out.end(), data, data + size);
  return size;
}

Error muxer_error(const std::string& what) {
  return {Errc::kInvalidArgument, "fragment muxer: " + what};
}

Result<void> check(const TrackFormat& format) {
  if (format.extradata.empty()) return muxer_error("no codec configuration");
  if (format.timescale == 0) return muxer_error("no timescale");
  if (format.kind == TrackKind::kVideo && (format.width <= 0 || format.height <= 0)) return muxer_error("no size");
  if (format.kind == TrackKind::kSound && (format.channels <= 0 || format.sample_rate <= 0))
    return muxer_error("no sample rate or channels");
  return {};
}

Result<void> describe(const TrackFormat& format, AVCodecParameters& codec) {
  const std::size_t size = format.extradata.size();
  codec.extradata = static_cast<std::uint8_t*>(av_mallocz(size + AV_INPUT_BUFFER_PADDING_SIZE));
  if (codec.extradata == nullptr) return Error{Errc::kLimit, "fragment muxer: out of memory"};
  std::copy(format.extradata.begin(), format.extradata.end(), codec.extradata);
  codec.extradata_size = static_cast<int>(size);
  if (format.kind == TrackKind::kVideo) {
    codec.codec_type = AVMEDIA_TYPE_VIDEO;
    codec.codec_id = AV_CODEC_ID_H264;
    codec.width = format.width;
    codec.height = format.height;
    return {};
  }
  codec.codec_type = AVMEDIA_TYPE_AUDIO;
  codec.codec_id = AV_CODEC_ID_AAC;
  codec.sample_rate = format.sample_rate;
  codec.frame_size = 1024;
  av_channel_layout_default(&codec.ch_layout, format.channels);
  return {};
}

void set_options(AvDictionary& options, const TrackFormat& format, std::uint32_t first_fragment) {
  // frag_discont: tfdt is the first sample's own time, also after a restart. dash would add sidx and edit lists.
  options.set("movflags", "frag_custom+cmaf+frag_discont+skip_trailer");
  options.set("use_editlist", "0");
  if (format.kind == TrackKind::kVideo) options.set("video_track_timescale", std::to_string(format.timescale));
  options.set("fragment_index", std::to_string(first_fragment));
}

} // namespace

struct FragmentMuxer::State {
  Bytes out; // what libavformat wrote since it was last taken
  Bytes init;
  std::optional<std::int64_t> next_dts;
  AvIoPtr io;
  AvOutputPtr context;
  AvPacketPtr packet;

  Result<void> open(const TrackFormat& format, std::uint32_t first_fragment);
  Result<void> add_stream(const TrackFormat& format);
  Result<void> check_chain(std::span<const MediaSample> samples) const;
  Result<void> write(const MediaSample& sample);
};

Result<void> FragmentMuxer::State::add_stream(const TrackFormat& format) {
  AVStream* stream = avformat_new_stream(context.get(), nullptr);
  if (stream == nullptr) return Error{Errc::kLimit, "fragment muxer: out of memory"};
  stream->time_base = {1, static_cast<int>(format.timescale)};
  av_dict_set(&stream->metadata, "language", format.language.c_str(), 0);
  return describe(format, *stream->codecpar);
}

Result<void> FragmentMuxer::State::open(const TrackFormat& format, std::uint32_t first_fragment) {
  AVFormatContext* raw = nullptr;
  if (const int code = avformat_alloc_output_context2(&raw, nullptr, "mp4", nullptr); code < 0)
    return av_error("fragment muxer: open", code);
  context.reset(raw);
  auto* buffer = static_cast<std::uint8_t*>(av_malloc(kIoBuffer));
  io.reset(avio_alloc_context(buffer, kIoBuffer, 1, &out, nullptr, collect, nullptr));
  packet.reset(av_packet_alloc());
  if (io == nullptr || packet == nullptr) return Error{Errc::kLimit, "fragment muxer: out of memory"};
  io->seekable = 0;
  context->pb = io.get();
  context->flags |= AVFMT_FLAG_CUSTOM_IO | AVFMT_FLAG_BITEXACT | AVFMT_FLAG_FLUSH_PACKETS;
  if (auto added = add_stream(format); !added) return added;
  AvDictionary options;
  set_options(options, format, first_fragment);
  if (const int code = avformat_write_header(context.get(), options.get()); code < 0)
    return av_error("fragment muxer: write header", code);
  if (!options.empty()) return muxer_error("libavformat does not know an option");
  if (context->streams[0]->time_base.den != static_cast<int>(format.timescale))
    return muxer_error("libavformat chose another timescale");
  avio_flush(io.get());
  init = std::exchange(out, {});
  return {};
}

Result<void> FragmentMuxer::State::check_chain(std::span<const MediaSample> samples) const {
  if (samples.empty()) return muxer_error("a part without samples");
  std::int64_t expected = next_dts.value_or(samples.front().dts);
  for (const MediaSample& sample : samples) {
    if (sample.dts != expected) return muxer_error("decode times do not chain");
    if (sample.duration <= 0 || sample.dts < 0) return muxer_error("duration or decode time out of range");
    if (sample.bytes.empty() || sample.bytes.size() > std::numeric_limits<int>::max() / 2)
      return muxer_error("size of a sample");
    expected = sample.dts + sample.duration;
  }
  return {};
}

Result<void> FragmentMuxer::State::write(const MediaSample& sample) {
  AVPacket& out_packet = *packet;
  out_packet.data = const_cast<std::uint8_t*>(sample.bytes.data()); // libavformat reads only
  out_packet.size = static_cast<int>(sample.bytes.size());
  out_packet.stream_index = 0;
  out_packet.dts = sample.dts;
  out_packet.pts = sample.dts;
  out_packet.duration = sample.duration;
  out_packet.flags = sample.sync ? AV_PKT_FLAG_KEY : 0;
  const int code = av_write_frame(context.get(), &out_packet);
  av_packet_unref(&out_packet);
  if (code < 0) return av_error("fragment muxer: write sample", code);
  return {};
}

Result<FragmentMuxer> FragmentMuxer::create(const TrackFormat& format, std::uint32_t first_fragment) {
  if (auto sane = check(format); !sane) return sane.error();
  if (first_fragment == 0 || first_fragment > std::numeric_limits<int>::max()) return muxer_error("fragment number");
  auto state = std::make_unique<State>();
  if (auto opened = state->open(format, first_fragment); !opened) return opened.error();
  return FragmentMuxer(std::move(state));
}

FragmentMuxer::FragmentMuxer(std::unique_ptr<State> state) : state_(std::move(state)) {}
FragmentMuxer::FragmentMuxer(FragmentMuxer&&) noexcept = default;
FragmentMuxer& FragmentMuxer::operator=(FragmentMuxer&&) noexcept = default;
FragmentMuxer::~FragmentMuxer() = default;

const Bytes& FragmentMuxer::init_section() const {
  return state_->init;
}

Result<Bytes> FragmentMuxer::part(std::span<const MediaSample> samples) {
  if (auto chained = state_->check_chain(samples); !chained) return chained.error();
  for (const MediaSample& sample : samples) {
    if (auto written = state_->write(sample); !written) return written.error();
  }
  if (const int code = av_write_frame(state_->context.get(), nullptr); code < 0)
    return av_error("fragment muxer: flush", code);
  avio_flush(state_->io.get());
  state_->next_dts = samples.back().dts + samples.back().duration;
  return std::exchange(state_->out, {});
}

} // namespace pult::packager
