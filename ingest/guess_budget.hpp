// How many keys an address may try: 20 at once, then five a second, for each feed; 100, then 50 a second for the port.
//
// A wrong key is refused inside libsrt after it has built half a connection: 200 a second take a listener to 600 MB.
// So what is over its budget is refused in the callback, before a key is set. A connection that is accepted gets its
// try back, and its address is known from then on: the port's own bound, which strangers can use up, does not hold it.
// By feed as well as address, because in a hall all cameras may come from one address: an encoder with the wrong key
// must not lock its neighbours out. A fixed table (no allocation in the callback); two addresses that fall into one
// slot share it. take() from the port's receive thread only, give_back() from any thread; lock-free.
#pragma once

#include "base/clock.hpp"

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>

namespace pult::ingest {

class GuessBudget {
 public:
  enum class Answer { kTaken, kOverOwn, kOverPort };
  GuessBudget();

  // `key` is a hash of address and feed.
  Answer take(std::uint64_t key, Nanoseconds now);
  void give_back(std::uint64_t key);

 private:
  // A leaky bucket as one number: the time at which it is empty again ("generic cell rate algorithm").
  struct Slot {
    std::atomic<std::uint64_t> key{0};
    std::atomic<std::int64_t> empty_at{0};
    std::atomic<bool> known{false};
  };
  static bool pour(std::atomic<std::int64_t>& empty_at, Nanoseconds now, Nanoseconds each, Nanoseconds brim);
  Slot& slot_of(std::uint64_t key);

  static constexpr std::size_t kSlots = 4096;
  std::unique_ptr<std::array<Slot, kSlots>> slots_;
  std::atomic<std::int64_t> port_empty_at_{0};
};

} // namespace pult::ingest
