// The timeline thread: takes packets from transcode, runs the metronome, writes and publishes parts.
//
// Owns everything between the socket `packager.media.sock` and the sinks: link, formats, timeline, run directory.
// Sinks are called on this thread. want() and status() from any thread; the callbacks come on this thread and must not
// block. What is wanted is applied at once: a show begins at the next segment and ends with the present one.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <thread>

#include <boost/json/object.hpp>

#include "base/config.hpp"
#include "base/heartbeat.hpp"
#include "base/messages/wanted_state.hpp"
#include "base/room_epoch.hpp"
#include "base/run_dir.hpp"
#include "packager/part_writer.hpp"

namespace pult::packager {

class LiveTimeline {
 public:
  struct Callbacks {
    std::function<void(const WantedState&, PictureIndex)> applied;
    std::function<void(std::string_view level, std::string text)> event;
  };

  // Listens, but begins nothing before the first want(). `heartbeat` and the sinks must outlive this.
  static Result<std::unique_ptr<LiveTimeline>> start(const RoomConfig& config, const RunDir& run_dir,
                                                     const RoomEpoch& epoch, Heartbeat& heartbeat, Sinks sinks,
                                                     Callbacks callbacks);
  ~LiveTimeline(); // stops the thread; the show stays open for the next packager

  void want(const WantedState& state);
  [[nodiscard]] boost::json::object status() const;

 private:
  struct Impl;
  explicit LiveTimeline(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

} // namespace pult::packager
