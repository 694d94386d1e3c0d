#include "control/schedule/reading.hpp"

#include "base/nearest.hpp"
#include "control/room_time.hpp"
#include "control/schedule/limits.hpp"
#include "control/schedule/texts.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <set>

namespace pult::control {
namespace {

namespace limits = schedule_limits;

using Reader = Result<RawSchedule> (*)(std::string_view);

struct Form {
  const char* name;
  Reader read;
};

// From the first characters that say something.
std::optional<Form> form_of(std::string_view bytes) {
  if (bytes.starts_with("\xEF\xBB\xBF")) bytes.remove_prefix(3);
  const auto first = bytes.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return std::nullopt;
  const auto begin = bytes.substr(first);
  if (begin.starts_with("<")) return Form{"schedule.xml", read_schedule_xml};
  if (begin.starts_with("{")) return Form{"schedule.json", read_schedule_json};
  if (begin.starts_with("BEGIN:VCALENDAR")) return Form{"iCal", read_schedule_ical};
  const auto line = begin.substr(0, begin.find_first_of("\r\n"));
  if (line.find_first_of(";,\t") != std::string_view::npos) return Form{"CSV", read_schedule_csv};
  return std::nullopt;
}

std::string where(const Talk& talk) {
  return fmt::format("talk {} \"{}\"", talk.id, talk.title.substr(0, 60));
}

// What is wrong with a talk by itself; empty: nothing.
std::string fault_of(const Talk& talk) {
  if (!is_talk_id(talk.id)) return "has no id";
  if (talk.title.empty()) return "has no title";
  if (talk.start.count() == 0) return "has no start";
  if (talk.duration < std::chrono::seconds(0)) return "ends before it starts";
  if (talk.duration == std::chrono::seconds(0)) return "has no length";
  if (talk.duration > limits::kLongest) return "lasts more than a day";
  return {};
}

std::string same(std::string_view name) {
  std::string out;
  for (const char c : trimmed(name))
    out += static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  return out;
}

void remark_overlaps(const std::vector<Talk>& talks, std::vector<std::string>& remarks) {
  for (std::size_t i = 1; i < talks.size(); ++i)
    if (talks[i].start < talks[i - 1].end())
      remark(remarks, fmt::format("{} begins at {}, before {} ends", where(talks[i]),
                                  clock_time(talks[i].start).substr(0, 5), where(talks[i - 1])));
}

// Which day of the event each is, by the days on which talks begin; a day ends at four in the morning.
void number_days(std::vector<Talk>& talks) {
  std::set<std::string> days;
  const auto day_of = [](const Talk& talk) { return iso_time(talk.start - std::chrono::hours(4)).substr(0, 10); };
  for (const auto& talk : talks)
    days.insert(day_of(talk));
  for (auto& talk : talks)
    talk.day = static_cast<int>(std::distance(days.begin(), days.find(day_of(talk)))) + 1;
}

} // namespace

Result<ScheduleReading> read_schedule(std::string_view bytes, const std::string& room) {
  if (bytes.size() > limits::kBytes)
    return Error{Errc::kLimit,
                 fmt::format("the schedule has {} MB; {} at most", bytes.size() >> 20, limits::kBytes >> 20)};
  const auto form = form_of(bytes);
  if (!form)
    return Error{Errc::kInvalidArgument,
                 "this is no schedule that we know: schedule.xml or schedule.json of pretalx or frab, "
                 "iCal, or CSV (date;start;duration;room;title;speakers;language;record)"};
  auto raw = form->read(bytes);
  if (!raw) return Error{raw.error().code, fmt::format("{}: {}", form->name, raw.error().message)};
  ScheduleReading reading{form->name, {}, std::move(raw->remarks), 0};
  std::set<std::string> ids;
  std::map<std::string, std::size_t> rooms;
  for (auto& talk : raw->talks) {
    if (!talk.room.empty() && same(talk.room) != same(room)) {
      ++rooms[talk.room];
      ++reading.of_other_rooms;
      continue;
    }
    if (const auto fault = fault_of(talk); !fault.empty()) {
      remark(reading.remarks, fmt::format("{} {}; left out", where(talk), fault));
    } else if (!ids.insert(talk.id).second) {
      remark(reading.remarks, fmt::format("{}: its id is there twice; the second is left out", where(talk)));
    } else {
      reading.talks.push_back(std::move(talk));
    }
  }
  if (reading.talks.empty() && reading.of_other_rooms > 0) {
    std::vector<std::string> names;
    for (const auto& [name, count] : rooms)
      names.push_back(name);
    std::string all;
    for (std::size_t i = 0; i < names.size() && i < 12; ++i)
      all += (i > 0 ? ", " : "") + names[i];
    return Error{Errc::kRefused,
                 fmt::format("{}: no talk is in \"{}\"{} (rooms: {}); [schedule] room = \"…\" says which is ours",
                             form->name, room, did_you_mean(room, names), all)};
  }
  if (reading.talks.empty()) return Error{Errc::kRefused, fmt::format("{}: there is no talk in it", form->name)};
  std::stable_sort(reading.talks.begin(), reading.talks.end(),
                   [](const Talk& a, const Talk& b) { return std::tie(a.start, a.id) < std::tie(b.start, b.id); });
  remark_overlaps(reading.talks, reading.remarks);
  number_days(reading.talks);
  return reading;
}

} // namespace pult::control
