// The one connection that sends a feed, and its bytes as they come. Poller thread only.
//
// A feed has one sender at a time. Connection numbers count from a random start, so that they differ after a restart of
// ingest and the decoder begins the feed's clock anew.
#pragma once

#include "base/messages/feed_link.hpp"
#include "ingest/poller_events.hpp"
#include "ingest/seat.hpp"
#include "ingest/srt_raii.hpp"

#include <optional>
#include <string>

namespace pult::ingest {

class FeedIntake {
 public:
  FeedIntake(std::size_t feed, Seat& seat, std::uint32_t first_connection)
      : feed_(feed), seat_(seat), connection_(first_connection) {}

  // Takes the seat; the old sender, if any, is closed (it learns at once) and reported.
  Connected adopt(SrtSocket socket, const PeerAddress& peer, Nanoseconds now);
  // What there is, without waiting: at most one chunk's worth. Closes and says why when the sender is gone.
  std::optional<TsChunk> read(std::optional<Disconnected>& gone);
  // libsrt's numbers; marks the seat as heard when packets came in. Every 100 ms.
  std::optional<Measured> measure(Nanoseconds now);
  std::optional<Disconnected> close(const std::string& reason);

  [[nodiscard]] std::size_t feed() const { return feed_; }
  [[nodiscard]] SRTSOCKET get() const { return socket_.get(); }
  [[nodiscard]] bool is_connected() const { return static_cast<bool>(socket_); }

 private:
  std::size_t feed_;
  Seat& seat_;
  std::uint32_t connection_;
  SrtSocket socket_;
  std::string peer_;
  LinkStats stats_;
};

} // namespace pult::ingest
