#include "packager/playlist_waiters.hpp"

#include "base/http_text.hpp"

#include <boost/asio/redirect_error.hpp>
#include <charconv>

namespace pult::packager {
namespace {

constexpr int kSegmentsAhead = 2;
constexpr int kYoungShare = 4;                          // a part is young for a quarter of its time
constexpr std::chrono::milliseconds kUsuallyOnTime{50}; // more than a part's jitter on a busy machine

// "Advance Part Limit" of bis 6.2.5.2.
int parts_ahead(const HlsTiming& timing) {
  using namespace std::chrono_literals;
  if (timing.part_target >= 1s) return 3;
  return static_cast<int>((3000 + timing.part_target.count() - 1) / timing.part_target.count());
}

template <typename T>
bool parse_number(const std::string& text, std::optional<T>& value) {
  T parsed{};
  const auto* end = text.data() + text.size();
  const auto [stopped, failed] = std::from_chars(text.data(), end, parsed);
  if (failed != std::errc{} || stopped != end || parsed < 0) return false;
  value = parsed;
  return true;
}

} // namespace

std::optional<Directives> parse_directives(std::string_view query) {
  Directives directives;
  if (query.empty()) return directives;
  const auto sequence = http::query_value(query, "_HLS_msn");
  const auto part = http::query_value(query, "_HLS_part");
  const auto skip = http::query_value(query, "_HLS_skip");
  if (sequence && !parse_number(*sequence, directives.sequence)) return std::nullopt;
  if (part && (!sequence || !parse_number(*part, directives.part))) return std::nullopt;
  directives.skip = skip && (*skip == "YES" || *skip == "v2");
  return directives;
}

Readiness readiness(const Directives& wanted, PartPlace next, const HlsTiming& timing) {
  if (!wanted.sequence) return Readiness::kNow;
  const auto last_listed = next.part > 0 ? next.sequence : next.sequence - 1;
  if (*wanted.sequence > last_listed + kSegmentsAhead) return Readiness::kTooFarAhead;
  PartPlace needed{*wanted.sequence, wanted.part.value_or(timing.parts_per_segment - 1)};
  if (needed.part >= timing.parts_per_segment + parts_ahead(timing)) return Readiness::kTooFarAhead;
  // A part index behind the segment's last one means the first of the next segment.
  if (needed.part >= timing.parts_per_segment) needed = {needed.sequence + 1, 0};
  return needed < next ? Readiness::kNow : Readiness::kWait;
}

std::chrono::steady_clock::time_point held_for_next_part(std::chrono::steady_clock::time_point published,
                                                         std::chrono::steady_clock::time_point now,
                                                         const HlsTiming& timing) {
  const bool young = now < published + timing.part_target / kYoungShare;
  return young ? now : published + timing.part_target + kUsuallyOnTime;
}

Task<> WaitList::wait(std::chrono::steady_clock::time_point deadline) const {
  const auto sleepers = sleepers_; // outlives the list
  SteadyTimer timer(executor_, deadline);
  const auto mine = sleepers->insert(sleepers->end(), &timer);
  ErrorCode woken;
  co_await timer.async_wait(asio::redirect_error(use_task, woken));
  sleepers->erase(mine);
}

void WaitList::wake_all() {
  for (auto* timer : *sleepers_)
    timer->cancel();
}

} // namespace pult::packager
