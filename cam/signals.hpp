// Signals as values: blocked in every thread from the start, taken one by one where the camera waits anyway. So waiting
// for the next picture and waiting for the end are the same call, and nothing runs in a handler.
//
// SIGTERM and SIGINT end the camera. Create it in main before any thread (libsrt starts some). One thread.
#pragma once

#include <chrono>
#include <csignal>

namespace pult::cam {

class Signals {
 public:
  Signals();

  // Waits until `when` on CLOCK_MONOTONIC, or until the program shall end: then false, now and ever after.
  [[nodiscard]] bool wait_until(std::chrono::nanoseconds when);
  // Without waiting.
  [[nodiscard]] bool stopped();

 private:
  sigset_t taken_;
  bool stopped_ = false;
};

} // namespace pult::cam
