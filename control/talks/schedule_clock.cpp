#include "control/talks/schedule_clock.hpp"

#include <charconv>
#include <ctime>

namespace pult::control {

std::optional<Nanoseconds> parse_iso_time(const std::string& text) {
  std::tm parts{};
  const char* rest = ::strptime(text.c_str(), "%Y-%m-%dT%H:%M", &parts);
  if (rest == nullptr) rest = ::strptime(text.c_str(), "%Y-%m-%d %H:%M", &parts);
  if (rest == nullptr) return std::nullopt;
  if (*rest == ':') rest = ::strptime(rest, ":%S", &parts);
  if (rest == nullptr) return std::nullopt;
  if (*rest == '.') {
    ++rest;
    while (*rest >= '0' && *rest <= '9')
      ++rest;
  }
  if (*rest == '\0') { // the room's own zone, also over daylight-saving changes
    parts.tm_isdst = -1;
    return std::chrono::seconds(::mktime(&parts));
  }
  const auto utc = std::chrono::seconds(::timegm(&parts));
  if (std::string_view(rest) == "Z") return utc;
  const bool signed_zone = *rest == '+' || *rest == '-';
  std::string digits;
  for (const char* at = rest + 1; signed_zone && *at != '\0'; ++at)
    if (*at != ':') digits += *at;
  if (!signed_zone || digits.size() != 4 || digits.find_first_not_of("0123456789") != std::string::npos)
    return std::nullopt;
  const auto offset =
      std::chrono::hours(std::stoi(digits.substr(0, 2))) + std::chrono::minutes(std::stoi(digits.substr(2)));
  return *rest == '+' ? utc - offset : utc + offset;
}

Result<ScheduleClock> ScheduleClock::of(const std::string& text, Nanoseconds monotonic) {
  const auto comma = text.rfind(',');
  double factor = 1;
  const auto time = parse_iso_time(text.substr(0, comma));
  bool good = time.has_value();
  if (good && comma != std::string::npos) {
    const char* const end = text.data() + text.size();
    const auto read = std::from_chars(text.data() + comma + 1, end, factor);
    good = read.ec == std::errc{} && read.ptr == end && factor > 0 && factor <= 10000;
  }
  if (!good)
    return Error{Errc::kInvalidArgument,
                 "PULT_SCHEDULE_CLOCK must be a time and a factor, like 2026-11-26T09:00:00+01:00,60; it is \"" + text +
                     "\""};
  ScheduleClock clock;
  clock.begin_ = Begin{*time, monotonic, factor};
  return clock;
}

Nanoseconds ScheduleClock::at(Nanoseconds wall, Nanoseconds monotonic) const {
  if (!begin_) return wall;
  const auto passed = static_cast<double>((monotonic - begin_->monotonic).count());
  return begin_->time + Nanoseconds(static_cast<std::int64_t>(passed * begin_->factor));
}

} // namespace pult::control
