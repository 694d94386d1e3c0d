#include "control/room_time.hpp"

#include <cstdlib>
#include <ctime>
#include <fmt/format.h>

namespace pult::control {
namespace {

std::tm local(Nanoseconds wall) {
  const auto seconds = static_cast<std::time_t>(std::chrono::floor<std::chrono::seconds>(wall).count());
  std::tm parts{};
  ::localtime_r(&seconds, &parts);
  return parts;
}

std::string text_of(const std::tm& parts, const char* format) {
  char text[64];
  const auto bytes = std::strftime(text, sizeof text, format, &parts);
  return {text, bytes};
}

} // namespace

void use_timezone(const std::string& name) {
  ::setenv("TZ", name.c_str(), 1);
  ::tzset();
}

std::string iso_time(Nanoseconds wall) {
  const auto parts = local(wall);
  const auto seconds = std::chrono::floor<std::chrono::seconds>(wall);
  const auto millis = std::chrono::duration_cast<std::chrono::milliseconds>(wall - seconds).count();
  const auto offset = parts.tm_gmtoff / 60;
  return fmt::format("{}.{:03}{}{:02}:{:02}", text_of(parts, "%Y-%m-%dT%H:%M:%S"), millis, offset < 0 ? '-' : '+',
                     std::abs(offset) / 60, std::abs(offset) % 60);
}

std::string clock_time(Nanoseconds wall) {
  return text_of(local(wall), "%H:%M:%S");
}

Nanoseconds next_clock_time(const std::string& hh_mm, Nanoseconds after) {
  const auto begin = local(after);
  for (int days = 0; days <= 2; ++days) {
    std::tm day{};
    day.tm_year = begin.tm_year;
    day.tm_mon = begin.tm_mon;
    day.tm_mday = begin.tm_mday + days;
    day.tm_hour = std::stoi(hh_mm.substr(0, 2));
    day.tm_min = std::stoi(hh_mm.substr(3, 2));
    day.tm_isdst = -1;
    const Nanoseconds moment = std::chrono::seconds(std::mktime(&day));
    if (moment >= after) return moment;
  }
  return after;
}

std::string compact_time(Nanoseconds wall) {
  return text_of(local(wall), "%Y%m%d-%H%M");
}

} // namespace pult::control
