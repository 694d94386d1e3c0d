// A queue between two threads that never grows past its bound and says what it dropped.
//
// The bound is in cost (items, or bytes when a cost function is given). When a push would exceed it the queue refuses
// and counts; what to drop instead (the oldest sound, whole pictures to the next key frame) is the caller's policy.
// push from any thread, pop from one.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>

namespace pult {

template <typename T>
class BoundedQueue {
 public:
  explicit BoundedQueue(std::size_t max_cost) : max_cost_(max_cost) {}

  // False when the bound is reached or the queue is closed: the item was not taken, and is counted as dropped.
  bool push(T item, std::size_t cost = 1) {
    {
      const std::lock_guard lock(mutex_);
      if (closed_ || cost_ + cost > max_cost_) {
        ++dropped_;
        return false;
      }
      cost_ += cost;
      items_.emplace_back(std::move(item), cost);
    }
    ready_.notify_one();
    return true;
  }

  // Makes room by dropping the oldest (counted), then takes the item.
  void push_dropping_oldest(T item, std::size_t cost = 1) {
    {
      const std::lock_guard lock(mutex_);
      if (closed_) return;
      while (!items_.empty() && cost_ + cost > max_cost_)
        drop_front();
      cost_ += cost;
      items_.emplace_back(std::move(item), cost);
    }
    ready_.notify_one();
  }

  std::optional<T> try_pop() {
    const std::lock_guard lock(mutex_);
    return take_front();
  }

  // Waits until there is an item, the queue is closed and empty, or the time is over.
  std::optional<T> pop_for(std::chrono::nanoseconds limit) {
    std::unique_lock lock(mutex_);
    ready_.wait_for(lock, limit, [this] { return closed_ || !items_.empty(); });
    return take_front();
  }

  // No further items are taken; waiting poppers wake when the rest is drained.
  void close() {
    {
      const std::lock_guard lock(mutex_);
      closed_ = true;
    }
    ready_.notify_all();
  }

  [[nodiscard]] std::size_t cost() const {
    const std::lock_guard lock(mutex_);
    return cost_;
  }
  [[nodiscard]] std::uint64_t dropped() const {
    const std::lock_guard lock(mutex_);
    return dropped_;
  }
  [[nodiscard]] bool closed() const {
    const std::lock_guard lock(mutex_);
    return closed_;
  }

 private:
  std::optional<T> take_front() {
    if (items_.empty()) return std::nullopt;
    auto [item, cost] = std::move(items_.front());
    items_.pop_front();
    cost_ -= cost;
    return std::move(item);
  }
  void drop_front() {
    cost_ -= items_.front().second;
    items_.pop_front();
    ++dropped_;
  }

  const std::size_t max_cost_;
  mutable std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<std::pair<T, std::size_t>> items_;
  std::size_t cost_ = 0;
  std::uint64_t dropped_ = 0;
  bool closed_ = false;
};

} // namespace pult
