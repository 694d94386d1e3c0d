#include "control/journal.hpp"

#include "base/clock.hpp"
#include "control/room_time.hpp"

#include <spdlog/spdlog.h>

namespace pult::control {
namespace {

// Workers log their own events; ours go into the room's log here.
void log_own(const Event& event) {
  if (event.program != "pultd") return;
  if (event.level == "error") return spdlog::error("{}", event.text);
  if (event.level == "warning") return spdlog::warn("{}", event.text);
  spdlog::info("{}", event.text);
}

} // namespace

void Journal::load(std::vector<Event> earlier) {
  loaded_ = true;
  const auto above = earlier.empty() ? 0 : earlier.back().id;
  auto ours = std::exchange(events_, std::deque<Event>(earlier.begin(), earlier.end()));
  for (auto& event : ours) {
    event.id += above;
    keep_(event);
    events_.push_back(std::move(event));
  }
  changed_.give();
}

void Journal::add(std::string level, std::string program, std::string text, boost::json::object details) {
  if (level != "error" && level != "warning") level = "info";
  for (const auto* known : {"level", "text", "program"})
    details.erase(known);
  events_.push_back({last_id() + 1, wall_now(), std::move(level), harmless(program, 64), harmless(text, kTextBytes),
                     std::move(details)});
  if (events_.size() > kInMemory) events_.pop_front();
  log_own(events_.back());
  ++total_;
  if (loaded_) keep_(events_.back());
  changed_.give();
}

std::vector<Event> Journal::after(std::int64_t id, std::size_t most) const {
  std::vector<Event> found;
  for (auto it = events_.rbegin(); it != events_.rend() && it->id > id && found.size() < most; ++it)
    found.push_back(*it);
  return {found.rbegin(), found.rend()};
}

boost::json::object to_json(const Event& event) {
  boost::json::object object{{"id", event.id},
                             {"at", iso_time(event.at)},
                             {"level", event.level},
                             {"program", event.program},
                             {"text", event.text}};
  if (!event.details.empty()) object["details"] = event.details;
  return object;
}

} // namespace pult::control
