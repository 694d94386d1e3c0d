// pultd's end of the state links: one to each worker of the room, dialled for ever.
//
// The whole wanted state goes out on connect and at each change; what comes back (applied numbers, reports, events) is
// kept here as last heard, so that status is a look at what is, never a question to anybody. A worker that is gone
// keeps its last report, marked as old. One thread.
#pragma once

#include "base/link.hpp"
#include "base/messages/wanted_state.hpp"
#include "base/run_dir.hpp"

#include <boost/json/object.hpp>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace pult::control {

struct WorkerView {
  std::string program;
  bool linked = false;
  Nanoseconds link_changed{}; // monotonic: when it came or went
  Nanoseconds last_heard{};   // monotonic; 0: never
  std::int64_t epoch = 0;     // applied
  std::int64_t number = 0;
  PictureIndex picture = 0; // from which that shows
  boost::json::object report;
  Nanoseconds reported{}; // monotonic; 0: never

  [[nodiscard]] bool applied(std::int64_t wanted_epoch, std::int64_t wanted_number) const {
    return std::pair(epoch, number) >= std::pair(wanted_epoch, wanted_number);
  }
};

class WorkerLinks {
 public:
  struct Callbacks {
    std::function<const WantedState&()> wanted;
    std::function<bool()> may_send; // false until it is known what is wanted
    std::function<void(const WorkerView&)> applied;
    std::function<void(const WorkerView&)> changed; // link or report
    std::function<void(const std::string& program, const boost::json::object&)> event;
  };

  WorkerLinks(asio::io_context& io, const RunDir& run_dir, const std::vector<std::string>& programs,
              Callbacks callbacks);
  ~WorkerLinks();

  void send_wanted(); // to all
  // One shot; false when nobody is there to take it.
  bool send_command(const std::string& program, const boost::json::object& command);
  [[nodiscard]] const WorkerView* find(const std::string& program) const;
  [[nodiscard]] std::vector<const WorkerView*> all() const; // in the order of the flow
  void close();

 private:
  struct Peer;
  void on_link(Peer& peer, std::shared_ptr<Link> link);
  void on_closed(Peer& peer, const Link* link);
  Result<void> on_frame(Peer& peer, std::uint16_t type, ByteView payload);
  void on_applied(Peer& peer, const boost::json::object& message);
  void send_wanted(Peer& peer);

  RunDir run_dir_;
  Callbacks callbacks_;
  std::vector<std::unique_ptr<Peer>> peers_;
  std::shared_ptr<WorkerLinks*> self_; // null when gone: late callbacks become no-ops
};

} // namespace pult::control
