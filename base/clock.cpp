#include "base/clock.hpp"

#include <ctime>

namespace pult {
namespace {

Nanoseconds read(clockid_t id) {
  timespec t{};
  ::clock_gettime(id, &t);
  return std::chrono::seconds(t.tv_sec) + Nanoseconds(t.tv_nsec);
}

} // namespace

Nanoseconds monotonic_now() {
  return read(CLOCK_MONOTONIC);
}

Nanoseconds wall_now() {
  return read(CLOCK_REALTIME);
}

} // namespace pult
