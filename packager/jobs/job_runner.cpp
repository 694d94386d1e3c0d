#include "packager/jobs/job_runner.hpp"

#include "packager/jobs/export.hpp"
#include "packager/jobs/pages.hpp"

#include <algorithm>
#include <pthread.h>
#include <spdlog/spdlog.h>

namespace pult::packager::jobs {
namespace {

using namespace std::chrono_literals;

constexpr auto kTellEvery = 200ms;
constexpr auto kIdle = 500ms; // the thread looks up, for its heartbeat

} // namespace

boost::json::object to_json(const JobReport& report) {
  return {{"id", report.id},
          {"state", report.state},
          {"doing", report.doing},
          {"progress", report.progress},
          {"watchable", report.watchable},
          {"result", report.result},
          {"error", report.error}};
}

JobRunner::JobRunner(ArchiveFolders archive, Callbacks callbacks)
    : archive_(std::move(archive)), callbacks_(std::move(callbacks)) {
  worker_ = std::jthread([this] {
    ::pthread_setname_np(::pthread_self(), "job");
    work();
  });
  quick_ = std::jthread([this] {
    ::pthread_setname_np(::pthread_self(), "playlists");
    write_playlists();
  });
}

JobRunner::~JobRunner() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  woken_.notify_all();
}

void JobRunner::want(std::vector<Job> jobs) {
  {
    const std::lock_guard lock(mutex_);
    std::vector<Known> known;
    for (auto& job : jobs) {
      const auto same =
          std::find_if(known_.begin(), known_.end(), [&](const Known& one) { return one.job.id == job.id; });
      if (same != known_.end()) {
        known.push_back(std::move(*same));
        continue;
      }
      Known fresh{std::move(job), {}, false};
      fresh.report.id = fresh.job.id;
      fresh.report.state = "waiting";
      known.push_back(std::move(fresh));
    }
    known_ = std::move(known);
  }
  woken_.notify_all();
}

std::vector<JobReport> JobRunner::reports() const {
  const std::lock_guard lock(mutex_);
  std::vector<JobReport> reports;
  for (const auto& known : known_)
    reports.push_back(known.report);
  return reports;
}

bool JobRunner::wanted(std::int64_t id) const {
  const std::lock_guard lock(mutex_);
  return !stopping_ && std::any_of(known_.begin(), known_.end(), [&](const Known& one) { return one.job.id == id; });
}

void JobRunner::update(std::int64_t id, const std::function<void(JobReport&)>& change) {
  {
    const std::lock_guard lock(mutex_);
    const auto known = std::find_if(known_.begin(), known_.end(), [&](const Known& one) { return one.job.id == id; });
    if (known == known_.end()) return;
    change(known->report);
  }
  callbacks_.changed();
}

JobRunner::Known* JobRunner::next_waiting() {
  const auto next =
      std::find_if(known_.begin(), known_.end(), [](const Known& one) { return one.report.state == "waiting"; });
  return next != known_.end() ? &*next : nullptr;
}

JobRunner::Known* JobRunner::next_without_vod() {
  const auto next = std::find_if(known_.begin(), known_.end(), [](const Known& one) {
    return one.job.kind == JobKind::kCut && one.job.source_feed.empty() && !one.vod_tried;
  });
  return next != known_.end() ? &*next : nullptr;
}

void JobRunner::work() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    callbacks_.beat();
    auto* next = next_waiting();
    if (next == nullptr) {
      woken_.wait_for(lock, kIdle);
      continue;
    }
    next->report.state = "running";
    const auto job = next->job;
    lock.unlock();
    run(job);
    lock.lock();
  }
}

void JobRunner::run(const Job& job) {
  spdlog::info("job {}: {} {}", job.id, name_of(job.kind), job.talk.slug);
  // Steps are small (a part of a track); who looks on wants to hear of them now and then.
  auto told = std::chrono::steady_clock::time_point{};
  std::string told_doing;
  const Report report = [&, id = job.id](const std::string& doing, double progress) {
    callbacks_.beat();
    const auto now = std::chrono::steady_clock::now();
    if (now - told < kTellEvery && doing == told_doing) return wanted(id);
    told = now;
    told_doing = doing;
    update(id, [&](JobReport& one) {
      one.doing = doing;
      one.progress = progress;
    });
    return wanted(id);
  };
  const auto done = do_job(job, report);
  if (!wanted(job.id)) return; // stopped: it begins again when it is wanted again
  update(job.id, [&](JobReport& one) {
    one.state = done ? "done" : "failed";
    one.progress = done ? 1 : one.progress;
    if (done) one.result = *done;
    if (!done) one.error = done.error().message;
  });
  if (!done) spdlog::error("job {}: {}", job.id, done.error().message);
}

Result<boost::json::object> JobRunner::do_job(const Job& job, const Report& report) {
  if (!report("begins", 0)) return Error{Errc::kUnavailable, "stopped"};
  auto done = Result<boost::json::object>(boost::json::object{});
  switch (job.kind) {
  case JobKind::kCut:
    return cut_talk(archive_, job, report);
  case JobKind::kExport:
    return export_talks(archive_, job.to, report);
  case JobKind::kPublish:
    done = publish_talk(archive_, job.talk);
    break;
  case JobKind::kWithdraw:
    done = withdraw_talk(archive_, job.talk);
    break;
  case JobKind::kPages:
    break;
  }
  if (!done) return done;
  if (auto written = write_pages(archive_); !written) return written.error();
  return done;
}

void JobRunner::write_playlists() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    auto* next = next_without_vod();
    if (next == nullptr) {
      woken_.wait_for(lock, kIdle);
      continue;
    }
    next->vod_tried = true;
    const auto job = next->job;
    lock.unlock();
    await_recorded(archive_, job.talk, [&] { return wanted(job.id); });
    const auto written = write_vod(archive_, job.talk);
    if (!written) spdlog::warn("job {}: playlists: {}", job.id, written.error().message);
    update(job.id, [&](JobReport& one) { one.watchable = written.ok(); });
    lock.lock();
  }
}

} // namespace pult::packager::jobs
