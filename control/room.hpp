// The room as the crew wants it: the one place where wanted state changes, is numbered, sent and kept.
//
// Begins when pult.db was read; when the disk stands still, after a second from what the workers applied last. A
// command changes the state, sends it to all workers at once and keeps it behind; then it waits for the worker in whose
// hands it shows. A worker that reports a higher number than ours knows a change that a killed pultd lost on its way to
// the disk: we go on above it. One thread, the io thread.
#pragma once

#include "base/config.hpp"
#include "base/room_epoch.hpp"
#include "control/changes.hpp"
#include "control/feed_settings.hpp"
#include "control/journal.hpp"
#include "control/programs_watch.hpp"
#include "control/store.hpp"
#include "control/worker_links.hpp"

#include <chrono>
#include <functional>
#include <string>
#include <vector>

namespace pult::control {

// What became of a command.
struct Outcome {
  bool changed = false;
  bool shown = false;
  std::int64_t number = 0;
  PictureIndex picture = 0; // from which it shows
  std::string why_not;      // in plain words, when it does not show yet
};

class Room {
 public:
  struct Place {
    RoomConfig config;
    RunDir run_dir;
    RoomEpoch epoch;
    bool clean_start = false; // the room starts, not pultd alone
  };

  Room(asio::io_context& io, Place place);
  ~Room();

  struct Command {
    std::function<Result<WantedState>(const WantedState&)> change;
    std::string shows_in; // the worker to wait for; empty: nobody
    std::chrono::milliseconds patience{1000};
    std::string event; // for the journal, when something changed
  };
  Task<Result<Outcome>> run(Command command);

  [[nodiscard]] bool is_open() const { return open_; }
  Task<bool> opened(std::chrono::milliseconds longest); // false: not yet
  [[nodiscard]] const KeptState& kept() const { return kept_; }
  [[nodiscard]] const Place& place() const { return place_; }
  [[nodiscard]] SceneNames scenes() const;
  [[nodiscard]] FeedNames feeds() const;
  [[nodiscard]] std::vector<std::string> templates() const; // of lower thirds
  [[nodiscard]] PictureIndex picture_now() const;
  // One shot to a worker; false when it is not there to take it.
  bool tell_worker(const std::string& program, const boost::json::object& command) {
    return workers_->send_command(program, command);
  }
  [[nodiscard]] const WorkerLinks& workers() const { return *workers_; }
  [[nodiscard]] const std::vector<ProgramRecord>& programs() const { return programs_; }
  [[nodiscard]] const std::string& store_trouble() const { return store_trouble_; }
  [[nodiscard]] std::uint64_t changes() const { return changed_.given() + journal_.total(); } // another when it rises
  [[nodiscard]] Nanoseconds wall_of(PictureIndex n) const;
  [[nodiscard]] const std::vector<TokenRecord>& tokens() const { return tokens_; }
  void keep_tokens(std::vector<TokenRecord> tokens);
  // What pult.db held of talks and jobs when it was read; empty until then.
  [[nodiscard]] bool disk_was_read() const { return disk_was_read_; }
  [[nodiscard]] const std::vector<boost::json::object>& kept_talks() const { return kept_talks_; }
  [[nodiscard]] const std::vector<boost::json::object>& kept_jobs() const { return kept_jobs_; }
  void keep_talks(std::vector<boost::json::object> talks) { store_->keep_archive(std::move(talks), {}); }
  void keep_jobs(std::vector<boost::json::object> jobs) { store_->keep_archive({}, std::move(jobs)); }
  void keep_file(std::filesystem::path file, std::string text) { store_->keep_file(std::move(file), std::move(text)); }
  // Marks beside the wanted state; kept with its next change, which the caller makes.
  void mark_talk(const std::string& id, Nanoseconds in, Nanoseconds out);
  void mark_hold(bool stream, bool archive);
  Journal& journal() { return journal_; }
  [[nodiscard]] const Journal& journal() const { return journal_; }

  // Writes what waits; false when the disk did not take it in time.
  bool stop(std::chrono::milliseconds longest);

 private:
  void on_loaded(Kept kept, const std::optional<PromisedShow>& promised);
  void open(std::optional<KeptState> stored, const std::optional<PromisedShow>& promised);
  void open_without_disk();
  void commit(WantedState state);
  void on_applied(const WorkerView& view);
  void on_worker_changed(const WorkerView& view);
  void on_worker_event(const std::string& program, const boost::json::object& message);
  void on_programs(const std::vector<ProgramRecord>& programs);
  void go_above(std::int64_t epoch, std::int64_t number);
  void mark_shown(const WorkerView& view);
  void watch_ends();
  void end_what_is_over();

  Place place_;
  Journal journal_;
  Notice changed_;
  KeptState kept_;
  bool open_ = false;
  std::vector<KeptState> applied_;
  std::vector<TokenRecord> tokens_;
  std::vector<boost::json::object> kept_talks_, kept_jobs_;
  bool disk_was_read_ = false;
  std::vector<ProgramRecord> programs_;
  std::string store_trouble_;
  SteadyTimer opening_timer_;
  SteadyTimer ends_timer_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<WorkerLinks> workers_;
  std::unique_ptr<ProgramsWatch> watch_;
};

// The workers of a room, in the order of the flow.
std::vector<std::string> worker_names(const RoomConfig& config);
// An id for a show that begins now.
std::string new_show_id();
// Why something wanted does not show yet.
std::string why_not_shown(const WorkerView* view, Nanoseconds now);

inline constexpr auto kSilentAfter = std::chrono::milliseconds(2500); // workers report each second

} // namespace pult::control
