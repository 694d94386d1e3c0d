// Times as people of the room read and write them: in its time zone, which main() put into TZ before any thread.
// Pure but for TZ; any thread.
#pragma once

#include "base/clock.hpp"

#include <string>

namespace pult::control {

std::string iso_time(Nanoseconds wall);     // "2026-11-23T10:32:15.480+01:00"
std::string clock_time(Nanoseconds wall);   // "10:32:15"
std::string compact_time(Nanoseconds wall); // "20261123-1032", of show ids
// The first moment at or after `after` at which the room's clocks show "HH:MM"; right over daylight-saving changes.
Nanoseconds next_clock_time(const std::string& hh_mm, Nanoseconds after);
void use_timezone(const std::string& name); // "Europe/Berlin"; before any thread

} // namespace pult::control
