// Reads a schedule in whatever of the known forms it is: schedule.xml and schedule.json (versions 1 and 2) of pretalx
// and frab, iCal, CSV as a town hall writes it. The form is told from the content.
//
// What comes in is a stranger's: sizes, depths and counts have limits (limits.hpp), XML with a document type is refused
// (no entity is ever expanded, nothing is ever fetched), texts are made harmless. What cannot be read at all is an
// error; what is odd in one talk is a remark with its line or id, and that talk is left out or mended. Only this room's
// talks are taken. Pure but for TZ (times without a zone are the room's); any thread.
#pragma once

#include "control/talks/talk.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace pult::control {

struct ScheduleReading {
  std::string form;                 // "schedule.xml", "schedule.json", "iCal", "CSV"
  std::vector<Talk> talks;          // of this room, by start
  std::vector<std::string> remarks; // in the order of the source
  std::size_t of_other_rooms = 0;
};

Result<ScheduleReading> read_schedule(std::string_view bytes, const std::string& room);

// The readers themselves: all talks of all rooms.
struct RawSchedule {
  std::vector<Talk> talks; // Talk::room as written
  std::vector<std::string> remarks;
};
Result<RawSchedule> read_schedule_xml(std::string_view bytes);
Result<RawSchedule> read_schedule_json(std::string_view bytes);
Result<RawSchedule> read_schedule_ical(std::string_view bytes);
Result<RawSchedule> read_schedule_csv(std::string_view bytes);

} // namespace pult::control
