// The thread behind which the disk lies: no command waits for it.
//
// What is to be kept is handed over and written behind, in order, one transaction for all that waits; of the state only
// the newest waits. Every state is first written to `run_dir/state/pultd.json` (in memory), so that a killed pultd
// finds it even when the disk stood still. When writing fails, what waits is kept, tried again each second, and told as
// trouble; events have a bound and the oldest go, counted. All members are for the io thread; callbacks run there.
#pragma once

#include "base/asio.hpp"
#include "control/kept.hpp"
#include "control/room_opening.hpp"

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace pult::control {

class Store {
 public:
  static constexpr std::size_t kWaitingEvents = 2000; // a minute of a flapping room; 1 MB

  struct Callbacks {
    // First, from the run directory: what the workers and the last pultd applied.
    std::function<void(std::vector<KeptState>)> found;
    // When pult.db and show.json could be read; may come late, or never.
    std::function<void(Kept, std::optional<PromisedShow>)> loaded;
    std::function<void(std::string)> trouble; // "" when all is well again
  };

  Store(asio::io_context& io, std::filesystem::path data_dir, std::filesystem::path run_dir, Callbacks callbacks);
  ~Store(); // stops at once; see stop()

  void keep(const KeptState& state);
  void keep(Event event);
  void keep(std::vector<TokenRecord> tokens);
  // Talks and jobs that changed; of one that changes again before it was written, both are, in order.
  void keep_archive(std::vector<boost::json::object> talks, std::vector<boost::json::object> jobs);
  // A small file for another program, replaced whole.
  void keep_file(std::filesystem::path file, std::string text);
  // Writes what waits. False when the disk did not take it in time; the thread is then left behind.
  bool stop(std::chrono::milliseconds longest);

 private:
  struct Shared;
  std::shared_ptr<Shared> shared_; // with the thread, which may outlive us on a dead disk
};

} // namespace pult::control
