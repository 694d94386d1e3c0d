#include "control/run/restart_pause.hpp"

#include <gtest/gtest.h>

namespace pult::control {
namespace {

using namespace std::chrono_literals;

TEST(RestartPause, TheFirstRestartIsAtOnce) {
  RestartPause pause(2s);
  EXPECT_EQ(pause.after(1s), 0ms);
}

TEST(RestartPause, GrowsToItsLimitWhenTheProgramKeepsDying) {
  RestartPause pause(500ms);
  EXPECT_EQ(pause.after(1s), 0ms);
  EXPECT_EQ(pause.after(1s), 100ms);
  EXPECT_EQ(pause.after(1s), 200ms);
  EXPECT_EQ(pause.after(1s), 400ms);
  EXPECT_EQ(pause.after(1s), 500ms);
  EXPECT_EQ(pause.after(1s), 500ms);
}

TEST(RestartPause, SteadyRunBeginsAnew) {
  RestartPause pause(2s);
  for (int i = 0; i < 5; ++i)
    (void)pause.after(1s);
  EXPECT_EQ(pause.after(RestartPause::kSteady), 0ms);
}

} // namespace
} // namespace pult::control
