#include "ingest/replay_ring.hpp"

namespace pult::ingest {

void ReplayRing::clear() {
  kept_.clear();
  tables_.clear();
  bytes_ = 0;
  next_offset_ = 0;
}

void ReplayRing::push(TsChunk chunk, const std::optional<EntryPoint>& entry) {
  const auto size = chunk.bytes->size();
  kept_.push_back({next_offset_, std::move(chunk)});
  next_offset_ += size;
  bytes_ += size;
  if (entry) begin_at(*entry);
  keep_bounds();
}

std::vector<TsChunk> ReplayRing::replay() const {
  if (!has_key_frame() || kept_.empty()) return {};
  const auto& first = kept_.front();
  std::vector<TsChunk> chunks;
  chunks.reserve(kept_.size() + 1);
  chunks.push_back({first.chunk.arrival, first.chunk.connection, share(tables_)});
  const auto skip = static_cast<std::ptrdiff_t>(begin_ - first.offset);
  const auto& bytes = *first.chunk.bytes;
  chunks.push_back({first.chunk.arrival, first.chunk.connection, share(Bytes(bytes.begin() + skip, bytes.end()))});
  for (std::size_t i = 1; i < kept_.size(); ++i)
    chunks.push_back(kept_[i].chunk);
  return chunks;
}

void ReplayRing::begin_at(const EntryPoint& entry) {
  while (!kept_.empty() && kept_.front().offset + kept_.front().chunk.bytes->size() <= entry.offset)
    drop_front();
  // Its beginning was already given up: the picture cannot be entered.
  const bool whole = !kept_.empty() && kept_.front().offset <= entry.offset;
  begin_ = entry.offset;
  tables_ = whole ? entry.tables : Bytes{};
}

void ReplayRing::drop_front() {
  bytes_ -= kept_.front().chunk.bytes->size();
  kept_.pop_front();
}

void ReplayRing::keep_bounds() {
  const auto newest = kept_.empty() ? Nanoseconds{} : kept_.back().chunk.arrival;
  const auto too_much = [&] {
    return !kept_.empty() && (bytes_ > kMaxBytes || newest - kept_.front().chunk.arrival > kMaxAge);
  };
  if (!too_much()) return;
  if (has_key_frame()) ++given_up_;
  tables_.clear();
  // The beginning of a picture that is not yet known to be a key frame may lie a little back: only the oldest go.
  while (too_much())
    drop_front();
}

} // namespace pult::ingest
