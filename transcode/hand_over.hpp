// A short queue from one thread to another in which the giver may wait for room, and the taker for an item.
//
// Between the mixer and the encoders: full means that encoding does not keep up, and the giver decides what to leave
// out. give and take from any thread.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>

namespace pult::transcode {

template <typename T>
class HandOver {
 public:
  explicit HandOver(std::size_t bound) : bound_(bound) {}

  // False: no room within `wait`, or closed. The item was not taken then.
  bool give(T item, std::chrono::nanoseconds wait) {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, wait, [this] { return closed_ || items_.size() < bound_; }) || closed_) return false;
    items_.push_back(std::move(item));
    lock.unlock();
    changed_.notify_all();
    return true;
  }

  // Empty: closed, and all was taken.
  std::optional<T> take() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return closed_ || !items_.empty(); });
    if (items_.empty()) return std::nullopt;
    std::optional<T> item(std::move(items_.front()));
    items_.pop_front();
    lock.unlock();
    changed_.notify_all();
    return item;
  }

  // Nothing more is given; what is there is still taken, or thrown away.
  void close(bool discard = false) {
    std::deque<T> discarded; // destroyed after the lock
    {
      const std::lock_guard lock(mutex_);
      closed_ = true;
      if (discard) discarded.swap(items_);
    }
    changed_.notify_all();
  }

  [[nodiscard]] std::size_t size() const {
    const std::lock_guard lock(mutex_);
    return items_.size();
  }

 private:
  const std::size_t bound_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<T> items_;
  bool closed_ = false;
};

} // namespace pult::transcode
