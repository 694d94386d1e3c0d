// The slow work that was ordered, what became of it, and what is still to be done. Pure; any thread.
//
// pult-jobs gets the whole list of unfinished jobs again and again and says how far each is; a job that nobody has
// heard of for a while is simply in the next list. Finished ones are kept for people to see, the last few hundred.
#pragma once

#include "base/programme_time.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace pult::control {

struct ArchiveJob {
  std::int64_t id = 0;
  std::string kind;              // "cut", "publish", "withdraw", "pages", "export"
  std::string talk;              // its id; empty: none
  std::string to;                // of an export
  std::string state = "waiting"; // "running", "done", "failed", "cancelled"
  std::string doing, error;
  double progress = 0;
  bool watchable = false;
  Nanoseconds ordered{}, ended{}; // wall time
  boost::json::object result;
  [[nodiscard]] bool finished() const { return state != "waiting" && state != "running"; }
};

boost::json::object to_json(const ArchiveJob& job);
std::optional<ArchiveJob> job_from_json(const boost::json::object& from);

class JobBook {
 public:
  static constexpr std::size_t kFinishedKept = 500;

  JobBook() = default;
  explicit JobBook(std::vector<ArchiveJob> jobs) : jobs_(std::move(jobs)) {}

  // A job of the same kind for the same talk that has not ended is taken back first: the newer order counts.
  void order(std::string kind, std::string talk, std::string to, Nanoseconds now);
  // What pult-jobs reports; gives the jobs that have ended by it.
  std::vector<ArchiveJob> take_report(const boost::json::array& reports, Nanoseconds now);
  // What is worth keeping has changed in these since the last call.
  std::vector<ArchiveJob> take_changed() { return std::exchange(changed_, {}); }
  void cancel_of(const std::string& talk); // withdrawn: nothing of it is made any more

  [[nodiscard]] const std::vector<ArchiveJob>& jobs() const { return jobs_; }
  [[nodiscard]] std::vector<const ArchiveJob*> unfinished() const; // in their order
  [[nodiscard]] std::size_t failed() const;                        // whose talk has no newer job
  // The newest of each talk, and its newest cut.
  struct Newest {
    const ArchiveJob* any = nullptr;
    const ArchiveJob* cut = nullptr;
  };
  [[nodiscard]] std::unordered_map<std::string_view, Newest> newest() const; // views into the jobs
  [[nodiscard]] Newest newest_of(const std::string& talk) const;

 private:
  void cancel(ArchiveJob& job);

  std::vector<ArchiveJob> jobs_; // ascending ids
  std::vector<ArchiveJob> changed_;
};

} // namespace pult::control
