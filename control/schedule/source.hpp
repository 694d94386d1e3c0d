// Fetches a schedule from a file or an http(s) address, and looks again every so often: a thread of its own.
//
// By libcurl: 20 s, 20 MB, five redirects, http and https only, certificates checked. An address that gave an ETag or a
// date is asked whether anything is new. One fetch at a time, a few wait. Callbacks run in the io thread; none after
// the source is gone.
#pragma once

#include "base/asio.hpp"
#include "base/bounded_queue.hpp"
#include "base/result.hpp"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>

namespace pult::control {

class ScheduleSource {
 public:
  // Nothing: not changed since the last time (only when `only_new` was asked).
  using Fetched = std::function<void(Result<std::optional<std::string>>)>;

  explicit ScheduleSource(asio::io_context& io);
  ~ScheduleSource(); // waits for a running transfer, 20 s at most

  // False when too many wait.
  bool fetch(const std::string& source, bool only_new, Fetched fetched);

  static bool is_address(const std::string& source);

 private:
  struct Order {
    std::string source;
    bool only_new = false;
    Fetched fetched;
  };
  struct Seen { // of an address
    std::string etag, modified;
  };
  void run();
  Result<std::optional<std::string>> get(const Order& order);
  Result<std::optional<std::string>> download(const Order& order);

  asio::io_context& io_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  BoundedQueue<Order> orders_{8};
  std::map<std::string, Seen> seen_;        // the thread's own
  std::map<std::string, std::string> read_; // files: what they held last
  std::jthread thread_;
};

} // namespace pult::control
