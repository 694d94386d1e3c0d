// Blocking reloads: what a delivery directive asks for, whether it can be answered now, and who waits for it.
//
// The directives (bis 6.2.5.2): with a part they wait for that part, without one for the whole segment; what lies more
// than two segments ahead is refused at once; nobody waits longer than three target durations. All who wait for a
// track are woken in one pass; each looks again and answers with the same rendered buffer.
// A reload without directives that comes late in a part waits for the next one: a player chooses its distance from live
// by the first playlist that it gets, and keeps it, so a playlist that is 300 ms old costs 300 ms for the whole visit.
// The reading of directives is pure; WaitList is for the io thread.
#pragma once

#include "base/asio.hpp"
#include "packager/media_playlist.hpp"

#include <list>
#include <memory>
#include <optional>
#include <string_view>

namespace pult::packager {

struct Directives {
  std::optional<std::int64_t> sequence; // _HLS_msn
  std::optional<int> part;              // _HLS_part
  bool skip = false;                    // _HLS_skip=YES or v2

  [[nodiscard]] bool blocking() const { return sequence.has_value(); }
  friend bool operator==(const Directives&, const Directives&) = default;
};

// Nothing for what must be answered 400: a part without a sequence number, and what is no number.
[[nodiscard]] std::optional<Directives> parse_directives(std::string_view query);

enum class Readiness { kNow, kWait, kTooFarAhead };
// `next` is the place of the part to come: everything before it is published.
[[nodiscard]] Readiness readiness(const Directives& wanted, PartPlace next, const HlsTiming& timing);

// Until when a reload without directives is held for the part to come; `now` or earlier: not at all, because the last
// part is young, or the next one overdue.
[[nodiscard]] std::chrono::steady_clock::time_point held_for_next_part(std::chrono::steady_clock::time_point published,
                                                                       std::chrono::steady_clock::time_point now,
                                                                       const HlsTiming& timing);

// Those who wait for a track's next publication.
class WaitList {
 public:
  explicit WaitList(IoExecutor executor) : executor_(std::move(executor)), sleepers_(std::make_shared<Sleepers>()) {}

  // Until wake_all() or the deadline, whichever is first. The list may be gone when this returns.
  [[nodiscard]] Task<> wait(std::chrono::steady_clock::time_point deadline) const;
  void wake_all();
  [[nodiscard]] std::size_t size() const { return sleepers_->size(); }

 private:
  using Sleepers = std::list<SteadyTimer*>;
  IoExecutor executor_;
  std::shared_ptr<Sleepers> sleepers_;
};

} // namespace pult::packager
