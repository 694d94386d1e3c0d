#include "transcode/sound_encoder.hpp"

#include <mutex>

namespace pult::transcode {
namespace {

GstElement* make_aac(int kbps) {
  static std::once_flag once;
  static Result<void> loaded;
  std::call_once(once, [] { loaded = load_libav(); });
  GstElement* aac = loaded ? gst_element_factory_make("avenc_aac", nullptr) : nullptr;
  if (aac != nullptr) g_object_set(aac, "bitrate", kbps * 1000, nullptr);
  return aac;
}

GstClockTime time_of_frame(std::int64_t k) {
  return gst_util_uint64_scale(static_cast<guint64>(k), kSamplesPerSoundFrame * GST_SECOND, kSampleRate);
}

} // namespace

Result<std::unique_ptr<SoundEncoder>> SoundEncoder::open(int kbps) {
  std::unique_ptr<SoundEncoder> encoder(new SoundEncoder);
  auto rig =
      EncoderRig::make(make_aac(kbps), "audio/mpeg, mpegversion=4, stream-format=raw",
                       [raw = encoder.get()](ByteView bytes) { raw->out_.emplace_back(bytes.begin(), bytes.end()); });
  if (!rig) return Error{rig.error().code, "AAC (Debian package gstreamer1.0-libav): " + rig.error().message};
  encoder->rig_ = std::move(*rig);
  auto caps = CapsRef::adopt(gst_caps_from_string(
      "audio/x-raw, format=F32LE, layout=interleaved, rate=48000, channels=2, channel-mask=(bitmask)0x3"));
  if (auto opened = encoder->rig_->open(caps); !opened) return opened.error();
  return encoder;
}

Result<std::optional<Bytes>> SoundEncoder::push(const SoundFrame& frame) {
  constexpr gsize kBytes = sizeof(SoundFrame);
  auto buffer = BufferRef::adopt(gst_buffer_new_allocate(nullptr, kBytes, nullptr));
  gst_buffer_fill(buffer.get(), 0, frame.data(), kBytes);
  GST_BUFFER_PTS(buffer.get()) = time_of_frame(pushed_);
  GST_BUFFER_DURATION(buffer.get()) = time_of_frame(pushed_ + 1) - time_of_frame(pushed_);
  out_.clear();
  if (auto pushed = rig_->push(std::move(buffer)); !pushed) return pushed.error();
  ++pushed_;
  if (pushed_ <= kLookAhead && out_.size() == static_cast<std::size_t>(pushed_ - 1)) return std::optional<Bytes>();
  if (out_.size() != 1) return Error{Errc::kLibrary, "AAC: not one packet for one frame"};
  return std::optional(std::move(out_.front()));
}

Result<SoundConstants> SoundConstants::find(int kbps) {
  auto encoder = SoundEncoder::open(kbps);
  if (!encoder) return encoder.error();
  SoundFrame silence{};
  SoundConstants constants;
  for (int i = 0; i < 5; ++i) {
    auto packet = (*encoder)->push(silence);
    if (!packet) return packet.error();
    if (*packet) constants.silence = std::move(**packet);
  }
  constants.extradata = (*encoder)->rig_->codec_data();
  if (constants.silence.empty() || constants.extradata.empty()) return Error{Errc::kLibrary, "AAC: no codec data"};
  return constants;
}

} // namespace pult::transcode
