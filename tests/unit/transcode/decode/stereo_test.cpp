#include "transcode/decode/stereo.hpp"

#include <gtest/gtest.h>

using pult::transcode::decode::StereoMap;

namespace {

StereoMap map_of(std::vector<GstAudioChannelPosition> places) {
  GstAudioInfo info;
  gst_audio_info_init(&info);
  gst_audio_info_set_format(&info, GST_AUDIO_FORMAT_F32LE, 48000, static_cast<gint>(places.size()), places.data());
  return StereoMap(info);
}

std::vector<float> mapped(const StereoMap& map, const std::vector<float>& samples) {
  std::vector<float> room;
  const auto out = map.apply(samples, room);
  return {out.begin(), out.end()};
}

} // namespace

TEST(StereoMap, TwoChannelsAreNotTouched) {
  const std::vector<float> samples{0.1F, 0.2F, 0.3F, 0.4F};
  std::vector<float> room;
  const auto map = map_of({GST_AUDIO_CHANNEL_POSITION_FRONT_LEFT, GST_AUDIO_CHANNEL_POSITION_FRONT_RIGHT});
  EXPECT_EQ(map.apply(samples, room).data(), samples.data());
}

TEST(StereoMap, OneChannelGoesToBothSidesAsLoud) {
  EXPECT_EQ(mapped(map_of({GST_AUDIO_CHANNEL_POSITION_MONO}), {0.5F, -0.5F}),
            (std::vector<float>{0.5F, 0.5F, -0.5F, -0.5F}));
}

TEST(StereoMap, FiveAndOneAreMixedDownWithoutTheLowFrequencies) {
  const auto map = map_of({GST_AUDIO_CHANNEL_POSITION_FRONT_LEFT, GST_AUDIO_CHANNEL_POSITION_FRONT_RIGHT,
                           GST_AUDIO_CHANNEL_POSITION_FRONT_CENTER, GST_AUDIO_CHANNEL_POSITION_LFE1,
                           GST_AUDIO_CHANNEL_POSITION_REAR_LEFT, GST_AUDIO_CHANNEL_POSITION_REAR_RIGHT});
  const auto out = mapped(map, {0.1F, 0.2F, 0.4F, 1.0F, 0.2F, 0.4F});
  ASSERT_EQ(out.size(), 2u);
  EXPECT_NEAR(out[0], 0.1 + 0.707 * 0.4 + 0.707 * 0.2, 1e-3);
  EXPECT_NEAR(out[1], 0.2 + 0.707 * 0.4 + 0.707 * 0.4, 1e-3);
}

TEST(StereoMap, UnplacedChannelsAreTakenInPairs) {
  const auto none = GST_AUDIO_CHANNEL_POSITION_NONE;
  EXPECT_EQ(mapped(map_of({none, none, none, none}), {0.1F, 0.2F, 0.25F, 0.5F}),
            (std::vector<float>{0.1F + 0.25F, 0.2F + 0.5F}));
}
