#include "ingest/refusal_log.hpp"

#include <algorithm>

namespace pult::ingest {
namespace {

constexpr Nanoseconds kTellEvery = std::chrono::seconds(10);
constexpr std::size_t kMaxKinds = 128;

} // namespace

std::optional<RefusalLog::Line> RefusalLog::add(const Refused& refused, Nanoseconds now) {
  remember(refused, now);
  Kind kind{refused.host, refused.code, refused.stream_id};
  if (kinds_.size() >= kMaxKinds && !kinds_.contains(kind)) kind = {"", 0, ""};
  const auto [found, is_new] = kinds_.try_emplace(kind);
  auto& count = found->second;
  count.last = refused;
  if (is_new) {
    count.told = now;
    return Line{refused, 0};
  }
  ++count.untold;
  return std::nullopt;
}

void RefusalLog::remember(const Refused& refused, Nanoseconds now) {
  Recent latest{refused, 1, now};
  const auto same = std::find_if(recent_.begin(), recent_.end(), [&](const auto& known) {
    return known.refused.code == refused.code && known.refused.stream_id == refused.stream_id;
  });
  if (same != recent_.end()) {
    latest.times += same->times;
    recent_.erase(same);
  }
  recent_.insert(recent_.begin(), std::move(latest));
  int of_this_code = 0;
  std::erase_if(recent_, [&](const auto& known) {
    return known.refused.code == refused.code && ++of_this_code > kMostRecentOfACode;
  });
}

std::vector<RefusalLog::Line> RefusalLog::tick(Nanoseconds now) {
  std::vector<Line> lines;
  for (auto it = kinds_.begin(); it != kinds_.end();) {
    auto& count = it->second;
    if (now - count.told < kTellEvery) {
      ++it;
    } else if (count.untold == 0) {
      it = kinds_.erase(it);
    } else {
      lines.push_back({count.last, count.untold});
      count.untold = 0;
      count.told = now;
      ++it;
    }
  }
  return lines;
}

} // namespace pult::ingest
