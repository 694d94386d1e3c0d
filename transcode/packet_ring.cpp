#include "transcode/packet_ring.hpp"

#include <algorithm>

namespace pult::transcode {

void PacketRing::add_run(packet_link::Hello hello) {
  const std::lock_guard lock(mutex_);
  hellos_[hello.run] = std::move(hello);
}

void PacketRing::add(std::uint64_t run, std::uint16_t track, std::int64_t index, bool idr, Bytes bytes) {
  Entry entry{run, track, index, idr, share(encode(packet_link::Packet{run, track, index, idr, bytes}))};
  const std::lock_guard lock(mutex_);
  if (track == 0) newest_picture_ = std::max(newest_picture_, index);
  bytes_ += entry.payload->size();
  entries_.push_back({std::move(entry), newest_picture_});
  drop_old();
}

void PacketRing::drop_old() {
  while (bytes_ > kMaxBytes || entries_.front().came_at <= newest_picture_ - keep_pictures_) {
    bytes_ -= entries_.front().entry.payload->size();
    entries_.pop_front();
    ++begin_;
  }
  while (hellos_.size() > 1 && hellos_.begin()->first < entries_.front().entry.run)
    hellos_.erase(hellos_.begin());
}

std::optional<packet_link::Hello> PacketRing::hello(std::uint64_t run) const {
  const std::lock_guard lock(mutex_);
  const auto found = hellos_.find(run);
  return found == hellos_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<packet_link::Hello> PacketRing::newest_hello() const {
  const std::lock_guard lock(mutex_);
  return hellos_.empty() ? std::nullopt : std::optional(hellos_.rbegin()->second);
}

PacketRing::Cursor PacketRing::begin() const {
  const std::lock_guard lock(mutex_);
  return begin_;
}

PacketRing::Cursor PacketRing::end() const {
  const std::lock_guard lock(mutex_);
  return begin_ + entries_.size();
}

std::optional<PacketRing::Entry> PacketRing::at(Cursor cursor) const {
  const std::lock_guard lock(mutex_);
  if (cursor < begin_ || cursor - begin_ >= entries_.size()) return std::nullopt;
  return entries_[static_cast<std::size_t>(cursor - begin_)].entry;
}

} // namespace pult::transcode
