// From the poller thread to the io thread: a bounded queue that wakes its reader once a batch.
//
// Bound: 32 MiB of feed bytes, more than two seconds of ten feeds at 10 Mbit/s. Full means that the io thread hangs;
// what does not fit is dropped and counted, and after two seconds stuck() says so (the heartbeat stops, and the
// supervisor restarts us). push from the poller thread; the handler runs in the io thread.
#pragma once

#include "base/asio.hpp"
#include "base/bounded_queue.hpp"
#include "base/clock.hpp"
#include "ingest/poller_events.hpp"

#include <atomic>
#include <functional>
#include <memory>

namespace pult::ingest {

class Handover : public std::enable_shared_from_this<Handover> {
 public:
  using Handler = std::function<void(PollerEvent)>;
  static constexpr std::size_t kMaxBytes = 32u << 20;

  Handover(asio::io_context& io, Handler handler);
  void push(PollerEvent event);
  // No event is handled any more. io thread.
  void close();

  [[nodiscard]] bool stuck(Nanoseconds now) const;
  [[nodiscard]] std::uint64_t dropped() const { return queue_.dropped(); }

 private:
  void wake();
  void drain();

  asio::io_context& io_;
  Handler handler_;
  BoundedQueue<PollerEvent> queue_{kMaxBytes};
  std::atomic<std::int64_t> waking_since_{0}; // 0: no wake-up is under way
};

} // namespace pult::ingest
