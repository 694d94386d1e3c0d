#include "control/room_status.hpp"

#include "control/feed_settings.hpp"
#include "control/lower_third.hpp"
#include "control/room.hpp"
#include "control/room_time.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <fmt/format.h>

namespace pult::control {
namespace {

namespace json = boost::json;

bool is_believed(const WorkerView& view, Nanoseconds now) {
  return view.linked && view.reported.count() != 0 && now - view.reported <= kSilentAfter;
}

const WorkerView* worker(const StatusInput& input, std::string_view program) {
  for (const auto* view : input.workers)
    if (view->program == program) return view;
  return nullptr;
}

const json::value* reported(const StatusInput& input, std::string_view program, std::string_view key) {
  const auto* view = worker(input, program);
  return view != nullptr && is_believed(*view, input.monotonic) ? view->report.if_contains(key) : nullptr;
}

std::string_view text_of(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value != nullptr && value->is_string() ? std::string_view(value->get_string()) : std::string_view();
}

json::value text_or_null(std::string_view text) {
  return text.empty() ? json::value(nullptr) : json::value(text);
}

json::value time_or_null(Nanoseconds wall) {
  return wall.count() == 0 ? json::value(nullptr) : json::value(iso_time(wall));
}

json::object show_of(const StatusInput& input) {
  json::object show{{"state", name_of(input.kept.wanted.show.state)},
                    {"id", text_or_null(input.kept.wanted.show.id)},
                    {"since", time_or_null(input.kept.marks.show_since)}};
  const auto* packaged = reported(input, "pult-packager", "show");
  show["in_stream"] = packaged != nullptr && packaged->is_string() && *packaged == show["id"];
  return show;
}

json::object on_air_of(const StatusInput& input) {
  const auto& wanted = input.kept.wanted;
  const bool shown = input.kept.marks.taken == wanted.on_air.taken;
  json::object on_air{{"scene", wanted.on_air.name},
                      {"since", shown ? time_or_null(input.kept.marks.on_air_since) : json::value(nullptr)},
                      {"before", text_or_null(wanted.on_air.before)}};
  const auto* view = worker(input, "pult-transcode");
  on_air["shown"] = view != nullptr && view->linked && view->applied(wanted.epoch, wanted.on_air.taken);
  return on_air;
}

json::value slate_of(const StatusInput& input) {
  const auto& slate = input.kept.wanted.slate;
  if (slate.kind.empty()) return nullptr;
  return json::object{{"kind", slate.kind},
                      {"until", text_or_null(slate.until)},
                      {"since", time_or_null(input.kept.marks.slate_since)}};
}

// Nothing when its end has come: the mixer took it away by itself.
json::value lower_third_of(const StatusInput& input) {
  const auto& wanted = input.kept.wanted.lower_third;
  if (!is_lower_third_on(input.kept.wanted, input.picture)) return nullptr;
  const bool marked = input.kept.marks.lower_third == wanted.shown;
  const auto* view = worker(input, "pult-transcode");
  const bool shown = view != nullptr && view->linked && view->applied(input.kept.wanted.epoch, wanted.shown);
  const auto grid = input.config.grid();
  const auto left = wanted.until == 0 ? Nanoseconds{} : grid.time_of(wanted.until) - grid.time_of(input.picture);
  return json::object{{"name", wanted.name},
                      {"function", text_or_null(wanted.function)},
                      {"template", text_or_null(wanted.template_name)},
                      {"since", marked ? time_or_null(input.kept.marks.lower_third_since) : json::value(nullptr)},
                      {"until", wanted.until == 0 ? json::value(nullptr) : json::value(iso_time(input.wall + left))},
                      {"shown", shown}};
}

const json::object* entry_named(const json::object& report, std::string_view list_name, std::string_view name) {
  const auto* list = report.if_contains(list_name);
  if (list == nullptr || !list->is_array()) return nullptr;
  for (const auto& entry : list->get_array())
    if (entry.is_object() && text_of(entry.get_object(), "name") == name) return &entry.get_object();
  return nullptr;
}

// Ingest knows who sends; the decoder knows whether it is a picture; the mixer knows what it makes of it.
void add_reports(const StatusInput& input, const std::string& name, json::object& feed) {
  for (const auto* view : input.workers) {
    if (!is_believed(*view, input.monotonic)) continue;
    const auto* entry = entry_named(view->report, "feeds", name);
    if (view->program.starts_with("pult-ingest") && entry != nullptr) {
      for (const auto& [key, value] : *entry)
        feed[key] = value;
    } else if (view->program == "pult-transcode" && entry != nullptr) {
      feed["mixer"] = *entry;
    } else if (view->program == "pult-decode@" + name) {
      feed["decode"] = view->report;
    }
  }
}

bool is_good(std::string_view verdict) {
  return verdict.empty() || verdict.starts_with("good");
}

// A feed that comes in well may still not be a picture.
void settle_verdict(json::object& feed) {
  if (text_of(feed, "state") != "live" || !is_good(text_of(feed, "verdict"))) return;
  const auto* decode = feed.if_contains("decode");
  if (decode == nullptr) {
    feed["verdict"] = "comes in, but its decoder does not answer";
  } else if (const auto verdict = text_of(decode->get_object(), "verdict"); !is_good(verdict)) {
    feed["verdict"] = fmt::format("comes in, but the decoder says: {}", verdict);
  }
}

json::object feed_of(const StatusInput& input, const FeedConfig& config) {
  const auto setting = setting_of(input.kept.wanted, config.name);
  json::object feed{{"name", config.name},
                    {"label", config.label},
                    {"gain_db", setting.gain_db},
                    {"muted", setting.muted},
                    {"delay_ms", setting.delay.value_or(config.delay).count()}};
  add_reports(input, config.name, feed);
  const bool heard = feed.contains("state");
  const json::object nothing{{"state", "lost"}, {"kbps", 0},
                             {"rtt_ms", 0},     {"lost", 0},
                             {"dropped", 0},    {"verdict", heard ? "" : "pult-ingest does not answer"}};
  for (const auto& [key, value] : nothing)
    if (!feed.contains(key)) feed[key] = value;
  settle_verdict(feed);
  return feed;
}

json::array feeds_of(const StatusInput& input) {
  json::array feeds;
  for (const auto& config : input.config.feeds)
    feeds.push_back(feed_of(input, config));
  return feeds;
}

json::array ladder_of(const StatusInput& input) {
  const auto* transcode = worker(input, "pult-transcode");
  const bool believed = transcode != nullptr && is_believed(*transcode, input.monotonic);
  json::array ladder;
  for (const auto& rendition : input.config.renditions) {
    json::object rung{{"name", rendition.name},
                      {"size", fmt::format("{}x{}", rendition.size.width, rendition.size.height)},
                      {"video_kbps", rendition.video_kbps}};
    if (const auto* entry = believed ? entry_named(transcode->report, "rungs", rendition.name) : nullptr)
      for (const auto& [key, value] : *entry)
        rung[key] = value;
    ladder.push_back(std::move(rung));
  }
  return ladder;
}

json::object program_of(const StatusInput& input, const std::string& name) {
  for (const auto& record : input.programs)
    if (record.name == name)
      return {{"name", name},
              {"pid", record.pid > 0 ? json::value(record.pid) : json::value(nullptr)},
              {"state", record.state},
              {"restarts", record.restarts}};
  const auto* view = worker(input, name);
  const bool runs = view == nullptr || view->linked;
  json::value pid = view == nullptr ? json::value(input.own_pid) : json::value(nullptr);
  if (view != nullptr && view->report.contains("pid")) pid = view->report.at("pid");
  return {{"name", name},
          {"pid", runs ? pid : json::value(nullptr)},
          {"state", runs ? "running" : "gone"},
          {"restarts", 0}};
}

json::array programs_of(const StatusInput& input) {
  json::array programs;
  for (const auto* view : input.workers) {
    auto program = program_of(input, view->program);
    const bool silent =
        view->linked && view->last_heard.count() != 0 && input.monotonic - view->last_heard > kSilentAfter;
    if (silent && text_of(program, "state") == "running") program["state"] = "silent";
    programs.push_back(std::move(program));
  }
  programs.push_back(program_of(input, "pultd"));
  return programs;
}

const char* plain_state(std::string_view state) {
  if (state == "waiting") return "nothing was sent yet";
  return state == "stale" ? "silent for a moment" : "lost";
}

void feed_alarms(const StatusInput& input, const json::array& feeds, std::vector<Alarm>& alarms) {
  const auto* scene = input.config.scene(input.kept.wanted.on_air.name);
  for (const auto& entry : feeds) {
    const auto& feed = entry.get_object();
    const auto state = text_of(feed, "state");
    if (state == "live" && is_good(text_of(feed, "verdict"))) continue;
    const auto name = std::string(text_of(feed, "name"));
    const bool on_air =
        scene != nullptr && std::find(scene->feeds.begin(), scene->feeds.end(), name) != scene->feeds.end();
    if (!on_air && state == "waiting") continue; // a camera that nobody switched on yet is no fault
    const auto verdict = text_of(feed, "verdict");
    alarms.push_back({on_air ? "error" : "warning", fmt::format("{}{}: {}", name, on_air ? " (on air)" : "",
                                                                verdict.empty() ? plain_state(state) : verdict)});
  }
}

void worker_alarms(const StatusInput& input, std::vector<Alarm>& alarms) {
  constexpr auto kMoment = std::chrono::seconds(2); // a restart is no alarm
  for (const auto* view : input.workers) {
    const auto since = std::max(view->link_changed, input.started);
    if (!view->linked && input.monotonic - since > kMoment)
      alarms.push_back({"error", why_not_shown(view, input.monotonic)});
    else if (view->linked && view->last_heard.count() != 0 && input.monotonic - view->last_heard > kSilentAfter)
      alarms.push_back({"error", why_not_shown(view, input.monotonic)});
  }
}

void reported_alarms(const WorkerView& view, std::vector<Alarm>& alarms) {
  const auto* list = view.report.if_contains("alarms");
  if (list == nullptr || !list->is_array()) return;
  for (const auto& entry : list->get_array()) {
    if (entry.is_string()) alarms.push_back({"warning", harmless(entry.get_string(), Journal::kTextBytes)});
    if (!entry.is_object()) continue;
    const auto level = text_of(entry.get_object(), "level");
    alarms.push_back(
        {level == "error" ? "error" : "warning", harmless(text_of(entry.get_object(), "text"), Journal::kTextBytes)});
  }
}

json::value recording_of(const StatusInput& input) {
  const auto* said = reported(input, "pult-packager", "recording");
  return said != nullptr ? *said : json::value(nullptr);
}

// A recording that is not made is found out today, not by the organisers tomorrow.
void archive_alarms(const StatusInput& input, std::vector<Alarm>& alarms) {
  for (const auto* disk : {"recording", "second_recording"}) {
    const auto* said = reported(input, "pult-packager", disk);
    if (said == nullptr || !said->is_object()) continue;
    const auto& recording = said->get_object();
    if (text_of(recording, "state") == "trouble")
      alarms.push_back({"error", fmt::format("the programme is not recorded: {}", text_of(recording, "trouble"))});
    const auto* minutes = recording.if_contains("free_minutes");
    if (minutes != nullptr && minutes->is_int64() && minutes->get_int64() < 10)
      alarms.push_back({minutes->get_int64() < 2 ? "error" : "warning",
                        fmt::format("the disk of the recording is full in {} minutes", minutes->get_int64())});
  }
  if (input.hold.is_object())
    alarms.push_back(
        {"warning",
         fmt::format("HELD: {}{}{} ({})", input.hold.at("stream").get_bool() ? "stream" : "",
                     input.hold.at("stream").get_bool() && input.hold.at("archive").get_bool() ? " and " : "",
                     input.hold.at("archive").get_bool() ? "archive" : "", text_of(input.hold.get_object(), "why"))});
  if (input.failed_jobs > 0)
    alarms.push_back(
        {"warning", fmt::format("{} of the archive's jobs failed: pult archive says which", input.failed_jobs)});
}

// A slate that the crew put there is no fault; a still picture that nobody asked for is.
void stream_alarms(const StatusInput& input, std::vector<Alarm>& alarms) {
  const auto* packager = worker(input, "pult-packager");
  if (packager == nullptr || !is_believed(*packager, input.monotonic) || !input.kept.wanted.slate.kind.empty()) return;
  const auto* show = packager->report.if_contains("show");
  const auto* live = packager->report.if_contains("live");
  if (show != nullptr && show->is_string() && live != nullptr && live->is_bool() && !live->get_bool())
    alarms.push_back({"error", "viewers see a still picture: nothing comes from pult-transcode"});
}

} // namespace

std::vector<Alarm> room_alarms(const StatusInput& input, const json::array& feeds) {
  std::vector<Alarm> alarms;
  worker_alarms(input, alarms);
  stream_alarms(input, alarms);
  archive_alarms(input, alarms);
  feed_alarms(input, feeds, alarms);
  for (const auto* view : input.workers)
    if (is_believed(*view, input.monotonic)) reported_alarms(*view, alarms);
  if (!input.trouble.empty()) alarms.push_back({"warning", input.trouble});
  std::stable_sort(alarms.begin(), alarms.end(),
                   [](const auto& a, const auto& b) { return a.level == "error" && b.level != "error"; });
  return alarms;
}

json::object room_status(const StatusInput& input) {
  auto feeds = feeds_of(input);
  const auto alarms = room_alarms(input, feeds);
  json::array alarm_list;
  for (const auto& alarm : alarms)
    alarm_list.push_back(json::object{{"level", alarm.level}, {"text", alarm.text}});
  json::value sound = nullptr;
  if (const auto* said = reported(input, "pult-transcode", "sound"); said != nullptr) sound = *said;
  return {{"room", input.config.name},
          {"event", input.config.event},
          {"time", iso_time(input.wall)},
          {"picture", input.picture},
          {"show", show_of(input)},
          {"on_air", on_air_of(input)},
          {"preview", text_or_null(input.kept.wanted.preview)},
          {"slate", slate_of(input)},
          {"feeds", std::move(feeds)},
          {"ladder", ladder_of(input)},
          {"sound", std::move(sound)},
          {"lower_third", lower_third_of(input)},
          {"talk", input.talk},
          {"hold", input.hold},
          {"recording", recording_of(input)},
          {"programs", programs_of(input)},
          {"alarms", std::move(alarm_list)},
          {"degraded", !alarms.empty()},
          {"number", input.kept.wanted.number}};
}

} // namespace pult::control
