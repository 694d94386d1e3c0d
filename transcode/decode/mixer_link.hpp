// The way to the mixer: dials `transcode.media.sock`, holds its ring, sends pictures and sound.
//
// When the mixer goes, so does its ring; pictures are then dropped (and counted by who wanted to send them) until a new
// mixer has sent a new one. Sound that the socket cannot take waits in a queue of one second; full, the oldest is
// dropped. The class belongs to the io thread; ring, send_picture and send_sound may be called from the decoding
// thread, and must not be called any more when this is destroyed.
#pragma once

#include "base/link.hpp"
#include "transcode/decode/picture_ring.hpp"

#include <atomic>
#include <deque>
#include <mutex>
#include <string>

namespace pult::transcode::decode {

class MixerLink {
 public:
  static constexpr std::size_t kMostSoundWaiting = 50; // frames of 20 ms

  MixerLink(asio::io_context& io, std::string socket_path, std::string feed);
  ~MixerLink();
  void start() { dialer_.dial(); }
  void stop();

  [[nodiscard]] std::shared_ptr<PictureRing> ring() const;
  // `picture.slot` was taken from `ring` and filled.
  void send_picture(std::shared_ptr<PictureRing> ring, const picture_link::Picture& picture);
  void send_sound(Sample first, std::span<const float> interleaved);

  [[nodiscard]] bool connected() const { return ring() != nullptr; }
  [[nodiscard]] std::uint64_t sound_dropped() const { return sound_dropped_; }
  [[nodiscard]] std::uint64_t connections() const { return connections_; }

 private:
  void on_link(std::shared_ptr<Link> link);
  void on_closed(const Error& reason);
  Result<void> on_frame(std::uint16_t type, ByteView payload, UniqueFd fd);
  Result<void> take_ring(ByteView payload, const UniqueFd& fd);
  void set_ring(std::shared_ptr<PictureRing> ring);
  void pass_picture(const std::shared_ptr<PictureRing>& ring, const picture_link::Picture& picture);
  void pass_sound(SharedBytes frame);

  asio::io_context& io_;
  std::string feed_;
  LinkDialer dialer_;
  std::shared_ptr<Link> link_;
  std::deque<SharedBytes> sound_waiting_;
  mutable std::mutex mutex_; // ring_
  std::shared_ptr<PictureRing> ring_;
  std::uint64_t sound_dropped_ = 0;
  std::uint64_t connections_ = 0;
  std::shared_ptr<MixerLink*> self_; // null when gone: late callbacks become no-ops
};

} // namespace pult::transcode::decode
