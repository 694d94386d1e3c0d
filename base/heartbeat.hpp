// A program's pulse, for the supervisor: the monotonic time at which its media thread last made progress.
//
// Eight bytes in `run_dir/programs/<name>.beat`, mapped and shared, so that a beat costs one store and survives a
// restart of the supervisor. Beat from the thread whose progress counts, never from a timer that runs by itself.
// beat() from any thread; last() from the supervisor.
#pragma once

#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/run_dir.hpp"

#include <atomic>
#include <optional>
#include <string_view>

namespace pult {

class Heartbeat {
 public:
  static Result<Heartbeat> open(const RunDir& run_dir, std::string_view program);
  Heartbeat(Heartbeat&& other) noexcept : cell_(std::exchange(other.cell_, nullptr)) {}
  Heartbeat& operator=(Heartbeat&&) = delete;
  ~Heartbeat();

  void beat();
  [[nodiscard]] Nanoseconds last() const; // 0 before the first beat

 private:
  using Cell = std::atomic<std::int64_t>;
  static_assert(Cell::is_always_lock_free && sizeof(Cell) == 8);
  explicit Heartbeat(Cell* cell) : cell_(cell) {}
  Cell* cell_;
};

} // namespace pult
