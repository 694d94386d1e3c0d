// Records the clean programme into one directory: a thread of its own behind a bounded queue.
//
// Takes the same parts as the window, those of the programme without the crew's slates. A disk that is full, slow or
// dead costs the recording what it costs, marked as a hole, and is tried again each second; it never costs the
// programme anything: the queue has a bound, and what does not fit is dropped by whole parts and counted. Below a
// reserve of free space the recorder stops by itself, so that databases and logs beside it can still be written. While
// held nothing of the programme is taken. PartSink's calls come from the timeline thread; hold() and status() from any.
#pragma once

#include "base/bounded_queue.hpp"
#include "packager/recording/recording_file.hpp"

#include <atomic>
#include <boost/json/object.hpp>
#include <functional>
#include <mutex>
#include <thread>
#include <variant>

namespace pult::packager {

inline constexpr std::size_t kRecorderQueueBytes = 48u << 20; // about 40 s of the default ladder

class Recorder : public PartSink {
 public:
  struct Params {
    std::filesystem::path folder; // of program/
    Nanoseconds epoch_wall{};
    std::chrono::days keep{0};                  // 0: nothing goes by itself
    std::uint64_t reserve_bytes = 256ull << 20; // stays free
    std::size_t queue_bytes = kRecorderQueueBytes;
    std::chrono::milliseconds look{5000}; // at the space that is left
    // A line for the crew. From the recorder's thread.
    std::function<void(std::string_view level, std::string text)> event;
  };
  explicit Recorder(Params params);
  ~Recorder() override; // writes what is queued

  void hold(bool held) { held_ = held; }
  // {"state","show","file_bytes","queued_bytes","dropped_parts","holes","trouble","free_bytes","bytes_per_s",
  // "free_minutes"}
  [[nodiscard]] boost::json::object status() const;

  void show_begins(const Show& show) override;
  void init_section(const InitSection& init) override;
  void part(const PublishedPart& part) override;
  void show_ends(const std::string& show_id) override;

 private:
  struct Held {}; // what follows comes after a hold
  struct Lost {}; // what follows comes after parts that were dropped
  struct Ended {
    std::string show;
  };
  using Job = std::variant<Show, InitSection, PublishedPart, Held, Lost, Ended>;

  void run();
  void take(const Show& show);
  void take(const InitSection& init);
  void take(const PublishedPart& part);
  void take(const Held& held);
  void take(const Lost& lost);
  void take(const Ended& ended);
  void make_safe();
  void failed(const Error& error);
  void look_at_disk();
  void warn_of_space(double minutes);
  void publish_status();
  void sweep();

  Params params_;
  std::atomic<bool> held_{false};
  // The timeline thread's.
  bool was_held_ = false;
  bool lost_ = false;
  std::atomic<std::uint64_t> dropped_{0};
  BoundedQueue<Job> jobs_;

  // The writer thread's.
  std::optional<Show> show_;
  std::vector<RecordingTrack> tracks_;
  std::string trouble_; // empty: well
  Nanoseconds retry_at_{};
  Nanoseconds looked_at_{};
  Nanoseconds swept_at_{};
  std::uint64_t written_ = 0; // bytes since the last look
  std::uint64_t holes_ = 0;
  std::uint64_t free_bytes_ = 0;
  double bytes_per_s_ = 0;
  int warned_minutes_ = 0; // the alarm that was given: 10 or 2; 0: none
  bool unsafe_ = false;    // something was written since the last sync

  mutable std::mutex status_mutex_;
  boost::json::object status_;
  std::jthread thread_; // last: ends before the rest goes
};

// How long the space lasts at this rate; nothing while the rate is not known.
[[nodiscard]] std::optional<double> minutes_left(std::uint64_t free_bytes, std::uint64_t reserve, double bytes_per_s);

} // namespace pult::packager
