// The program's io side as a whole: the poller, the feeds, what the crew hears of them.
//
// Owns no policy of its own: wires poller events to feeds, ticks them, and makes the report. io thread only, except the
// poller that it starts.
#pragma once

#include "base/config.hpp"
#include "base/run_dir.hpp"
#include "ingest/feed.hpp"
#include "ingest/handover.hpp"
#include "ingest/iso_recorder.hpp"
#include "ingest/refusal_log.hpp"
#include "ingest/srt_poller.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace pult::ingest {

class Ingest {
 public:
  struct Params {
    std::optional<int> own_port;
    std::function<void()> on_progress;
    // A line for the crew; `kind` stands in the details. io thread.
    std::function<void(std::string_view level, std::string text, boost::json::object details)> event;
    // Whoever keeps the feeds' own bytes: one a disk; none when the config says so.
    std::vector<std::shared_ptr<IsoRecorder>> recorders;
  };
  Ingest(asio::io_context& io, const RoomConfig& config, const RunDir& run_dir, Params params);
  ~Ingest();

  void start();
  void stop(); // senders learn at once; nothing is handled afterwards
  // {"command": "restart-feed", "feed": "cam1"}: a connection that does not work is closed, what we dial is dialled;
  // other commands are not ours.
  void command(const boost::json::object& command);
  // {"port", "feeds": [...], "handover_dropped", "refused", "refusals": [the latest kinds, newest first]}
  [[nodiscard]] boost::json::object report() const;
  [[nodiscard]] int port() const { return port_; }

 private:
  void record(const Arrived& event);
  void add_feeds(const RoomConfig& config, const RunDir& run_dir);
  void take(PollerEvent event);
  void take_refused(const Refused& refused, Nanoseconds now);
  void take_port(const PortState& state);
  void tell_refused(const RefusalLog::Line& line);
  [[nodiscard]] boost::json::array refusals_json() const;
  void tell(std::string_view level, std::string_view kind, std::string text, boost::json::object details);
  void tick();

  asio::io_context& io_;
  Params params_;
  std::map<std::size_t, std::unique_ptr<Feed>> feeds_; // by index in the config
  std::map<std::string, std::size_t, std::less<>> by_name_;
  std::map<std::size_t, std::string> names_;
  RefusalLog refusals_;
  std::uint64_t refused_ = 0;
  int port_ = 0;
  std::string port_trouble_;
  std::shared_ptr<Handover> handover_;
  std::unique_ptr<SrtPoller> poller_;
  SteadyTimer timer_;
};

} // namespace pult::ingest
