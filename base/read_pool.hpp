// Blocking work (files) for a thread that must not block: a few threads behind a bounded queue, results awaited.
//
// run() is for the io thread; the job runs on one of the pool's threads and must not touch what the io thread has. When
// too many jobs wait the answer is nothing at once: a disk that stalls costs requests, never the io thread.
#pragma once

#include "base/asio.hpp"
#include "base/bounded_queue.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <pthread.h>
#include <thread>
#include <vector>

namespace pult {

class ReadPool {
 public:
  ReadPool(asio::io_context& io, const char* name, int threads, std::size_t waiting) : io_(io), jobs_(waiting) {
    for (int i = 0; i < threads; ++i) {
      threads_.emplace_back([this] { work(); });
      ::pthread_setname_np(threads_.back().native_handle(), name);
    }
  }
  ~ReadPool() { jobs_.close(); }

  template <typename T>
  Task<std::optional<T>> run(std::function<T()> job) {
    struct Waiting {
      SteadyTimer done; // never expires; cancelled when the value is there
      std::optional<T> value;
      bool finished = false;
    };
    const auto waiting = std::make_shared<Waiting>(
        Waiting{SteadyTimer(io_.get_executor(), SteadyTimer::time_point::max()), std::nullopt, false});
    const bool queued = jobs_.push([&io = io_, waiting, job = std::move(job)] {
      auto value = std::make_shared<T>(job());
      asio::post(io, [waiting, value] {
        waiting->value.emplace(std::move(*value));
        waiting->finished = true;
        waiting->done.cancel();
      });
    });
    if (!queued) co_return std::nullopt;
    while (!waiting->finished) {
      ErrorCode woken;
      co_await waiting->done.async_wait(asio::redirect_error(use_task, woken));
    }
    co_return std::move(waiting->value);
  }

 private:
  void work() {
    constexpr std::chrono::hours kUntilWoken{1}; // close() wakes the pops
    while (!jobs_.closed())
      if (auto job = jobs_.pop_for(kUntilWoken)) (*job)();
  }

  asio::io_context& io_;
  BoundedQueue<std::function<void()>> jobs_;
  std::vector<std::jthread> threads_;
};

} // namespace pult
