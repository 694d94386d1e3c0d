// A worker's end of the state link: takes what is wanted, says what is.
//
// Listens at `<program>.state.sock` for pultd. The last applied state lies in `run_dir/state/<program>.json`, so a
// worker that restarts while pultd is away comes up right: `start` hands it out at once when there is one. Apply first,
// persist behind. All members and callbacks are for the thread that runs the io_context, except where said.
#pragma once

#include "base/link.hpp"
#include "base/messages/wanted_state.hpp"
#include "base/run_dir.hpp"

#include <boost/json/object.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace pult {

class Worker {
 public:
  struct Callbacks {
    std::function<void(const WantedState&)> wanted;          // a newer state; apply it, then call applied()
    std::function<boost::json::object()> report;             // asked once a second
    std::function<void(const boost::json::object&)> command; // may be empty
  };

  static Result<std::unique_ptr<Worker>> open(asio::io_context& io, const RunDir& run_dir, std::string program,
                                              Callbacks callbacks);
  ~Worker();

  // "Number n shows from picture p on" (for what shows in pictures; else the picture that is next). Persists the state.
  void applied(const WantedState& state, PictureIndex picture);
  // A line for the crew; also logged. `level`: "info", "warning" or "error". Any thread.
  void event(std::string_view level, std::string text, boost::json::object details = {});
  // Sends a report now rather than at the next full second.
  void report_now();
  [[nodiscard]] const WantedState& wanted() const { return wanted_; }
  void close();

 private:
  Worker(asio::io_context& io, RunDir run_dir, std::string program, Callbacks callbacks);
  void on_link(std::shared_ptr<Link> link);
  Result<void> on_frame(std::uint16_t type, ByteView payload);
  void take(const WantedState& state);
  void send(std::uint16_t type, const boost::json::object& message);
  void tick();
  void load_last();

  asio::io_context& io_;
  RunDir run_dir_;
  std::string program_;
  Callbacks callbacks_;
  WantedState wanted_;
  std::unique_ptr<LinkListener> listener_;
  std::vector<std::shared_ptr<Link>> links_;
  SteadyTimer timer_;
  std::string last_applied_;      // the last kApplied message, for a pultd that comes anew
  std::shared_ptr<Worker*> self_; // null when gone: late callbacks become no-ops
};

} // namespace pult
