// The camera at work: dials, sends each packet when it is due, redials for ever.
//
// The wall clock is read once per connection and carried on by CLOCK_MONOTONIC, so a stepping wall clock never disturbs
// a connection. The stream's clock counts from a multiple of two minutes before the program's start: it keeps the phase
// of the wall clock (pts modulo 60 s is the second of the minute), goes on across connections, and wraps after 26 h
// like any camera's. Redials after 200 ms, then longer up to 2 s; from the start again once a connection has lasted 2
// s. A camera that was stopped for longer than a second takes up at the next key frame instead of sending the
// past. Says each change of state once on stderr. One thread.
#pragma once

#include "cam/media_source.hpp"
#include "cam/signals.hpp"
#include "cam/srt_sender.hpp"

#include <memory>
#include <string>

namespace pult::cam {

class Camera {
 public:
  Camera(std::string name, SrtTarget target, std::unique_ptr<MediaSource> source, Signals& signals);

  // Until a signal ends it. An error is one of our own media, never one of the network.
  [[nodiscard]] Result<void> run();

 private:
  // One connection, until it is lost (kUnavailable) or the program shall end (no error).
  [[nodiscard]] Result<void> serve(SrtSender& sender);
  [[nodiscard]] Result<void> send_next(SrtSender& sender, class TsMuxer& muxer,
                                       std::chrono::nanoseconds wall_less_monotonic);
  void say(const std::string& state);

  std::string name_;
  SrtTarget target_;
  std::unique_ptr<MediaSource> source_;
  Signals& signals_;
  Ticks origin_;
  std::string said_;
};

} // namespace pult::cam
