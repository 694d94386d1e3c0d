#include "control/journal.hpp"

#include "base/clock.hpp"
#include "control/room_time.hpp"

#include <spdlog/spdlog.h>

namespace pult::control {
namespace {

// Bytes of the UTF-8 sequence at `text`, 0 when it is none (overlong forms and surrogates included).
std::size_t sequence_bytes(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  const std::size_t bytes = lead < 0x80 ? 1 : lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if ((lead >= 0x80 && lead < 0xc2) || lead > 0xf4 || text.size() < bytes) return 0;
  for (std::size_t i = 1; i < bytes; ++i)
    if ((static_cast<unsigned char>(text[i]) & 0xc0) != 0x80) return 0;
  const auto second = bytes > 1 ? static_cast<unsigned char>(text[1]) : 0x80;
  const bool overlong = (lead == 0xe0 && second < 0xa0) || (lead == 0xf0 && second < 0x90);
  const bool outside = (lead == 0xed && second >= 0xa0) || (lead == 0xf4 && second >= 0x90);
  return overlong || outside ? 0 : bytes;
}

// Bidirectional overrides (U+202A–202E, U+2066–2069) would turn a line of the log around.
bool turns_text_around(std::string_view sequence) {
  if (sequence.size() != 3 || sequence[0] != '\xe2') return false;
  const auto second = static_cast<unsigned char>(sequence[1]);
  const auto third = static_cast<unsigned char>(sequence[2]);
  return (second == 0x80 && third >= 0xaa && third <= 0xae) || (second == 0x81 && third >= 0xa6 && third <= 0xa9);
}

// Workers log their own events; ours go into the room's log here.
void log_own(const Event& event) {
  if (event.program != "pultd") return;
  if (event.level == "error") return spdlog::error("{}", event.text);
  if (event.level == "warning") return spdlog::warn("{}", event.text);
  spdlog::info("{}", event.text);
}

} // namespace

std::string harmless(std::string_view text, std::size_t longest) {
  std::string out;
  while (!text.empty()) {
    const auto bytes = sequence_bytes(text);
    const auto sequence = text.substr(0, std::max<std::size_t>(bytes, 1));
    const auto lead = static_cast<unsigned char>(sequence[0]);
    const bool control = bytes == 1 && (lead < 0x20 || lead == 0x7f);
    if (out.size() + sequence.size() > longest) return out + "…";
    if (bytes == 0)
      out += '?';
    else if (control || turns_text_around(sequence))
      out += ' ';
    else
      out += sequence;
    text.remove_prefix(sequence.size());
  }
  return out;
}

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
