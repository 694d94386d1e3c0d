// The last 30 seconds of encoded packets of all tracks, of this encoder run and of those before it.
//
// Packets are numbered in the order in which they came; readers keep a cursor. A packager that was away finds again
// what it missed. The bound is 30 s of pictures of the first track, and kMaxBytes whatever the bit rate. The ring keeps
// each run's Hello as long as it has packets of it. Encoder threads add, the io thread reads; one mutex.
#pragma once

#include "base/messages/packet_link.hpp"

#include <deque>
#include <map>
#include <mutex>
#include <optional>

namespace pult::transcode {

class PacketRing {
 public:
  using Cursor = std::uint64_t;
  static constexpr std::size_t kMaxBytes = 128u << 20; // 30 s at 35 Mbit/s

  struct Entry {
    std::uint64_t run = 0;
    std::uint16_t track = 0;
    std::int64_t index = 0;
    bool idr = false;
    SharedBytes payload; // of the wire's kPacket
  };

  explicit PacketRing(int fps) : keep_pictures_(30 * fps) {}

  void add_run(packet_link::Hello hello);
  void add(std::uint64_t run, std::uint16_t track, std::int64_t index, bool idr, Bytes bytes);

  [[nodiscard]] std::optional<packet_link::Hello> hello(std::uint64_t run) const;
  [[nodiscard]] std::optional<packet_link::Hello> newest_hello() const;
  [[nodiscard]] Cursor begin() const;
  [[nodiscard]] Cursor end() const;
  // Empty when nothing stands there (yet, or no longer: ask begin()).
  [[nodiscard]] std::optional<Entry> at(Cursor cursor) const;

 private:
  struct Kept {
    Entry entry;
    PictureIndex came_at; // the first track's newest picture at that time
  };
  void drop_old();
  const std::int64_t keep_pictures_;
  mutable std::mutex mutex_;
  std::map<std::uint64_t, packet_link::Hello> hellos_;
  std::deque<Kept> entries_;
  Cursor begin_ = 0; // of entries_.front()
  std::size_t bytes_ = 0;
  std::int64_t newest_picture_ = 0;
};

} // namespace pult::transcode
