// The calls about talks, the schedule, consent and the archive.
#include "control/api.hpp"
#include "control/api_answer.hpp"
#include "control/room_time.hpp"
#include "control/schedule/keeper.hpp"
#include "control/talks/talk_lines.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

namespace pult::control {
namespace {

namespace json = boost::json;
using http::Response;
using http::Status;

constexpr double kLongestAgo = 3600;       // seconds
constexpr double kUsualExtension = 5;      // minutes
constexpr double kLongestExtension = 1440; // minutes

const char* name_of(TalkDifference::Kind kind) {
  switch (kind) {
  case TalkDifference::Kind::kNew:
    return "new";
  case TalkDifference::Kind::kChanged:
    return "changed";
  case TalkDifference::Kind::kMoved:
    return "moved";
  case TalkDifference::Kind::kGone:
    return "gone";
  case TalkDifference::Kind::kKept:
    break;
  }
  return "kept";
}

json::object import_json(const ScheduleKeeper::Import& import) {
  json::array differences;
  for (const auto& one : import.differences)
    differences.push_back({{"kind", name_of(one.kind)}, {"id", one.id}, {"title", one.title}, {"what", one.what}});
  return {{"form", import.reading.form},
          {"talks", import.reading.talks.size()},
          {"of_other_rooms", import.reading.of_other_rooms},
          {"remarks", names_json(import.reading.remarks)},
          {"differences", std::move(differences)},
          {"applied", import.applied}};
}

Response said(const Result<TalkOutcome>& outcome) {
  if (!outcome) return refusal(outcome.error());
  return json_answer(Status::ok, {{"accepted", true},
                                  {"talk", outcome->id.empty() ? json::value(nullptr) : json::value(outcome->id)},
                                  {"at", time_json(outcome->at)},
                                  {"said", outcome->said}});
}

} // namespace

// "ago_s": the mark is so many seconds ago.
Result<std::optional<Nanoseconds>> Api::mark_of(const Ask& ask) const {
  const auto ago = ask.body.number("ago_s");
  if (!ago) return std::optional<Nanoseconds>();
  if (!(*ago >= 0 && *ago <= kLongestAgo))
    return Error{Errc::kInvalidArgument, "a mark lies 0 to 3600 seconds in the past"};
  const auto now = room_.wall_of(room_.picture_now());
  return std::optional(now - Nanoseconds(static_cast<std::int64_t>(*ago * 1e9)));
}

Task<Response> Api::talks(const Ask&) {
  json::array list;
  for (const auto& talk : archive_.book().talks())
    list.push_back(talk_line(talk));
  co_return json_answer(Status::ok, {{"talks", std::move(list)},
                                     {"now", archive_.talk_status()},
                                     {"clock", iso_time(archive_.schedule_now())},
                                     {"clock_injected", archive_.clock_injected()},
                                     {"schedule", schedule_.status()}});
}

Task<Response> Api::talk(const Ask& ask) {
  const auto found = archive_.book().named(ask.id);
  if (!found) co_return refusal(found.error());
  const auto& talk = **found;
  auto all = to_json(talk);
  all["start"] = time_json(talk.start);
  all["marks"] = {{"in", time_json(talk.in)}, {"out", time_json(talk.out)}};
  json::array chapters;
  for (const auto& chapter : talk.chapters)
    chapters.push_back({{"at_s", std::chrono::duration<double>(chapter.at - talk.in).count()}, {"text", chapter.text}});
  all["chapters"] = std::move(chapters);
  json::array jobs;
  for (const auto& job : archive_.jobs().jobs())
    if (job.talk == talk.id) jobs.push_back(job_json(job));
  all["jobs"] = std::move(jobs);
  all["watchable"] = is_watchable(talk, archive_.jobs().newest_of(talk.id));
  co_return json_answer(Status::ok, all);
}

Task<Response> Api::talk_start(const Ask& ask) {
  const auto mark = mark_of(ask);
  if (!mark) co_return refusal(mark.error());
  auto ordering = archive_.start(ask.body.text("id"), *mark, ask.by);
  auto outcome = co_await std::move(ordering);
  co_return said(outcome);
}

Task<Response> Api::talk_stop(const Ask& ask) {
  const auto mark = mark_of(ask);
  if (!mark) co_return refusal(mark.error());
  auto ordering = archive_.stop_talk(*mark, ask.by);
  auto outcome = co_await std::move(ordering);
  co_return said(outcome);
}

Task<Response> Api::talk_next(const Ask& ask) {
  auto ordering = archive_.next(ask.by);
  auto outcome = co_await std::move(ordering);
  co_return said(outcome);
}

Task<Response> Api::talk_mark(const Ask& ask) {
  co_return said(archive_.mark(ask.body.text("text"), ask.by));
}

Task<Response> Api::talk_extend(const Ask& ask) {
  const auto minutes = ask.body.number("minutes").value_or(kUsualExtension);
  if (!(minutes > 0 && minutes <= kLongestExtension))
    co_return refusal(Error{Errc::kInvalidArgument, "a talk is extended by 1 to 1440 minutes"});
  co_return said(archive_.extend(std::chrono::seconds(static_cast<std::int64_t>(minutes * 60)), ask.by));
}

Task<Response> Api::talk_swap(const Ask& ask) {
  co_return said(archive_.swap(ask.body.text("a"), ask.body.text("b"), ask.by));
}

Task<Response> Api::talk_cancel(const Ask& ask) {
  co_return said(archive_.cancel(ask.body.text("id"), ask.by));
}

Task<Response> Api::talk_edit(const Ask& ask) {
  TalkEdit edit;
  for (const auto& [name, field] : {std::pair{"title", &edit.title},
                                    {"subtitle", &edit.subtitle},
                                    {"speakers", &edit.speakers},
                                    {"language", &edit.language},
                                    {"track", &edit.track},
                                    {"scene", &edit.scene},
                                    {"abstract", &edit.abstract}})
    if (ask.body.has(name)) *field = ask.body.text(name);
  edit.record = ask.body.flag("record");
  if (ask.body.has("duration_s")) edit.duration = std::chrono::seconds(ask.body.integer("duration_s", 0));
  if (ask.body.has("start")) {
    edit.start = parse_iso_time(ask.body.text("start"));
    if (!edit.start) co_return refusal({Errc::kInvalidArgument, "\"start\" must be like 2026-11-26T10:30"});
  }
  co_return said(archive_.edit(ask.body.text("id"), edit, ask.by));
}

Task<Response> Api::hold(const Ask& ask) {
  const bool neither = !ask.body.has("stream") && !ask.body.has("archive");
  auto ordering = archive_.hold(neither || ask.body.flag("stream").value_or(false),
                                neither || ask.body.flag("archive").value_or(false), ask.by);
  auto outcome = co_await std::move(ordering);
  co_return said(outcome);
}

Task<Response> Api::hold_off(const Ask& ask) {
  auto ordering = archive_.hold(false, false, ask.by);
  auto outcome = co_await std::move(ordering);
  co_return said(outcome);
}

Task<Response> Api::schedule_import(const Ask& ask) {
  const bool apply = ask.body.flag("apply").value_or(false);
  const auto text = ask.body.text("text");
  auto source = ask.body.text("source");
  if (text.empty() == source.empty())
    co_return refusal(
        {Errc::kInvalidArgument, "either \"text\" (the schedule itself) or \"source\" (a file or an address)"});
  if (!text.empty()) {
    const auto import = schedule_.import_text(text, apply, ask.by);
    co_return import ? json_answer(Status::ok, import_json(*import)) : refusal(import.error());
  }
  // Files of this machine are for who may open the room's own socket.
  if (!ScheduleSource::is_address(source) && !ask.request.local_socket)
    co_return refusal(Status::forbidden, "forbidden", "over TCP send the schedule's text or an http(s) address");
  auto importing = schedule_.import_source(std::move(source), apply, ask.by);
  const auto import = co_await std::move(importing);
  co_return import ? json_answer(Status::ok, import_json(*import)) : refusal(import.error());
}

Task<Response> Api::archive_list(const Ask&) {
  co_return json_answer(Status::ok, "{\"talks\":" + archive_list_.text(archive_.book(), archive_.jobs()) + "}");
}

Task<Response> Api::archive_trim(const Ask& ask) {
  TrimOrder order;
  order.id = ask.body.text("id");
  order.in_s = ask.body.number("in_s").value_or(0);
  order.out_s = ask.body.number("out_s").value_or(0);
  if (ask.body.has("feed")) order.feed = ask.body.text("feed");
  if (ask.body.has("sound_offset_ms")) order.sound_offset_ms = ask.body.integer("sound_offset_ms", 0);
  co_return said(archive_.trim(order, ask.by));
}

Task<Response> Api::archive_publish(const Ask& ask) {
  co_return said(archive_.publish(ask.body.text("id"), ask.body.text("to"), ask.by));
}

Task<Response> Api::archive_withdraw(const Ask& ask) {
  co_return said(archive_.withdraw(ask.body.text("id"), ask.by));
}

Task<Response> Api::archive_retry(const Ask& ask) {
  co_return said(archive_.retry(ask.body.text("id"), ask.by));
}

Task<Response> Api::archive_export(const Ask& ask) {
  co_return said(archive_.export_to(ask.body.text("to"), ask.by));
}

Task<Response> Api::jobs(const Ask&) {
  json::array list;
  const auto& all = archive_.jobs().jobs();
  for (auto job = all.rbegin(); job != all.rend() && list.size() < 100; ++job)
    list.push_back(job_json(*job));
  co_return json_answer(Status::ok, {{"jobs", std::move(list)}});
}

} // namespace pult::control
