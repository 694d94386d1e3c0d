// GStreamer is ready before the first test, in whatever order they run.
#include "transcode/encoder_rig.hpp"

#include <gtest/gtest.h>

namespace pult::transcode {
namespace {

class GstEnvironment : public ::testing::Environment {
  void SetUp() override { ASSERT_TRUE(init_gstreamer().ok()); }
};
const auto* const kEnvironment = ::testing::AddGlobalTestEnvironment(new GstEnvironment);

} // namespace
} // namespace pult::transcode
