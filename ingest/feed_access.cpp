#include "ingest/feed_access.hpp"

#include "base/nearest.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace pult::ingest {
namespace {

std::optional<Refusal> refuse_mode(const StreamId& id) {
  // "publish" sends, "bidirectional" may send; "request" asks for a stream, and a feed has no readers.
  const auto* mode = id.value("m");
  if (mode != nullptr && *mode != "publish" && *mode != "bidirectional")
    return Refusal{RejectCode::kBadMode,
                   fmt::format("m={}: feeds are sent here, not read; use m=publish", shown_stream_id(*mode))};
  const auto* type = id.value("t");
  if (type != nullptr && *type != "stream")
    return Refusal{RejectCode::kBadMode, fmt::format("t={}: only live streams", shown_stream_id(*type))};
  return std::nullopt;
}

} // namespace

FeedAccess FeedAccess::of(const RoomConfig& config, std::optional<int> own_port) {
  FeedAccess access;
  access.own_port_ = own_port.has_value();
  for (std::size_t i = 0; i < config.feeds.size(); ++i) {
    const auto& feed = config.feeds[i];
    if (!feed.url.empty() || feed.port != own_port) continue;
    access.entries_.push_back({i, feed.name, feed.passphrase, feed.latency.value_or(config.srt_latency), feed.policy,
                               feed.match_key, feed.match_value});
  }
  return access;
}

std::variant<const FeedAccess::Entry*, Refusal> FeedAccess::find(std::string_view stream_id) const {
  const auto id = parse_stream_id(stream_id);
  const bool alone = own_port_ && entries_.size() == 1;
  if (!id && alone) return &entries_.front(); // a box with a fixed id of its own making
  if (!id) return Refusal{RejectCode::kSyntax, id.error().message};
  if (auto refused = refuse_mode(*id)) return *refused;
  const auto* resource = id->value("r");
  const std::string_view name = resource != nullptr ? std::string_view(*resource) : std::string_view(id->plain);
  if (const auto* entry = by_name(name)) return entry;
  if (const auto* entry = by_match(*id)) return entry;
  if (alone && resource == nullptr) return &entries_.front();
  if (id->empty()) return Refusal{RejectCode::kSyntax, "no stream id; send \"#!::r=FEED,m=publish\""};
  if (name.empty()) return Refusal{RejectCode::kNotFound, "the stream id names no feed (r=…), and no feed matches it"};
  return Refusal{RejectCode::kNotFound, fmt::format("no feed \"{}\" at this port{}", shown_stream_id(name),
                                                    did_you_mean(shown_stream_id(name), names()))};
}

std::vector<std::string> FeedAccess::names() const {
  std::vector<std::string> all;
  for (const auto& entry : entries_)
    all.push_back(entry.name);
  return all;
}

std::chrono::milliseconds FeedAccess::longest_latency() const {
  std::chrono::milliseconds longest{0};
  for (const auto& entry : entries_)
    longest = std::max(longest, entry.latency);
  return longest;
}

const FeedAccess::Entry* FeedAccess::by_name(std::string_view name) const {
  const auto found = std::find_if(entries_.begin(), entries_.end(), [name](const auto& e) { return e.name == name; });
  return found == entries_.end() || name.empty() ? nullptr : &*found;
}

const FeedAccess::Entry* FeedAccess::by_match(const StreamId& id) const {
  for (const auto& entry : entries_) {
    if (entry.match_key.empty()) continue;
    const auto* value = id.value(entry.match_key);
    if (value != nullptr && *value == entry.match_value) return &entry;
  }
  return nullptr;
}

} // namespace pult::ingest
