// The window on disk, for the io thread: what is handed in is written behind, what is asked for is read elsewhere.
//
// The io thread never touches a file: a `window-writer` thread takes segments from a queue bounded in bytes, two
// `window-read` threads serve reads from a queue bounded in number. When a queue is full the call says so and is
// counted: a disk that stalls costs rewind, never the live edge. One read per object however many wait for it.
// open() is for the start of the program and reads all indices; all else is for the io thread.
#pragma once

#include "base/asio.hpp"
#include "base/bounded_queue.hpp"
#include "packager/window_store.hpp"

#include <atomic>
#include <functional>
#include <thread>
#include <tuple>

namespace pult::packager {

inline constexpr std::size_t kWindowQueueBytes = 64u << 20; // about 50 s of a full ladder
inline constexpr std::size_t kWindowQueueReads = 64;        // each at most one segment: 64 × 1.3 MB
inline constexpr int kWindowReaders = 2;

class Window {
 public:
  // A folder that cannot be had costs rewind, not the start: it is logged, and tried again with each segment.
  static std::unique_ptr<Window> open(asio::io_context& io, std::filesystem::path folder);
  ~Window(); // writes what is queued

  // What lay on disk at the start; once.
  [[nodiscard]] std::vector<StoredShow> take_stored() { return std::move(stored_); }

  void begin(const Show& show);
  void end(const Show& show, Nanoseconds wall);
  void remove(const std::string& show);
  void keep_init(const std::string& show, const std::string& track, const InitSection& init);
  // Called in the io thread when the segment is on disk, or could not be written.
  using OnStored = std::function<void(const Result<WindowPlace>&)>;
  // False when the queue is full.
  bool append(const std::string& show, const std::string& track, const SegmentEntry& entry,
              const std::vector<SharedBytes>& parts, OnStored on_stored);
  void prune(const std::string& show, const std::string& track, std::int64_t first);
  // What is before `first` goes at once, also from files that hold what stays.
  void forget(const std::string& show, const std::string& track, std::int64_t first);

  // Null when the queue is full or the disk says no.
  [[nodiscard]] Task<SharedBytes> read(WindowPlace place);

  struct Counters {
    std::uint64_t refused_writes = 0; // the queue was full
    std::uint64_t failed_writes = 0;
    std::uint64_t refused_reads = 0;
    std::uint64_t failed_reads = 0;
  };
  [[nodiscard]] Counters counters() const;
  [[nodiscard]] std::size_t queued_bytes() const { return writes_.cost(); }
  [[nodiscard]] std::size_t unfinished() const { return unfinished_; } // jobs, also the one under way

 private:
  using TrackKey = std::pair<std::string, std::string>; // show, track
  // The writer thread's own.
  struct Disk {
    std::filesystem::path folder;
    std::map<TrackKey, WindowTrack> tracks;
    WindowTrack& track(const std::string& show, const std::string& name);
  };
  using Job = std::function<void(Disk&)>;
  using ReadKey = std::tuple<const std::filesystem::path*, std::uint64_t, std::size_t>;
  struct Reading {
    WindowPlace place;
    SteadyTimer done; // never expires; cancelled when the bytes are there
    bool finished = false;
    SharedBytes bytes;
  };
  struct Board { // outlives the window in callbacks that are still posted
    std::map<ReadKey, std::shared_ptr<Reading>> readings;
  };

  Window(asio::io_context& io, Disk disk, std::vector<StoredShow> stored);
  bool queue(Job job, std::size_t bytes);
  void write_loop();
  void read_loop();
  void report(const Result<void>& done, const char* what);

  asio::io_context& io_;
  Disk disk_;
  std::vector<StoredShow> stored_;
  BoundedQueue<Job> writes_{kWindowQueueBytes};
  BoundedQueue<std::shared_ptr<Reading>> reads_{kWindowQueueReads};
  std::shared_ptr<Board> board_ = std::make_shared<Board>();
  std::atomic<std::size_t> unfinished_{0};
  std::atomic<std::uint64_t> failed_writes_{0};
  std::atomic<std::uint64_t> failed_reads_{0};
  bool failing_ = false; // writer thread: said once, not per segment
  std::vector<std::jthread> threads_;
};

} // namespace pult::packager
