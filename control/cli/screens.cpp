#include "control/cli/screens.hpp"

#include "control/cli/text_layout.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

namespace pult::cli {
namespace {

namespace json = boost::json;
using Rows = std::vector<std::vector<Cell>>;

constexpr std::size_t kLabelColumns = 11;
constexpr double kSilence = -90; // dB; below 16 bits

const json::value* find(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value == nullptr || value->is_null() ? nullptr : value;
}

std::string text_at(const json::object& object, std::string_view key) {
  const auto* value = find(object, key);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

double number_at(const json::object& object, std::string_view key) {
  const auto* value = find(object, key);
  return value != nullptr && value->is_number() ? value->to_number<double>() : 0;
}

bool flag_at(const json::object& object, std::string_view key) {
  const auto* value = find(object, key);
  return value != nullptr && value->is_bool() && value->get_bool();
}

json::object object_at(const json::object& object, std::string_view key) {
  const auto* value = find(object, key);
  return value != nullptr && value->is_object() ? value->get_object() : json::object{};
}

std::vector<json::object> objects_at(const json::object& object, std::string_view key) {
  std::vector<json::object> list;
  if (const auto* value = find(object, key); value != nullptr && value->is_array())
    for (const auto& entry : value->get_array())
      if (entry.is_object()) list.push_back(entry.get_object());
  return list;
}

// "10:32:15" of "2026-11-23T10:32:15.480+01:00"; `columns` more shows tenths.
std::string clock_of(const std::string& iso, std::size_t columns = 8) {
  return iso.size() >= 11 + columns ? iso.substr(11, columns) : iso;
}

std::string since(const json::object& object) {
  const auto iso = text_at(object, "since");
  return iso.empty() ? "" : " since " + clock_of(iso);
}

std::string label(std::string_view text) {
  return padded(std::string(text), kLabelColumns);
}

std::string line(std::string_view name, const std::string& text, Tint tint, const Look& look) {
  return table({{{text, tint}}}, label(name), look);
}

Cell show_cell(const json::object& show) {
  const auto state = text_at(show, "state");
  const auto id = text_at(show, "id");
  if (state == "live") return {fmt::format("ON AIR{}  ({})", since(show), id), Tint::kStrong};
  if (state == "over") return {fmt::format("over{}  ({})", since(show), id)};
  return {"rehearsal: viewers see nothing yet", Tint::kWarning};
}

Cell on_air_cell(const json::object& on_air) {
  const auto scene = text_at(on_air, "scene");
  if (flag_at(on_air, "shown")) return {scene + since(on_air), Tint::kStrong};
  return {scene + "  (wanted, not shown yet)", Tint::kWarning};
}

Cell slate_cell(const json::object& status) {
  const auto slate = object_at(status, "slate");
  const auto kind = text_at(slate, "kind");
  if (kind.empty()) return {"off"};
  const auto until = text_at(slate, "until");
  return {fmt::format("{}{}{}: viewers see the slate", kind, until.empty() ? "" : " until " + until, since(slate)),
          Tint::kWarning};
}

Tint tint_of_state(const std::string& state) {
  if (state == "live") return Tint::kGood;
  if (state == "waiting") return Tint::kQuiet;
  return state == "stale" ? Tint::kWarning : Tint::kBad;
}

std::string health_of(const json::object& feed) {
  const auto verdict = text_at(feed, "verdict");
  if (text_at(feed, "state") != "live") return verdict;
  auto text = fmt::format("{:.0f} kbit/s  {:.0f} ms", number_at(feed, "kbps"), number_at(feed, "rtt_ms"));
  if (const auto dropped = number_at(feed, "dropped"); dropped > 0)
    text += fmt::format("  {:.0f} packets gone", dropped);
  if (!verdict.empty() && verdict != "good") text += "  " + verdict;
  return text;
}

Rows feed_rows(const json::object& status) {
  Rows rows;
  for (const auto& feed : objects_at(status, "feeds")) {
    const auto state = text_at(feed, "state");
    const auto name = text_at(feed, "name");
    const auto shown = text_at(feed, "label");
    rows.push_back(
        {{name, Tint::kStrong}, {shown == name ? "" : shown}, {state, tint_of_state(state)}, {health_of(feed)}});
  }
  return rows;
}

std::string ladder_text(const json::object& status) {
  std::string text;
  for (const auto& rung : objects_at(status, "ladder")) {
    if (!text.empty()) text += " · ";
    text += text_at(rung, "name");
    if (const auto kbps = number_at(rung, "video_kbps"); kbps > 0) text += fmt::format(" {:.0f}", kbps);
  }
  return text.empty() ? "–" : text + " kbit/s";
}

std::string sound_text(const json::object& status) {
  const auto sound = object_at(status, "sound");
  if (find(sound, "lufs") != nullptr) return fmt::format("{:.1f} LUFS", number_at(sound, "lufs"));
  if (find(sound, "peak_db") == nullptr) return "";
  const auto peak = number_at(sound, "peak_db");
  return peak <= kSilence ? "silent" : fmt::format("{:.0f} dB peak", peak);
}

std::string programs_block(const json::object& status, const Look& look) {
  Rows rows;
  std::size_t all = 0;
  for (const auto& program : objects_at(status, "programs")) {
    ++all;
    const auto state = text_at(program, "state");
    const auto restarts = number_at(program, "restarts");
    if (state == "running" && restarts == 0) continue;
    const auto tint = state == "running" ? Tint::kPlain : Tint::kBad;
    rows.push_back({{text_at(program, "name")},
                    {state, tint},
                    {restarts > 0 ? fmt::format("restarted {:.0f} times", restarts) : ""}});
  }
  if (rows.empty()) return line("Programs", fmt::format("all {} run", all), Tint::kPlain, look);
  return table(rows, label("Programs"), look);
}

std::string alarms_block(const json::object& status, const Look& look) {
  const auto alarms = objects_at(status, "alarms");
  if (alarms.empty()) return line("Alarms", "none", Tint::kGood, look);
  Rows rows;
  for (const auto& alarm : alarms)
    rows.push_back({{"! " + text_at(alarm, "text"), text_at(alarm, "level") == "error" ? Tint::kBad : Tint::kWarning}});
  return table(rows, label("Alarms"), look);
}

std::string headline(const json::object& status, const Look& look) {
  auto room = text_at(status, "room");
  if (const auto event = text_at(status, "event"); !event.empty()) room += " · " + event;
  const auto clock = clock_of(text_at(status, "time"));
  const auto width = static_cast<std::size_t>(look.width);
  const auto used = columns_of(room) + clock.size();
  const std::string gap(used + 2 < width ? width - used : 2, ' ');
  return tinted(room, Tint::kStrong, look) + gap + tinted(clock, Tint::kQuiet, look) + "\n\n";
}

std::string or_dash(std::string text) {
  return text.empty() ? "–" : text;
}

Tint tint_of_level(const std::string& level) {
  if (level == "error") return Tint::kBad;
  return level == "warning" ? Tint::kWarning : Tint::kPlain;
}

} // namespace

std::string status_screen(const json::object& status, const Look& look) {
  const auto cell_line = [&](std::string_view name, const Cell& cell) {
    return line(name, cell.text, cell.tint, look);
  };
  auto out = headline(status, look);
  out += cell_line("Show", show_cell(object_at(status, "show")));
  out += cell_line("On air", on_air_cell(object_at(status, "on_air")));
  out += cell_line("Preview", {or_dash(text_at(status, "preview"))});
  out += cell_line("Slate", slate_cell(status));
  if (const auto sound = sound_text(status); !sound.empty()) out += cell_line("Sound", {sound});
  out += '\n' + table(feed_rows(status), label("Feeds"), look);
  out += '\n' + cell_line("Ladder", {ladder_text(status)});
  out += programs_block(status, look);
  return out + '\n' + alarms_block(status, look);
}

std::string show_screen(const json::object& status, const Look& look) {
  const auto cell = show_cell(object_at(status, "show"));
  return line("Show", cell.text, cell.tint, look);
}

std::string slate_screen(const json::object& status, const Look& look) {
  const auto cell = slate_cell(status);
  return line("Slate", cell.text, cell.tint, look);
}

std::string feeds_screen(const json::object& status, const Look& look) {
  const auto rows = feed_rows(status);
  return rows.empty() ? "no feeds\n" : table(rows, "", look);
}

std::string scenes_screen(const json::object& scenes, const Look& look) {
  Rows rows;
  for (const auto& scene : objects_at(scenes, "scenes")) {
    std::string feeds;
    if (const auto* list = find(scene, "feeds"); list != nullptr && list->is_array())
      for (const auto& feed : list->get_array())
        feeds += (feeds.empty() ? "" : ", ") + std::string(feed.is_string() ? feed.get_string().c_str() : "?");
    Cell where{""};
    if (flag_at(scene, "on_air")) where = {"ON AIR", Tint::kBad};
    if (flag_at(scene, "preview")) where = {"preview", Tint::kGood};
    rows.push_back({{text_at(scene, "name"), Tint::kStrong}, {text_at(scene, "layout")}, {feeds}, where});
  }
  return table(rows, "", look);
}

std::string event_lines(const json::object& events, const Look& look) {
  std::string out;
  for (const auto& event : objects_at(events, "events"))
    out += fmt::format("{}  {}  {}\n", tinted(clock_of(text_at(event, "at")), Tint::kQuiet, look),
                       tinted(padded(text_at(event, "program"), 16), Tint::kQuiet, look),
                       tinted(text_at(event, "text"), tint_of_level(text_at(event, "level")), look));
  return out;
}

std::string tokens_screen(const json::object& tokens, const Look& look) {
  Rows rows;
  for (const auto& token : objects_at(tokens, "tokens"))
    rows.push_back(
        {{text_at(token, "name"), Tint::kStrong}, {text_at(token, "role")}, {text_at(token, "created").substr(0, 10)}});
  return rows.empty() ? "no tokens; `pult token add NAME` makes one\n" : table(rows, "", look);
}

std::string outcome_line(const std::string& command, const json::object& answer) {
  const auto shown = clock_of(text_at(answer, "shown_at"), 10);
  const auto at = shown.empty() ? "" : " at " + shown;
  if (command == "take" || command == "undo") return fmt::format("{} on air{}\n", text_at(answer, "scene"), at);
  if (command == "preview") return fmt::format("{} in preview\n", or_dash(text_at(answer, "preview")));
  if (command == "slate")
    return text_at(answer, "slate") == "off"
               ? fmt::format("slate off{}\n", at)
               : fmt::format("slate {} over the stream{}\n", text_at(answer, "slate"), at);
  return fmt::format("show {}{}\n", text_at(answer, "show"), at);
}

} // namespace pult::cli
