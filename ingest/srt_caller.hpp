// Caller mode: we dial an encoder that listens, for ever, with a pause that grows from 0.5 s to 10 s.
//
// The address is looked up in a thread of its own (DNS may take seconds), the connection is made without blocking. A
// connection that has stood for 10 s resets the pause. Poller thread only.
#pragma once

#include "ingest/srt_listener.hpp"
#include "ingest/srt_raii.hpp"
#include "ingest/srt_url.hpp"

#include <chrono>
#include <future>
#include <optional>
#include <string>

namespace pult::ingest {

class SrtCaller {
 public:
  SrtCaller(std::size_t feed, SrtUrl url) : feed_(feed), url_(std::move(url)) {}
  // What the config says of that feed, its own keys first.
  static Result<SrtCaller> of(const RoomConfig& config, std::size_t feed);

  // Does what is due. A failed attempt is returned once, in words.
  std::optional<Error> tick(Nanoseconds now, SrtEpoll& epoll);
  // The connecting socket has something to say: gives it away when it is connected.
  std::optional<SrtSocket> on_event(int events, Nanoseconds now, std::optional<Error>& failed);
  // The connection that was given away is gone.
  void lost(Nanoseconds now);
  // No pause any more: dialled at the next tick, and the next pause is short again.
  void dial_at_once();

  [[nodiscard]] std::size_t feed() const { return feed_; }
  [[nodiscard]] SRTSOCKET get() const { return connecting_.get(); }
  [[nodiscard]] const PeerAddress& peer() const { return peer_; }
  [[nodiscard]] Nanoseconds pause() const { return pause_; }

 private:
  enum class Step { kPause, kLookup, kConnect, kConnected };
  static constexpr Nanoseconds kFirstPause = std::chrono::milliseconds(500);
  static constexpr Nanoseconds kLongestPause = std::chrono::seconds(10);

  void begin_lookup();
  std::optional<Error> connect(SrtEpoll& epoll);
  Error fail(Error error, Nanoseconds now);

  std::size_t feed_;
  SrtUrl url_;
  Step step_ = Step::kPause;
  Nanoseconds next_{};
  Nanoseconds pause_ = kFirstPause;
  Nanoseconds connected_at_{};
  std::future<Result<PeerAddress>> lookup_;
  PeerAddress peer_;
  SrtSocket connecting_;
};

} // namespace pult::ingest
