// The port at which senders knock: who is let in is decided in libsrt's receive thread, who came in is taken here.
//
// The callback only looks up (stream id → feed, the feed's seat, the address's budget), sets passphrase and latency of
// the new connection or a reject reason, and notes the attempt in a lock-free ring. libsrt then checks the key by
// itself and says nothing of a wrong one: an attempt that was let through and never accepted is a wrong key.
// Everything but the callback is for the poller thread. The listener must outlive libsrt's receive thread: close() it
// before it goes.
#pragma once

#include "ingest/feed_access.hpp"
#include "ingest/guess_budget.hpp"
#include "ingest/seat.hpp"
#include "ingest/spsc_ring.hpp"
#include "ingest/srt_raii.hpp"

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace pult::ingest {

// One knock at the port, as the callback saw it.
struct Attempt {
  SRTSOCKET socket = SRT_INVALID_SOCK;
  PeerAddress peer;
  std::string stream_id;
  const FeedAccess::Entry* entry = nullptr; // of the feed that was asked for, when there is one
  std::optional<Refusal> refusal;           // empty: let through to the key
  Nanoseconds at{};
};

class SrtListener {
 public:
  // `seats` has one entry for each feed of the config. Both are only referred to.
  SrtListener(const FeedAccess& access, std::deque<Seat>& seats) : access_(access), seats_(seats) {}

  // Binds and listens; "[::]" takes IPv4 as well. Port 0: the system chooses, address() tells.
  Result<void> open(const ListenAddress& address);
  void close() { socket_.reset(); }

  struct Accepted {
    SrtSocket socket;
    PeerAddress peer;
    const FeedAccess::Entry* entry;
  };
  std::optional<Accepted> accept();

  // Attempts that were refused since the last call, wrong keys among them (known some milliseconds later).
  std::vector<Attempt> take_refused(Nanoseconds now);

  [[nodiscard]] SRTSOCKET get() const { return socket_.get(); }
  [[nodiscard]] bool is_open() const { return static_cast<bool>(socket_); }
  [[nodiscard]] int port() const; // as bound

 private:
  static int on_knock(void* self, SRTSOCKET socket, int handshake_version, const sockaddr* peer, const char* stream_id);
  std::optional<Refusal> judge(Attempt& attempt, int handshake_version, Nanoseconds now);
  std::optional<Refusal> spend(const Attempt& attempt, Nanoseconds now);
  Result<void> set_options(bool ipv6);
  void drain_attempts();
  void answered(SRTSOCKET socket);
  static std::uint64_t budget_key(const PeerAddress& peer, std::size_t feed);

  const FeedAccess& access_;
  std::deque<Seat>& seats_;
  GuessBudget budget_;
  SpscRing<Attempt, 256> attempts_;
  std::vector<Attempt> pending_; // let through, not yet accepted
  std::vector<Attempt> refused_;
  SrtSocket socket_;
};

// Options that a connection of ours needs before it exists: listener and caller alike.
Result<void> set_receive_options(SRTSOCKET socket, std::chrono::milliseconds latency);

} // namespace pult::ingest
