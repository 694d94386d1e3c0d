#include "control/talks/job_book.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <map>
#include <optional>

namespace pult::control {
namespace {

namespace json = boost::json;

std::string text_at(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::int64_t number_at(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value != nullptr && value->is_number() ? value->to_number<std::int64_t>() : 0;
}

} // namespace

json::object to_json(const ArchiveJob& job) {
  return {{"id", job.id},
          {"kind", job.kind},
          {"talk", job.talk},
          {"to", job.to},
          {"state", job.state},
          {"doing", job.doing},
          {"error", job.error},
          {"progress", job.progress},
          {"ordered", job.ordered.count()},
          {"ended", job.ended.count()},
          {"watchable", job.watchable},
          {"result", job.result}};
}

std::optional<ArchiveJob> job_from_json(const json::object& from) {
  ArchiveJob job;
  job.id = number_at(from, "id");
  job.kind = text_at(from, "kind");
  if (job.id <= 0 || job.kind.empty()) return std::nullopt;
  job.talk = text_at(from, "talk");
  job.to = text_at(from, "to");
  job.state = text_at(from, "state");
  job.error = text_at(from, "error");
  job.ordered = Nanoseconds(number_at(from, "ordered"));
  job.ended = Nanoseconds(number_at(from, "ended"));
  if (const auto* result = from.if_contains("result"); result != nullptr && result->is_object())
    job.result = result->get_object();
  if (!job.finished()) job.state = "waiting"; // whoever did it is gone with the pultd that knew
  return job;
}

void JobBook::cancel(ArchiveJob& job) {
  job.state = "cancelled";
  changed_.push_back(job);
}

void JobBook::order(std::string kind, std::string talk, std::string to, Nanoseconds now) {
  for (auto& job : jobs_)
    if (!job.finished() && job.kind == kind && job.talk == talk && job.to == to) cancel(job);
  const auto finished = static_cast<std::size_t>(
      std::count_if(jobs_.begin(), jobs_.end(), [](const ArchiveJob& job) { return job.finished(); }));
  if (finished >= kFinishedKept)
    jobs_.erase(std::find_if(jobs_.begin(), jobs_.end(), [](const ArchiveJob& job) { return job.finished(); }));
  ArchiveJob job;
  job.id = std::max<std::int64_t>(jobs_.empty() ? 0 : jobs_.back().id, now.count() / 1'000'000'000) + 1;
  job.kind = std::move(kind);
  job.talk = std::move(talk);
  job.to = std::move(to);
  job.ordered = now;
  changed_.push_back(job);
  jobs_.push_back(std::move(job));
}

std::vector<ArchiveJob> JobBook::take_report(const json::array& reports, Nanoseconds now) {
  std::vector<ArchiveJob> ended;
  for (const auto& entry : reports) {
    const auto* report = entry.if_object();
    if (report == nullptr) continue;
    const auto id = number_at(*report, "id");
    const auto job = std::find_if(jobs_.begin(), jobs_.end(), [&](const ArchiveJob& one) { return one.id == id; });
    if (job == jobs_.end() || job->finished()) continue;
    const auto state = text_at(*report, "state");
    const auto* watchable = report->if_contains("watchable");
    const bool can_watch = watchable != nullptr && watchable->is_bool() && watchable->get_bool();
    const bool worth = state != job->state || can_watch != job->watchable;
    job->watchable = can_watch;
    job->state = state;
    job->doing = text_at(*report, "doing");
    job->error = text_at(*report, "error");
    if (const auto* progress = report->if_contains("progress"); progress != nullptr && progress->is_number())
      job->progress = progress->to_number<double>();
    if (const auto* result = report->if_contains("result"); result != nullptr && result->is_object())
      job->result = result->get_object();
    if (job->finished()) job->ended = now;
    if (worth) changed_.push_back(*job);
    if (job->finished()) ended.push_back(*job);
  }
  return ended;
}

void JobBook::cancel_of(const std::string& talk) {
  for (auto& job : jobs_)
    if (!job.finished() && job.talk == talk) cancel(job);
}

std::vector<const ArchiveJob*> JobBook::unfinished() const {
  std::vector<const ArchiveJob*> list;
  for (const auto& job : jobs_)
    if (!job.finished()) list.push_back(&job);
  return list;
}

std::size_t JobBook::failed() const {
  std::map<std::string, const ArchiveJob*> newest;
  for (const auto& job : jobs_)
    newest[job.talk + (job.talk.empty() ? job.kind : "")] = &job;
  return static_cast<std::size_t>(
      std::count_if(newest.begin(), newest.end(), [](const auto& one) { return one.second->state == "failed"; }));
}

std::unordered_map<std::string_view, JobBook::Newest> JobBook::newest() const {
  std::unordered_map<std::string_view, Newest> newest;
  for (const auto& job : jobs_) {
    auto& of = newest[job.talk];
    of.any = &job;
    if (job.kind == "cut") of.cut = &job;
  }
  return newest;
}

JobBook::Newest JobBook::newest_of(const std::string& talk) const {
  const auto all = newest();
  const auto found = all.find(talk);
  return found != all.end() ? found->second : Newest{};
}

} // namespace pult::control
