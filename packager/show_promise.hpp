// `data_dir/show.json`: which show this is and how far its numbers may have gone, safe over a power cut.
//
// The run directory is memory and is gone after a reboot; caches and players still know the URLs of before. So the
// highest sequence number that may be published is promised on disk ahead of time, and a show that lost its timeline
// goes on above it: no URL ever has other bytes. Writing is durable and happens on a thread of its own
// ("show-promise"): live never waits for a disk, the promise runs two minutes ahead. need() from any one thread.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "base/result.hpp"

namespace pult::packager {

class ShowPromise {
 public:
  struct Record {
    std::string show;
    std::int64_t highest_sequence = -1;
  };

  explicit ShowPromise(std::filesystem::path data_dir);
  ShowPromise(const ShowPromise&) = delete;
  ShowPromise& operator=(const ShowPromise&) = delete;
  ~ShowPromise(); // writes what is due

  // What the disk says; before the first need().
  [[nodiscard]] static std::optional<Record> read(const std::filesystem::path& data_dir);

  // This sequence number of this show is about to be published.
  void need(const std::string& show, std::int64_t sequence);

 private:
  void run(const std::stop_token& stop);

  std::filesystem::path file_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  Record wanted_;
  bool dirty_ = false;
  std::jthread thread_;
};

} // namespace pult::packager
