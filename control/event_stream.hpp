// /api/v1/events as a WebSocket: the whole room at once, then numbered changes, the same for all.
//
// {"type":"snapshot","seq":N,"status":{…},"events":[…]}, then {"type":"change","seq":N+1,"status":{only the members
// that changed}} and {"type":"event","seq":N+2,"event":{…}}. A gap in seq cannot happen on one connection; whoever lost
// the connection comes again and gets a snapshot. Looked at ten times a second while anybody listens, computed once for
// all. A reader that does not take it is closed by the socket's own bound. One thread, the io thread.
#pragma once

#include "base/asio.hpp"
#include "base/http_websocket.hpp"
#include "control/room.hpp"

#include <boost/json/object.hpp>
#include <functional>
#include <list>
#include <memory>
#include <string>

namespace pult::control {

class EventStream {
 public:
  static constexpr std::size_t kMostListeners = 100; // desks, panels; each may have 4 MB waiting

  EventStream(asio::io_context& io, Room& room, std::function<boost::json::object()> status);
  [[nodiscard]] bool full() const { return listeners_.size() >= kMostListeners; }
  // Serves one listener until it goes.
  Task<> serve(std::shared_ptr<http::WebSocket> socket, std::string name);
  void drop(const std::string& name); // its token was revoked
  void stop();

 private:
  struct Listener {
    std::shared_ptr<http::WebSocket> socket;
    std::string name;
  };
  void look_again();
  void look();
  void publish(boost::json::object message);
  void publish_status();
  void publish_events();
  std::string snapshot();

  Room& room_;
  std::function<boost::json::object()> status_of_room_;
  SteadyTimer timer_;
  std::list<Listener> listeners_;
  boost::json::object status_; // as it was told last
  std::int64_t seq_ = 0;
  std::int64_t last_event_ = 0;
  std::uint64_t looked_at_ = 0;
  bool stopped_ = false;
};

} // namespace pult::control
