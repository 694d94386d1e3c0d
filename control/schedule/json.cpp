// schedule.json, versions 1 (frab, pretalx until 2023) and 2 (the c3voc schema), which differ in what is missing.
#include "control/schedule/limits.hpp"
#include "control/schedule/texts.hpp"
#include "control/talks/schedule_clock.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

namespace pult::control {
namespace {

namespace json = boost::json;
namespace limits = schedule_limits;

const json::object* object_at(const json::object& from, std::string_view key) {
  const auto* value = from.if_contains(key);
  return value != nullptr ? value->if_object() : nullptr;
}

const json::array* array_at(const json::object& from, std::string_view key) {
  const auto* value = from.if_contains(key);
  return value != nullptr ? value->if_array() : nullptr;
}

// Also of a number: ids are both.
std::string text_at(const json::object& from, std::string_view key) {
  const auto* value = from.if_contains(key);
  if (value == nullptr) return {};
  if (value->is_string()) return std::string(value->get_string());
  if (value->is_int64()) return std::to_string(value->get_int64());
  if (value->is_uint64()) return std::to_string(value->get_uint64());
  // Newer exports name tracks by an object.
  if (value->is_object()) return text_at(value->get_object(), "name");
  return {};
}

bool flag_at(const json::object& from, std::string_view key) {
  const auto* value = from.if_contains(key);
  return value != nullptr && value->is_bool() && value->get_bool();
}

std::vector<std::string> persons_of(const json::object& event, const std::string& where,
                                    std::vector<std::string>& remarks) {
  std::vector<std::string> names;
  for (const auto* key : {"persons", "speakers"}) {
    const auto* list = array_at(event, key);
    if (list == nullptr || !names.empty()) continue;
    for (const auto& entry : *list) {
      std::string name;
      if (entry.is_string()) name = entry.get_string();
      if (const auto* person = entry.if_object())
        for (const auto* of : {"public_name", "full_public_name", "name"})
          if (name.empty()) name = text_at(*person, of);
      name = tidy_text(name, limits::kTitle, where + ", person", remarks);
      if (!name.empty() && names.size() < limits::kSpeakers) names.push_back(std::move(name));
    }
  }
  return names;
}

Talk talk_of(const json::object& event, const std::string& room, const std::string& date,
             std::vector<std::string>& remarks) {
  Talk talk;
  talk.guid = text_at(event, "guid").substr(0, 64);
  talk.id = id_of(text_at(event, "id"));
  if (talk.id.empty()) talk.id = id_of(text_at(event, "code"));
  if (talk.id.empty()) talk.id = id_of(talk.guid);
  const auto where = fmt::format("talk {}", talk.id);
  const auto text = [&](const char* name, std::size_t longest) {
    return tidy_text(text_at(event, name), longest, where + ", " + name, remarks);
  };
  talk.title = text("title", limits::kTitle);
  talk.subtitle = text("subtitle", limits::kTitle);
  talk.abstract = text("abstract", limits::kText);
  talk.description = text("description", limits::kText);
  talk.track = text("track", limits::kTitle);
  talk.language = three_letters(text("language", 20));
  talk.url = text("url", 500);
  talk.licence = text("recording_license", limits::kTitle);
  talk.room = text("room", limits::kTitle);
  if (talk.room.empty()) talk.room = room;
  talk.speakers = persons_of(event, where, remarks);
  const auto* recording = object_at(event, "recording");
  talk.record = !flag_at(event, "do_not_record") && !(recording != nullptr && flag_at(*recording, "optout"));
  const auto whole = parse_iso_time(text_at(event, "date"));
  const auto start = whole ? whole : local_time(date, text_at(event, "start"));
  if (start) talk.start = *start;
  if (const auto length = duration_of(text_at(event, "duration"))) talk.duration = *length;
  return talk;
}

} // namespace

Result<RawSchedule> read_schedule_json(std::string_view bytes) {
  if (bytes.starts_with("\xEF\xBB\xBF")) bytes.remove_prefix(3);
  json::parse_options options;
  options.max_depth = limits::kDepth;
  json::stream_parser parser({}, options);
  json::error_code wrong;
  const auto read = parser.write_some(bytes.data(), bytes.size(), wrong);
  if (!wrong) parser.finish(wrong);
  if (wrong)
    return Error{Errc::kInvalidArgument,
                 fmt::format("line {}: {}",
                             std::count(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(read), '\n') + 1,
                             wrong.message())};
  const auto document = parser.release();
  const auto* root = document.if_object();
  const auto* schedule = root != nullptr ? object_at(*root, "schedule") : nullptr;
  const auto* conference = schedule != nullptr ? object_at(*schedule, "conference") : nullptr;
  const auto* days = conference != nullptr ? array_at(*conference, "days") : nullptr;
  if (days == nullptr) return Error{Errc::kInvalidArgument, "it has no schedule.conference.days"};
  RawSchedule out;
  for (const auto& entry : *days) {
    const auto* day = entry.if_object();
    const auto* rooms = day != nullptr ? object_at(*day, "rooms") : nullptr;
    if (rooms == nullptr) continue;
    for (const auto& [room, events] : *rooms) {
      if (!events.is_array()) continue;
      for (const auto& event : events.get_array()) {
        if (!event.is_object()) continue;
        if (out.talks.size() >= limits::kTalks)
          return Error{Errc::kLimit, fmt::format("more than {} talks", limits::kTalks)};
        out.talks.push_back(talk_of(event.get_object(), std::string(room), text_at(*day, "date"), out.remarks));
      }
    }
  }
  return out;
}

} // namespace pult::control
