#include "transcode/decode/stereo.hpp"

namespace pult::transcode::decode {
namespace {

constexpr float kHalfPower = 0.70710678F;

std::array<float, 2> gains_at(GstAudioChannelPosition place, std::size_t number) {
  switch (place) {
  case GST_AUDIO_CHANNEL_POSITION_MONO:
    return {1, 1};
  case GST_AUDIO_CHANNEL_POSITION_FRONT_LEFT:
    return {1, 0};
  case GST_AUDIO_CHANNEL_POSITION_FRONT_RIGHT:
    return {0, 1};
  case GST_AUDIO_CHANNEL_POSITION_FRONT_CENTER:
  case GST_AUDIO_CHANNEL_POSITION_REAR_CENTER:
    return {kHalfPower, kHalfPower};
  case GST_AUDIO_CHANNEL_POSITION_LFE1:
  case GST_AUDIO_CHANNEL_POSITION_LFE2:
    return {0, 0};
  case GST_AUDIO_CHANNEL_POSITION_REAR_LEFT:
  case GST_AUDIO_CHANNEL_POSITION_SIDE_LEFT:
  case GST_AUDIO_CHANNEL_POSITION_FRONT_LEFT_OF_CENTER:
    return {kHalfPower, 0};
  case GST_AUDIO_CHANNEL_POSITION_REAR_RIGHT:
  case GST_AUDIO_CHANNEL_POSITION_SIDE_RIGHT:
  case GST_AUDIO_CHANNEL_POSITION_FRONT_RIGHT_OF_CENTER:
    return {0, kHalfPower};
  default:
    return number % 2 == 0 ? std::array<float, 2>{1, 0} : std::array<float, 2>{0, 1};
  }
}

} // namespace

StereoMap::StereoMap(const GstAudioInfo& info) {
  const auto count = static_cast<std::size_t>(GST_AUDIO_INFO_CHANNELS(&info));
  gains_.clear();
  for (std::size_t i = 0; i < count; ++i)
    gains_.push_back(count == 1 ? Gains{1, 1} : gains_at(info.position[i], i));
  plain_ = gains_ == std::vector<Gains>{{1, 0}, {0, 1}};
}

std::span<const float> StereoMap::apply(std::span<const float> interleaved, std::vector<float>& room) const {
  if (plain_) return interleaved.first(interleaved.size() / 2 * 2);
  const auto frames = interleaved.size() / channels();
  room.assign(2 * frames, 0.0F);
  const auto* in = interleaved.data();
  for (std::size_t i = 0; i < frames; ++i)
    for (const auto& [left, right] : gains_) {
      room[2 * i] += left * *in;
      room[2 * i + 1] += right * *in++;
    }
  return room;
}

} // namespace pult::transcode::decode
