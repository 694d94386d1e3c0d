// iCal (RFC 5545) by libical: one VEVENT a talk. What repeats is left out; a conference's talk does not.
#include "control/schedule/limits.hpp"
#include "control/schedule/texts.hpp"

#include <algorithm>
#include <ctime>
#include <fmt/format.h>
#include <libical/ical.h>
#include <memory>

namespace pult::control {
namespace {

namespace limits = schedule_limits;

struct ComponentDeleter {
  void operator()(icalcomponent* component) const { icalcomponent_free(component); }
};

// Floating times are the room's; those of a named zone that the file does not describe are, too.
std::optional<Nanoseconds> time_of(const icaltimetype& time) {
  if (icaltime_is_null_time(time) != 0 || time.is_date != 0) return std::nullopt;
  if (time.zone != nullptr || icaltime_is_utc(time) != 0)
    return std::chrono::seconds(
        icaltime_as_timet_with_zone(time, icaltime_is_utc(time) != 0 ? icaltimezone_get_utc_timezone() : time.zone));
  std::tm parts{};
  parts.tm_year = time.year - 1900;
  parts.tm_mon = time.month - 1;
  parts.tm_mday = time.day;
  parts.tm_hour = time.hour;
  parts.tm_min = time.minute;
  parts.tm_sec = time.second;
  parts.tm_isdst = -1;
  return std::chrono::seconds(::mktime(&parts));
}

std::string text_of(const char* text) {
  return text != nullptr ? text : "";
}

Talk talk_of(icalcomponent* event, std::vector<std::string>& remarks) {
  Talk talk;
  talk.guid = text_of(icalcomponent_get_uid(event)).substr(0, 64);
  talk.id = id_of(talk.guid.substr(0, talk.guid.find('@')));
  const auto where = fmt::format("talk {}", talk.id);
  talk.title = tidy_text(text_of(icalcomponent_get_summary(event)), limits::kTitle, where + ", SUMMARY", remarks);
  talk.abstract =
      tidy_text(text_of(icalcomponent_get_description(event)), limits::kText, where + ", DESCRIPTION", remarks);
  talk.room = tidy_text(text_of(icalcomponent_get_location(event)), limits::kTitle, where + ", LOCATION", remarks);
  if (auto* url = icalcomponent_get_first_property(event, ICAL_URL_PROPERTY))
    talk.url = text_of(icalproperty_get_url(url)).substr(0, 500);
  // pretalx writes "Title - Speaker, Speaker".
  if (const auto dash = talk.title.rfind(" - "); dash != std::string::npos && dash > 0) {
    std::string_view rest = std::string_view(talk.title).substr(dash + 3);
    while (!rest.empty()) {
      const auto end = std::min(rest.find(','), rest.size());
      if (auto name = trimmed(rest.substr(0, end)); !name.empty()) talk.speakers.push_back(std::move(name));
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    talk.title = trimmed(std::string_view(talk.title).substr(0, dash));
  }
  const auto start = time_of(icalcomponent_get_dtstart(event));
  const auto end = time_of(icalcomponent_get_dtend(event));
  if (start) talk.start = *start;
  if (start && end) talk.duration = std::chrono::duration_cast<std::chrono::seconds>(*end - *start);
  return talk;
}

} // namespace

Result<RawSchedule> read_schedule_ical(std::string_view bytes) {
  const std::string text(bytes);
  if (text.find('\0') != std::string::npos) return Error{Errc::kInvalidArgument, "it holds a NUL"};
  const std::unique_ptr<icalcomponent, ComponentDeleter> calendar(icalparser_parse_string(text.c_str()));
  if (calendar == nullptr) return Error{Errc::kInvalidArgument, "it is no calendar"};
  RawSchedule schedule;
  auto* root = calendar.get();
  for (auto* event = icalcomponent_get_first_component(root, ICAL_VEVENT_COMPONENT); event != nullptr;
       event = icalcomponent_get_next_component(root, ICAL_VEVENT_COMPONENT)) {
    if (schedule.talks.size() >= limits::kTalks)
      return Error{Errc::kLimit, fmt::format("more than {} talks", limits::kTalks)};
    auto talk = talk_of(event, schedule.remarks);
    if (icalcomponent_get_first_property(event, ICAL_RRULE_PROPERTY) != nullptr) {
      remark(schedule.remarks,
             fmt::format("talk {} \"{}\" repeats (RRULE); write each of them out; left out", talk.id, talk.title));
      continue;
    }
    schedule.talks.push_back(std::move(talk));
  }
  return schedule;
}

} // namespace pult::control
