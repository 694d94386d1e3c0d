// Texts, times and lengths as schedules write them, made into ours. Private to control/schedule. Pure but for TZ.
#pragma once

#include "control/schedule/reading.hpp"

#include <optional>

namespace pult::control {

// UTF-8 without control characters, bidi overrides and more than so many characters; what was taken out is told in
// `remarks`, with `where`.
std::string tidy_text(std::string_view text, std::size_t longest, const std::string& where,
                      std::vector<std::string>& remarks);
// "00:45", "0:45", "1:05:00", "45", "45 min", "45 Minuten".
std::optional<std::chrono::seconds> duration_of(std::string_view text);
// "26.11.2026" or "2026-11-26", and "10:30" or "10.30"; the room's zone.
std::optional<Nanoseconds> local_time(const std::string& date, const std::string& time);
// "de" → "deu" where we know it; else as it is, lower case.
std::string three_letters(std::string_view language);
// An id that pult takes: what is no letter or digit becomes "-".
std::string id_of(std::string_view text);
std::string trimmed(std::string_view text);
void remark(std::vector<std::string>& remarks, std::string text); // within the bound

} // namespace pult::control
