#include "cam/signals.hpp"

#include "base/clock.hpp"

#include <algorithm>

namespace pult::cam {

Signals::Signals() {
  sigemptyset(&taken_);
  sigaddset(&taken_, SIGTERM);
  sigaddset(&taken_, SIGINT);
  pthread_sigmask(SIG_BLOCK, &taken_, nullptr);
}

bool Signals::wait_until(std::chrono::nanoseconds when) {
  while (!stopped_) {
    const auto left = std::max(when - monotonic_now(), std::chrono::nanoseconds{0});
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(left);
    const timespec timeout{seconds.count(), (left - seconds).count()};
    stopped_ = sigtimedwait(&taken_, nullptr, &timeout) > 0;
    if (left.count() == 0) break;
  }
  return !stopped_;
}

bool Signals::stopped() {
  return !wait_until(std::chrono::nanoseconds{0});
}

} // namespace pult::cam
