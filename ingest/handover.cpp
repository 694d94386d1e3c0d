#include "ingest/handover.hpp"

#include <boost/asio/post.hpp>

namespace pult::ingest {
namespace {

constexpr Nanoseconds kStuckAfter = std::chrono::seconds(2);
constexpr std::size_t kSmallEventBytes = 256; // what an event without feed bytes counts for

std::size_t cost(const PollerEvent& event) {
  const auto* arrived = std::get_if<Arrived>(&event);
  return kSmallEventBytes + (arrived != nullptr ? arrived->chunk.bytes->size() : 0);
}

} // namespace

Handover::Handover(asio::io_context& io, Handler handler) : io_(io), handler_(std::move(handler)) {}

void Handover::push(PollerEvent event) {
  const auto bytes = cost(event);
  queue_.push(std::move(event), bytes);
  wake();
}

void Handover::close() {
  queue_.close();
  handler_ = nullptr;
}

bool Handover::stuck(Nanoseconds now) const {
  const Nanoseconds since(waking_since_.load());
  return since.count() != 0 && now - since > kStuckAfter;
}

void Handover::wake() {
  std::int64_t idle = 0;
  if (!waking_since_.compare_exchange_strong(idle, monotonic_now().count())) return;
  asio::post(io_, [self = shared_from_this()] { self->drain(); });
}

void Handover::drain() {
  // First, so that what is pushed from here on wakes again.
  waking_since_ = 0;
  while (handler_) {
    auto event = queue_.try_pop();
    if (!event) return;
    handler_(std::move(*event));
  }
}

} // namespace pult::ingest
