#include "control/notice.hpp"

#include <boost/asio/redirect_error.hpp>

namespace pult::control {

void Notice::give() {
  ++given_;
  for (auto* timer : *waiters_)
    timer->cancel();
}

Task<bool> Notice::wait(std::chrono::steady_clock::time_point deadline) {
  struct Waiting {
    Waiting(asio::io_context& io, std::shared_ptr<Waiters> all) : timer(io.get_executor()), waiters(std::move(all)) {
      waiters->insert(&timer);
    }
    ~Waiting() { waiters->erase(&timer); }
    Waiting(const Waiting&) = delete;
    Waiting& operator=(const Waiting&) = delete;
    SteadyTimer timer;
    std::shared_ptr<Waiters> waiters;
  };
  Waiting waiting(io_, waiters_);
  waiting.timer.expires_at(deadline);
  ErrorCode cancelled;
  co_await waiting.timer.async_wait(asio::redirect_error(use_task, cancelled));
  co_return cancelled == asio::error::operation_aborted;
}

} // namespace pult::control
