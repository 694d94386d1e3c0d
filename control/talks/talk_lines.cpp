#include "control/talks/talk_lines.hpp"

#include "control/room_time.hpp"

#include <boost/json.hpp>

namespace pult::control {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;

json::object archive_line(const Talk& talk) {
  auto line = talk_line(talk);
  line["in"] = time_json(talk.in);
  line["out"] = time_json(talk.out);
  line["length_s"] = talk.out > talk.in ? std::chrono::duration<double>(talk.out - talk.in).count() : 0;
  if (const auto* bytes = talk.files.if_contains("bytes")) line["bytes"] = *bytes;
  const auto* gaps = talk.files.if_contains("gaps");
  line["gaps"] = gaps != nullptr && gaps->is_array() ? gaps->get_array().size() : 0;
  return line;
}

// A talk as the status has it.
json::object short_line(const Talk& talk) {
  return {{"id", talk.id},
          {"title", talk.title},
          {"speakers", names_json(talk.speakers)},
          {"record", talk.record},
          {"scene", talk.scene},
          {"start", time_json(talk.start)},
          {"end", talk.duration.count() == 0 ? json::value(nullptr) : json::value(iso_time(talk.end()))}};
}

} // namespace

json::array names_json(const std::vector<std::string>& names) {
  json::array list;
  for (const auto& name : names)
    list.emplace_back(name);
  return list;
}

json::value time_json(Nanoseconds wall) {
  return wall.count() == 0 ? json::value(nullptr) : json::value(iso_time(wall));
}

json::object job_json(const ArchiveJob& job) {
  auto out = to_json(job);
  out["ordered"] = time_json(job.ordered);
  out["ended"] = time_json(job.ended);
  return out;
}

json::object talk_line(const Talk& talk) {
  return {{"id", talk.id},
          {"slug", talk.slug},
          {"title", talk.title},
          {"speakers", names_json(talk.speakers)},
          {"language", talk.language},
          {"track", talk.track},
          {"day", talk.day},
          {"start", time_json(talk.start)},
          {"end", talk.start.count() == 0 ? json::value(nullptr) : time_json(talk.end())},
          {"duration_s", talk.duration.count()},
          {"record", talk.record},
          {"state", name_of(talk.state)}};
}

bool is_watchable(const Talk& talk, const JobBook::Newest& jobs) {
  return (jobs.cut != nullptr && jobs.cut->watchable) || talk.state == TalkState::kDraft ||
         talk.state == TalkState::kPublished;
}

json::value talk_status(const TalkBook& book, Nanoseconds schedule_now, Nanoseconds mark_now) {
  json::value coming = nullptr;
  if (const auto* next = book.next(schedule_now)) {
    auto one = short_line(*next);
    one["starts_in_s"] = (next->start - schedule_now) / 1s;
    coming = std::move(one);
  }
  const auto* running = book.running();
  if (running == nullptr) {
    if (coming.is_null()) return nullptr;
    return json::object{{"id", nullptr}, {"next", std::move(coming)}};
  }
  auto talk = short_line(*running);
  talk["since"] = iso_time(running->in);
  talk["runs_s"] = (mark_now - running->in) / 1s;
  const bool ends = running->duration.count() > 0;
  talk["left_s"] = ends ? json::value((running->end() - schedule_now) / 1s) : json::value(nullptr);
  talk["marks"] = running->chapters.size();
  talk["next"] = std::move(coming);
  return talk;
}

void ArchiveList::renew(const TalkBook& book) {
  if (revision_ == book.revision()) return;
  lines_.clear();
  for (const auto& talk : book.talks()) {
    if (!talk.over() && talk.state != TalkState::kRunning) continue;
    auto text = json::serialize(archive_line(talk));
    text.pop_back();
    lines_.push_back({talk.id, is_watchable(talk, {}), std::move(text)});
  }
  revision_ = book.revision();
}

std::string ArchiveList::text(const TalkBook& book, const JobBook& jobs) {
  renew(book);
  const auto newest = jobs.newest();
  std::string all = "[";
  for (const auto& line : lines_) {
    if (all.size() > 1) all += ',';
    all += line.text;
    const auto found = newest.find(line.id);
    const auto of = found != newest.end() ? found->second : JobBook::Newest{};
    if (of.any != nullptr) all += ",\"job\":" + json::serialize(job_json(*of.any));
    const bool watchable = line.watchable || (of.cut != nullptr && of.cut->watchable);
    all += watchable ? ",\"watchable\":true}" : ",\"watchable\":false}";
  }
  return all + ']';
}

} // namespace pult::control
