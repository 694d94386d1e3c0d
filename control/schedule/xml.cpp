// schedule.xml as pretalx and frab export it, by pugixml without document types: an entity is never expanded.
#include "control/schedule/limits.hpp"
#include "control/schedule/texts.hpp"
#include "control/talks/schedule_clock.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <pugixml.hpp>

namespace pult::control {
namespace {

namespace limits = schedule_limits;

bool is_true(std::string_view text) {
  return text == "true" || text == "1" || text == "yes";
}

std::size_t line_of(std::string_view bytes, std::ptrdiff_t offset) {
  const auto end = bytes.begin() + std::min<std::ptrdiff_t>(offset, static_cast<std::ptrdiff_t>(bytes.size()));
  return static_cast<std::size_t>(std::count(bytes.begin(), end, '\n')) + 1;
}

Talk talk_of(const pugi::xml_node& event, const std::string& room, const std::string& date, std::size_t line,
             std::vector<std::string>& remarks) {
  Talk talk;
  const auto text = [&](const char* name, std::size_t longest) {
    return tidy_text(event.child_value(name), longest, fmt::format("line {}, {}", line, name), remarks);
  };
  talk.guid = tidy_text(event.attribute("guid").value(), 64, fmt::format("line {}, guid", line), remarks);
  talk.id = id_of(event.attribute("id").value());
  if (talk.id.empty()) talk.id = id_of(event.attribute("code").value());
  if (talk.id.empty()) talk.id = id_of(talk.guid);
  talk.title = text("title", limits::kTitle);
  talk.subtitle = text("subtitle", limits::kTitle);
  talk.abstract = text("abstract", limits::kText);
  talk.description = text("description", limits::kText);
  talk.track = text("track", limits::kTitle);
  talk.language = three_letters(text("language", 20));
  talk.url = text("url", 500);
  talk.room = text("room", limits::kTitle);
  if (talk.room.empty()) talk.room = room;
  for (const auto& person : event.child("persons").children("person"))
    if (auto name = tidy_text(person.text().get(), limits::kTitle, fmt::format("line {}, person", line), remarks);
        !name.empty() && talk.speakers.size() < limits::kSpeakers)
      talk.speakers.push_back(std::move(name));
  const auto recording = event.child("recording");
  talk.record = !is_true(recording.child_value("optout"));
  talk.licence =
      tidy_text(recording.child_value("license"), limits::kTitle, fmt::format("line {}, license", line), remarks);
  // <date> holds the whole moment; older exports have the day alone and the time in <start>.
  const auto whole = parse_iso_time(event.child_value("date"));
  const auto start = whole ? whole : local_time(date, event.child_value("start"));
  if (start) talk.start = *start;
  const auto length = duration_of(event.child_value("duration"));
  if (length) talk.duration = *length;
  return talk;
}

} // namespace

Result<RawSchedule> read_schedule_xml(std::string_view bytes) {
  if (bytes.find("<!DOCTYPE") != std::string_view::npos || bytes.find("<!ENTITY") != std::string_view::npos)
    return Error{Errc::kRefused, "it has a document type; schedules have none, and entities are never expanded here"};
  pugi::xml_document document;
  const auto parsed = document.load_buffer(bytes.data(), bytes.size(), pugi::parse_default & ~pugi::parse_doctype);
  if (!parsed)
    return Error{Errc::kInvalidArgument,
                 fmt::format("line {}: {}", line_of(bytes, parsed.offset), parsed.description())};
  const auto root = document.child("schedule");
  if (!root) return Error{Errc::kInvalidArgument, "it has no <schedule>"};
  RawSchedule schedule;
  std::size_t line = 1, counted_to = 0;
  for (const auto& day : root.children("day"))
    for (const auto& room : day.children("room"))
      for (const auto& event : room.children("event")) {
        if (schedule.talks.size() >= limits::kTalks)
          return Error{Errc::kLimit, fmt::format("more than {} talks", limits::kTalks)};
        const auto offset = static_cast<std::size_t>(std::max<std::ptrdiff_t>(0, event.offset_debug()));
        if (offset > counted_to && offset <= bytes.size()) {
          line += static_cast<std::size_t>(std::count(bytes.begin() + static_cast<std::ptrdiff_t>(counted_to),
                                                      bytes.begin() + static_cast<std::ptrdiff_t>(offset), '\n'));
          counted_to = offset;
        }
        schedule.talks.push_back(
            talk_of(event, room.attribute("name").value(), day.attribute("date").value(), line, schedule.remarks));
      }
  return schedule;
}

} // namespace pult::control
