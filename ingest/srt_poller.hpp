// The thread that owns all SRT sockets: takes what comes in, dials what is to be dialled, and hands it over.
//
// One loop: commands, wait at libsrt's epoll (20 ms at most, since nothing else can wake it), senders that knocked,
// bytes of each feed, what is due every 100 ms. After a round with data it rests for 4 ms, so that a chunk holds what
// arrived within a few milliseconds instead of one packet. It never calls out but into the handover's queue, and its
// heartbeat is the program's: a hang of libsrt (#2740, #2745) gets us restarted.
// start, stop and command from the io thread.
#pragma once

#include "base/config.hpp"
#include "base/heartbeat.hpp"
#include "ingest/feed_intake.hpp"
#include "ingest/handover.hpp"
#include "ingest/srt_caller.hpp"
#include "ingest/srt_listener.hpp"

#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace pult::ingest {

class SrtPoller {
 public:
  struct Params {
    std::optional<int> own_port;       // serve the feeds of that port instead of the shared one
    std::function<void()> on_progress; // from the poller thread, each round
  };
  SrtPoller(const RoomConfig& config, Params params, std::shared_ptr<Handover> handover);
  ~SrtPoller();

  void start();
  // All senders learn at once that we go. Returns when the sockets are closed.
  void stop();
  // Closes the feed's connection, if there is one; a sender that redials makes a new one, what we dial is dialled at
  // once.
  void restart_feed(std::size_t feed);

 private:
  void run(const std::stop_token& stop);
  void run_commands();
  void start_anew(std::size_t feed);
  void keep_listening(Nanoseconds now);
  void wait_for_events();
  void accept_senders(Nanoseconds now);
  void seat(SrtListener::Accepted accepted, Nanoseconds now);
  bool read_feeds(Nanoseconds now);
  void serve_callers(Nanoseconds now);
  void do_what_is_due(Nanoseconds now);
  void report_refused(Nanoseconds now);
  void adopt(FeedIntake& intake, SrtSocket socket, const PeerAddress& peer, Nanoseconds now);
  void report_gone(std::optional<Disconnected> gone, Nanoseconds now);
  void close_all();
  SrtCaller* caller_of(std::size_t feed);

  RoomConfig config_;
  Params params_;
  std::shared_ptr<Handover> handover_;
  FeedAccess access_;
  std::deque<Seat> seats_;         // by feed; never moved, the callback reads them
  std::deque<FeedIntake> intakes_; // by feed
  std::vector<SrtCaller> callers_;
  SrtEpoll epoll_;
  SrtListener listener_;
  ListenAddress address_;
  Nanoseconds next_listen_{}, next_due_{};
  std::vector<SRT_EPOLL_EVENT> ready_;

  std::mutex commands_mutex_;
  std::vector<std::size_t> restarts_;
  std::jthread thread_; // last: ends before what it uses
};

} // namespace pult::ingest
