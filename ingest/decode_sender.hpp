// Hands one feed's bytes to its decoder, and to the one that comes after it.
//
// Dials `decode@<feed>.media.sock` for ever. On connect: hello, the replay ring (the bytes since the last key frame),
// then live. Bound: 24 MiB wait for a decoder that does not read (2 s of GOP at 50 Mbit/s and the live bytes on top).
// Full: everything is dropped, and counted, until a key frame comes while the queue is less than half full; then it
// goes on from that key frame with its tables, so that no half picture reaches the decoder. io thread only.
#pragma once

#include "base/link.hpp"
#include "ingest/replay_ring.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace pult::ingest {

class DecodeSender {
 public:
  static constexpr std::size_t kMaxQueuedBytes = 24u << 20;

  // `ring` is the feed's and outlives the sender.
  DecodeSender(asio::io_context& io, std::string socket_path, std::string feed, const ReplayRing& ring);
  ~DecodeSender();

  void start();
  // What was just pushed into the ring; `enters` when a key frame became known by it.
  void live(const TsChunk& chunk, bool enters);

  [[nodiscard]] bool is_connected() const { return link_ != nullptr; }
  [[nodiscard]] std::uint64_t dropped_bytes() const { return dropped_bytes_; }
  [[nodiscard]] std::uint64_t connects() const { return connects_; }

 private:
  void on_link(std::shared_ptr<Link> link);
  void send_replay();
  bool send(const TsChunk& chunk, bool replayed);

  LinkDialer dialer_;
  std::string feed_;
  const ReplayRing& ring_;
  std::shared_ptr<Link> link_;
  bool dropping_ = false;
  std::uint64_t dropped_bytes_ = 0;
  std::uint64_t connects_ = 0;
};

} // namespace pult::ingest
