// Hands the packets to the packager, and takes its wishes (base/messages/packet_link).
//
// Dials `packager.media.sock` for ever. What is sent comes out of the packet ring by a cursor: a packager that was away
// or slow gets what it missed, as long as the ring has it (30 s). What the ring has dropped before it was sent is
// counted; the packager goes on at the next key frame. A new encoder run is announced by its Hello before its first
// packet. Slates are sent when they are there, behind what is live. The io thread.
#pragma once

#include "transcode/packet_ring.hpp"

#include "base/link.hpp"

#include <functional>
#include <map>

namespace pult::transcode {

class PackagerSender {
 public:
  using OnIdrRequest = std::function<void(std::uint32_t request)>;
  PackagerSender(asio::io_context& io, std::string socket_path, std::shared_ptr<PacketRing> ring,
                 OnIdrRequest on_idr_request);
  ~PackagerSender();

  void start() { dialer_.dial(); }
  void pump(); // there is something new in the ring
  void answer_idr(std::uint32_t request, PictureIndex n);
  void add_slate(const packet_link::Slate& slate);

  struct Counts {
    bool connected = false;
    std::uint64_t sent = 0;
    std::uint64_t missed = 0; // dropped by the ring before they could be sent
    std::uint64_t behind = 0; // packets in the ring that wait
  };
  [[nodiscard]] Counts counts() const;
  [[nodiscard]] bool flushed() const; // nothing waits, or nobody is there to take it

 private:
  void on_link(std::shared_ptr<Link> link);
  Result<void> on_frame(std::uint16_t type, ByteView payload);
  Result<void> resume(ByteView payload);
  void greet();
  bool send_hello(const packet_link::Hello& hello);
  bool send_packets();
  bool is_wanted(const PacketRing::Entry& entry) const;

  LinkDialer dialer_;
  std::shared_ptr<PacketRing> ring_;
  OnIdrRequest on_idr_request_;
  std::shared_ptr<PackagerSender*> self_; // null when gone: late callbacks become no-ops

  std::shared_ptr<Link> link_;
  std::uint64_t greeted_run_ = 0; // of the last Hello on this link; 0: none yet
  bool resumed_ = false;          // the packager said where it goes on
  PacketRing::Cursor cursor_ = 0;
  std::vector<std::int64_t> next_; // what the packager has already is left out
  std::map<std::pair<int, int>, SharedBytes> slates_;
  std::size_t slates_sent_ = 0;
  Counts counts_;
};

} // namespace pult::transcode
