// One feed as the io thread sees it: its state, its bytes on the way to the decoder, what is known of it.
//
// Takes the poller's events in order; asks nobody back. Events for the crew go out by `tell`. io thread only.
#pragma once

#include "ingest/decode_sender.hpp"
#include "ingest/feed_report.hpp"
#include "ingest/feed_state.hpp"
#include "ingest/poller_events.hpp"
#include "ingest/ts_monitor.hpp"

#include <boost/json/object.hpp>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace pult::ingest {

class Feed {
 public:
  // A line for the crew: level, kind ("feed-connected"), text, details.
  using Tell =
      std::function<void(std::string_view level, std::string_view kind, std::string text, boost::json::object)>;
  struct Params {
    std::string name;
    std::string where; // where it is sent to, or dialled
    std::string decoder_socket;
  };
  Feed(asio::io_context& io, Params params, Tell tell, Nanoseconds now);

  void start() { sender_.start(); }
  void on(const Connected& event, Nanoseconds now);
  void on(const Arrived& event);
  void on(const Disconnected& event, Nanoseconds now);
  void on(const Measured& event);
  void on(const Refused& event, Nanoseconds now);
  void on(const DialFailed& event);
  void tick(Nanoseconds now); // ten times a second
  // The crew wants the feed started anew. True: its connection has to go. A sound one stays, because many an encoder
  // does not redial, and the decoder starts anew by itself; asked once more within 30 s, it goes, too.
  bool restart(Nanoseconds now);

  [[nodiscard]] FeedFacts facts(Nanoseconds now) const;

 private:
  struct Totals { // for what happened lately
    Nanoseconds at;
    std::uint64_t dropped, undecrypted, continuity;
  };
  void announce(const std::optional<FeedState::Change>& change, Nanoseconds now);
  void new_stream(Nanoseconds now);
  [[nodiscard]] LinkStats totals() const;
  [[nodiscard]] Totals counted(Nanoseconds now) const;
  void tell(std::string_view level, std::string_view kind, std::string text, boost::json::object details = {});

  Params params_;
  Tell tell_;
  FeedState state_;
  TsReader reader_;
  TsMonitor monitor_;
  ReplayRing ring_;
  DecodeSender sender_;

  std::string peer_;
  bool encrypted_ = false;
  std::uint32_t connection_ = 0;
  Nanoseconds connected_at_{};
  LinkStats link_, past_; // of the present connection; the sum of those before
  std::uint64_t past_continuity_ = 0;
  std::deque<Totals> lately_; // one a second, 10 s
  std::uint64_t takeovers_ = 0, connections_ = 0, refused_ = 0;
  std::optional<Refused> last_refusal_;
  Nanoseconds refused_at_{};
  std::optional<Nanoseconds> restarted_at_;
  std::string dial_trouble_;
};

} // namespace pult::ingest
