#include "control/talks/job_orders.hpp"

#include "base/clock.hpp"

#include <algorithm>
#include <boost/json.hpp>

namespace pult::control {
namespace {

namespace json = boost::json;

constexpr const char* kJobs = "pult-jobs";
constexpr std::chrono::seconds kSendAgain{5};
constexpr std::size_t kJobsAtOnce = 40; // a link's message holds so many talks; the rest comes when these are done

} // namespace

void JobOrders::load() {
  std::vector<ArchiveJob> jobs;
  for (const auto& record : room_.kept_jobs())
    if (auto job = job_from_json(record)) jobs.push_back(std::move(*job));
  std::sort(jobs.begin(), jobs.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
  book_ = JobBook(std::move(jobs));
}

void JobOrders::order(const std::string& kind, const std::string& talk, const std::string& to) {
  book_.order(kind, talk, to, wall_now());
  keep();
  send();
}

void JobOrders::take_reports(const std::function<void(const ArchiveJob&)>& ended) {
  const auto* view = room_.workers().find(kJobs);
  if (view == nullptr || !view->linked) {
    was_linked_ = false;
    return;
  }
  if (!std::exchange(was_linked_, true)) send();
  const auto* reports = view->report.if_contains("jobs");
  if (reports != nullptr && reports->is_array()) {
    const auto jobs = book_.take_report(reports->get_array(), wall_now());
    for (const auto& job : jobs)
      ended(job);
    keep();
    if (!jobs.empty()) send();
  }
  if (monotonic_now() - sent_at_ > kSendAgain) send();
}

void JobOrders::keep() {
  std::vector<json::object> records;
  for (const auto& job : book_.take_changed())
    records.push_back(to_json(job));
  if (!records.empty()) room_.keep_jobs(std::move(records));
}

// What a talk is cut from. The feed's delay is the one that it has now; the crew seldom changes it after the talk.
json::object JobOrders::source_of(const Talk& talk) const {
  const auto& wanted = room_.kept().wanted.feeds;
  const auto* config = room_.place().config.feed(talk.source_feed);
  const auto set = wanted.find(talk.source_feed);
  auto delay = config != nullptr ? config->delay : std::chrono::milliseconds{};
  if (set != wanted.end()) delay = set->second.delay.value_or(delay);
  return {{"feed", talk.source_feed}, {"delay_ms", delay.count()}, {"sound_offset_ms", talk.sound_offset_ms}};
}

void JobOrders::send() {
  json::array list;
  for (const auto* job : book_.unfinished()) {
    if (list.size() >= kJobsAtOnce) break;
    json::object one{{"id", job->id}, {"kind", job->kind}, {"to", job->to}};
    if (const auto* talk = talks_.find(job->talk)) {
      one["talk"] = to_json(*talk);
      one["source"] = source_of(*talk);
    }
    list.push_back(std::move(one));
  }
  sent_at_ = monotonic_now();
  room_.tell_worker(kJobs, {{"command", "jobs"}, {"jobs", std::move(list)}});
}

} // namespace pult::control
