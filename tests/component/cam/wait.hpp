// Waiting in tests: for a predicate, with a deadline.
#pragma once

#include <chrono>
#include <thread>

namespace pult::cam::test {

// Generous: a loaded machine is slow, a broken program never gets there.
inline constexpr std::chrono::seconds kDeadline{60};

template <typename Predicate>
bool wait_for(Predicate holds, std::chrono::milliseconds deadline = kDeadline) {
  const auto end = std::chrono::steady_clock::now() + deadline;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds{5});
  }
  return true;
}

} // namespace pult::cam::test
