#include "ingest/guess_budget.hpp"

#include <algorithm>

namespace pult::ingest {
namespace {

using std::chrono::milliseconds;
constexpr Nanoseconds kOwnEach = milliseconds(200); // five a second
constexpr Nanoseconds kOwnBrim = 20 * kOwnEach;
constexpr Nanoseconds kPortEach = milliseconds(20); // 50 a second: libsrt stays below 150 MB
constexpr Nanoseconds kPortBrim = 100 * kPortEach;

} // namespace

GuessBudget::GuessBudget() : slots_(std::make_unique<std::array<Slot, kSlots>>()) {}

GuessBudget::Slot& GuessBudget::slot_of(std::uint64_t key) {
  return (*slots_)[(key ^ (key >> 32)) % kSlots];
}

bool GuessBudget::pour(std::atomic<std::int64_t>& empty_at, Nanoseconds now, Nanoseconds each, Nanoseconds brim) {
  auto old = empty_at.load();
  std::int64_t next = 0;
  do {
    next = std::max(old, now.count()) + each.count();
    if (next - now.count() > brim.count()) return false;
  } while (!empty_at.compare_exchange_weak(old, next));
  return true;
}

GuessBudget::Answer GuessBudget::take(std::uint64_t key, Nanoseconds now) {
  auto& slot = slot_of(key);
  if (slot.key.load() != key) {
    // Another address's slot is taken over once its bucket is empty, else shared: nobody can wash a full one out.
    if (slot.empty_at.load() <= now.count()) {
      slot.known = false;
      slot.key = key;
    }
  }
  if (!pour(slot.empty_at, now, kOwnEach, kOwnBrim)) return Answer::kOverOwn;
  const bool known = slot.key.load() == key && slot.known.load();
  if (!known && !pour(port_empty_at_, now, kPortEach, kPortBrim)) return Answer::kOverPort;
  return Answer::kTaken;
}

void GuessBudget::give_back(std::uint64_t key) {
  auto& slot = slot_of(key);
  slot.empty_at.fetch_sub(kOwnEach.count());
  port_empty_at_.fetch_sub(kPortEach.count());
  if (slot.key.load() == key) slot.known = true;
}

} // namespace pult::ingest
