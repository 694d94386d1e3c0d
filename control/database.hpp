// pult.db: opens it, brings its tables up to date, reads and writes what is kept.
//
// WAL with synchronous = NORMAL: a power cut loses the last moments, never the file; the workers' own applied states
// cover a killed pultd. A file that is no database any more is set aside under a telling name and a new one begun:
// nobody repairs SQLite during a conference. Blocks on the disk: for the store thread only.
#pragma once

#include "control/kept.hpp"
#include "control/sqlite_raii.hpp"

#include <filesystem>

namespace pult::control {

class KeptDatabase {
 public:
  static constexpr int kEventsRead = 500;   // at start, for `pult events`
  static constexpr int kEventsKept = 20000; // a conference week; older ones go
  static constexpr int kJobsKept = 1000;

  static Result<KeptDatabase> open(const std::filesystem::path& file);

  Result<Kept> read();
  // All in one transaction; empty parts are left as they are.
  Result<void> write(const std::optional<KeptState>& state, const std::vector<Event>& events,
                     const std::optional<std::vector<TokenRecord>>& tokens);
  // Talks and jobs that changed, as their JSON; in one transaction.
  Result<void> write_archive(const std::vector<boost::json::object>& talks,
                             const std::vector<boost::json::object>& jobs);
  // Set when the file was found corrupt and set aside: where it lies now.
  [[nodiscard]] const std::string& set_aside() const { return set_aside_; }

 private:
  explicit KeptDatabase(Database database) : database_(std::move(database)) {}
  static Result<KeptDatabase> open_once(const std::filesystem::path& file);
  Result<void> migrate();
  Result<void> write_all(const std::optional<KeptState>& state, const std::vector<Event>& events,
                         const std::optional<std::vector<TokenRecord>>& tokens);
  Result<void> write_state(const KeptState& state);
  Result<void> write_event(const Event& event);
  Result<void> write_talk(const boost::json::object& talk);
  Result<void> write_job(const boost::json::object& job);
  Result<void> write_tokens(const std::vector<TokenRecord>& tokens);

  Database database_;
  std::string set_aside_;
};

} // namespace pult::control
