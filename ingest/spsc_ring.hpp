// A fixed ring from one thread to one other without a lock: for what a callback must not wait to say.
//
// Full: the item is not taken and counted. push from one thread, pop from one other.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

namespace pult::ingest {

template <typename T, std::size_t kSize>
class SpscRing {
 public:
  bool push(T item) {
    const auto head = head_.load(std::memory_order_relaxed);
    if (head - tail_.load(std::memory_order_acquire) == kSize) {
      dropped_.fetch_add(1, std::memory_order_relaxed);
      return false;
    }
    slots_[head % kSize] = std::move(item);
    head_.store(head + 1, std::memory_order_release);
    return true;
  }

  std::optional<T> pop() {
    const auto tail = tail_.load(std::memory_order_relaxed);
    if (tail == head_.load(std::memory_order_acquire)) return std::nullopt;
    T item = std::move(slots_[tail % kSize]);
    tail_.store(tail + 1, std::memory_order_release);
    return item;
  }

  [[nodiscard]] std::uint64_t dropped() const { return dropped_.load(std::memory_order_relaxed); }

 private:
  std::array<T, kSize> slots_{};
  std::atomic<std::uint64_t> head_{0}, tail_{0}, dropped_{0};
};

} // namespace pult::ingest
