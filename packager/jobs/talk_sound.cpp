#include "packager/jobs/talk_sound.hpp"

#include "packager/jobs/codec_of_init.hpp"
#include "packager/jobs/sample_source.hpp"

#include <algorithm>
#include <cmath>
#include <ebur128.h>

namespace pult::packager::jobs {
namespace {

using namespace std::chrono_literals;

constexpr Nanoseconds kFinest = 50ms;
constexpr int kMostPeaks = 6000;
constexpr int kChannels = 2;

struct MeterDeleter {
  void operator()(ebur128_state* state) const { ebur128_destroy(&state); }
};

class SoundMeasure {
 public:
  SoundMeasure(const CutPlan& plan, const TrackPlan& sound) : sound_(sound) {
    facts_.step = std::max(kFinest, plan.length() / kMostPeaks);
    facts_.peaks.resize(static_cast<std::size_t>(plan.length() / facts_.step) + 1);
    length_ = std::chrono::duration_cast<std::chrono::microseconds>(plan.length()).count() * kSampleRate / 1'000'000;
  }

  Result<void> open() {
    const auto init = read_init(*sound_.parts.front().file);
    if (!init) return init.error();
    const auto codec = codec_of_init(*init);
    if (!codec) return codec.error();
    const AVCodec* aac = avcodec_find_decoder((*codec)->codec_id);
    decoder_.reset(aac != nullptr ? avcodec_alloc_context3(aac) : nullptr);
    if (decoder_ == nullptr) return Error{Errc::kLibrary, "libavcodec has no decoder for the recorded sound"};
    avcodec_parameters_to_context(decoder_.get(), codec->get());
    if (const int code = avcodec_open2(decoder_.get(), aac, nullptr); code < 0) return av_error("decoder", code);
    meter_.reset(ebur128_init(kChannels, kSampleRate, EBUR128_MODE_I | EBUR128_MODE_LRA | EBUR128_MODE_TRUE_PEAK));
    if (meter_ == nullptr) return Error{Errc::kLimit, "out of memory"};
    return {};
  }

  Result<void> take(const TalkSample& sample) {
    if (const int code = av_new_packet(packet_.get(), static_cast<int>(sample.bytes.size())); code < 0)
      return av_error("sound", code);
    std::copy(sample.bytes.begin(), sample.bytes.end(), packet_->data);
    const int sent = avcodec_send_packet(decoder_.get(), packet_.get());
    av_packet_unref(packet_.get());
    if (sent < 0) return {}; // a frame that does not decode is as good as silence
    while (avcodec_receive_frame(decoder_.get(), frame_.get()) >= 0)
      measure(sample.dts);
    return {};
  }

  SoundFacts facts() {
    double value = 0;
    if (ebur128_loudness_global(meter_.get(), &value) == EBUR128_SUCCESS && std::isfinite(value))
      facts_.integrated_lufs = value;
    if (ebur128_loudness_range(meter_.get(), &value) == EBUR128_SUCCESS && std::isfinite(value))
      facts_.range_lu = value;
    double peak = 0;
    for (unsigned channel = 0; channel < kChannels; ++channel)
      if (ebur128_true_peak(meter_.get(), channel, &value) == EBUR128_SUCCESS) peak = std::max(peak, value);
    if (peak > 0) facts_.true_peak_dbtp = 20 * std::log10(peak);
    return std::move(facts_);
  }

 private:
  void measure(std::int64_t dts) {
    if (frame_->format != AV_SAMPLE_FMT_FLTP) return;
    const int channels = std::min(kChannels, frame_->ch_layout.nb_channels);
    interleaved_.resize(static_cast<std::size_t>(frame_->nb_samples) * kChannels);
    for (int i = 0; i < frame_->nb_samples; ++i) {
      for (int c = 0; c < kChannels; ++c) {
        const auto* plane = reinterpret_cast<const float*>(frame_->extended_data[std::min(c, channels - 1)]);
        interleaved_[static_cast<std::size_t>(i * kChannels + c)] = plane[i];
      }
      note_peak(dts + i, interleaved_[static_cast<std::size_t>(i * kChannels)]);
    }
    if (dts >= 0 && dts < length_)
      ebur128_add_frames_float(meter_.get(), interleaved_.data(), static_cast<std::size_t>(frame_->nb_samples));
  }

  void note_peak(std::int64_t sample, float value) {
    if (sample < 0 || sample >= length_) return;
    const auto at = static_cast<std::size_t>(time_of_sample(sample) / facts_.step);
    if (at >= facts_.peaks.size()) return;
    const auto loud = static_cast<std::uint8_t>(std::clamp(std::lround(std::abs(value) * 255), 0L, 255L));
    facts_.peaks[at] = std::max(facts_.peaks[at], loud);
  }

  const TrackPlan& sound_;
  SoundFacts facts_;
  std::int64_t length_ = 0; // samples
  AvCodecPtr decoder_;
  AvFramePtr frame_{av_frame_alloc()};
  AvPacketPtr packet_{av_packet_alloc()};
  std::unique_ptr<ebur128_state, MeterDeleter> meter_;
  std::vector<float> interleaved_;
};

} // namespace

Result<SoundFacts> measure_sound(const CutPlan& plan, const TrackPlan& sound, const Progress& progress) {
  SoundMeasure measure(plan, sound);
  if (auto opened = measure.open(); !opened) return opened.error();
  SampleSource source(sound);
  const auto parts = static_cast<double>(sound.parts.size());
  for (std::size_t done = 0; !source.done(); ++done) {
    if (!progress(static_cast<double>(done) / parts)) return Error{Errc::kUnavailable, "stopped"};
    auto samples = source.take_part();
    if (!samples) return samples.error();
    for (const auto& sample : *samples)
      if (auto taken = measure.take(sample); !taken) return taken.error();
  }
  return measure.facts();
}

} // namespace pult::packager::jobs
