#include "packager/track_muxer.hpp"

#include <vector>

namespace pult::packager {

Result<Bytes> TrackMuxer::fragment(const CutPart& part) {
  std::vector<MediaSample> samples;
  for (const CutSample& sample : part.samples)
    samples.push_back({*sample.bytes, sample.dts, sample.duration, sample.sync});
  if (muxer_ && tools_ == part.tools) {
    if (auto bytes = muxer_->part(samples)) return bytes;
  }
  const auto number = static_cast<std::uint32_t>(part.first_picture / cutting_.pictures_per_part() + 1);
  auto muxer = FragmentMuxer::create(part.tools->format, number);
  if (!muxer) return muxer.error();
  muxer_.emplace(std::move(*muxer));
  tools_ = part.tools;
  return muxer_->part(samples);
}

PublishedPart published(const CutPart& part, SharedBytes bytes) {
  PublishedPart out;
  out.track = part.track;
  out.sequence = part.sequence;
  out.number = part.number;
  out.last_of_segment = part.last_of_segment;
  out.independent = part.independent;
  out.filled = part.filled;
  out.first_picture = part.first_picture;
  out.begin = part.begin;
  out.duration = part.duration;
  out.discontinuity_before = part.discontinuity_before;
  out.init_name = part.tools->init_name;
  out.bytes = std::move(bytes);
  return out;
}

} // namespace pult::packager
