// Does the jobs that are wanted, one after the other, on a thread of its own; says how far each is.
//
// The list of wanted jobs is handed in whole, again and again; a job that is known by its id is not begun twice, one
// that is no longer wanted is stopped. The VOD playlists of cuts are written by a second thread before anything else,
// also while another job runs: a talk can be watched within a moment of its end. want() and reports() from any thread.
#pragma once

#include "packager/jobs/publish.hpp"

#include <condition_variable>
#include <map>
#include <mutex>
#include <set>
#include <thread>

namespace pult::packager::jobs {

struct JobReport {
  std::int64_t id = 0;
  std::string state; // "waiting", "running", "done", "failed"
  std::string doing;
  double progress = 0;
  bool watchable = false; // of a cut: the VOD playlists are there
  boost::json::object result;
  std::string error;
};

class JobRunner {
 public:
  struct Callbacks {
    std::function<void()> changed; // from the runner's threads
    std::function<void()> beat;    // the job thread makes progress
  };
  JobRunner(ArchiveFolders archive, Callbacks callbacks);
  ~JobRunner(); // stops what runs; it begins again when it is wanted again

  void want(std::vector<Job> jobs);
  [[nodiscard]] std::vector<JobReport> reports() const; // of all that are wanted, in their order

 private:
  struct Known {
    Job job;
    JobReport report;
    bool vod_tried = false;
  };
  void work();
  void write_playlists();
  void run(const Job& job);
  [[nodiscard]] Result<boost::json::object> do_job(const Job& job, const Report& report);
  [[nodiscard]] bool wanted(std::int64_t id) const;
  void update(std::int64_t id, const std::function<void(JobReport&)>& change);
  Known* next_waiting();
  Known* next_without_vod();

  ArchiveFolders archive_;
  Callbacks callbacks_;
  mutable std::mutex mutex_;
  std::condition_variable woken_;
  std::vector<Known> known_;
  bool stopping_ = false;
  std::jthread worker_, quick_;
};

boost::json::object to_json(const JobReport& report);

} // namespace pult::packager::jobs
