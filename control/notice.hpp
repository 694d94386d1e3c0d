// "Something changed": coroutines wait for it with a deadline, the io thread gives it. A timer is the condition
// variable. One thread.
#pragma once

#include "base/asio.hpp"

#include <cstdint>
#include <memory>
#include <set>

namespace pult::control {

class Notice {
 public:
  explicit Notice(asio::io_context& io) : io_(io) {}

  void give();
  [[nodiscard]] std::uint64_t given() const { return given_; } // so often
  // False: the deadline passed first. The predicate is the caller's: look again after each wait.
  Task<bool> wait(std::chrono::steady_clock::time_point deadline);

 private:
  using Waiters = std::set<SteadyTimer*>;
  asio::io_context& io_;
  std::uint64_t given_ = 0;
  std::shared_ptr<Waiters> waiters_ = std::make_shared<Waiters>(); // a waiter may outlive us when all is torn down
};

} // namespace pult::control
