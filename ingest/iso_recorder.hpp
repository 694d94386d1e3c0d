// Keeps each feed's own bytes as they came: `iso/<feed>/<YYYYMMDDTHH>[-k].ts` (UTC), with an index beside each file.
//
// The bytes are unchanged and in order; the index says what arrived when, in programme wall time, at least once a
// second and at each new connection: `at <wall ns> <offset> <connection>`. A new file begins each hour, with each start
// of the program, after a hold and after trouble. One thread behind a bounded queue: what a disk does costs these
// recordings (counted, told once, tried again each second), never the feed. take() and hold() are for the io thread;
// status() for any.
#pragma once

#include "base/bounded_queue.hpp"
#include "base/clock.hpp"
#include "base/messages/feed_link.hpp"
#include "base/unique_fd.hpp"
#include "ingest/poller_events.hpp"

#include <atomic>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>

namespace pult::ingest {

inline constexpr std::size_t kIsoQueueBytes = 32u << 20; // four feeds of 8 Mbit/s for 8 s

class IsoRecorder {
 public:
  struct Params {
    std::filesystem::path folder; // of iso/
    Nanoseconds epoch_monotonic{}, epoch_wall{};
    std::chrono::days keep{0};                // 0: nothing goes by itself
    std::uint64_t reserve_bytes = 256u << 20; // stays free
    std::size_t queue_bytes = kIsoQueueBytes;
    std::function<void(std::string_view level, std::string text)> event; // from the recorder's thread
  };
  explicit IsoRecorder(Params params);
  ~IsoRecorder(); // writes what is queued

  void take(const std::string& feed, const TsChunk& chunk);
  void hold(bool held) { held_ = held; }

  struct Status {
    std::uint64_t bytes = 0;   // written since the start
    std::uint64_t dropped = 0; // that did not fit into the queue, or onto the disk
    std::string trouble;       // empty: well
  };
  [[nodiscard]] Status status() const;

 private:
  struct Job {
    std::string feed;
    TsChunk chunk;
    bool anew = false; // what is before it was held or lost
  };
  struct File {
    UniqueFd media, index;
    std::uint64_t size = 0;
    std::int64_t hour = 0;
    Nanoseconds noted{}; // arrival of the last line
    std::uint32_t connection = 0;
  };
  void run();
  void write(const Job& job);
  Result<void> append(const Job& job);
  Result<void> begin_file(const std::string& feed, Nanoseconds wall);
  Result<void> note(File& file, const TsChunk& chunk, Nanoseconds wall);
  [[nodiscard]] Nanoseconds wall_of(Nanoseconds arrival) const;
  void failed(const Error& error, std::size_t bytes);
  void look_at_disk();
  void sync_all();
  void sweep();

  Params params_;
  std::atomic<bool> held_{false};
  std::map<std::string, bool> anew_; // the io thread's: feeds whose next chunk does not follow
  BoundedQueue<Job> jobs_;
  std::map<std::string, File> files_; // the recorder's thread's
  Nanoseconds looked_at_{}, retry_at_{}, swept_at_{};
  bool full_ = false;
  mutable std::mutex status_mutex_;
  Status status_;
  std::jthread thread_; // last: ends before the rest goes
};

} // namespace pult::ingest
