#include "control/cli/screens.hpp"

#include "control/cli/answer_fields.hpp"
#include "control/cli/feed_screens.hpp"
#include "control/cli/talk_screens.hpp"
#include "control/cli/text_layout.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

namespace pult::cli {
namespace {

namespace json = boost::json;

constexpr std::size_t kLabelColumns = 13;

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

std::string ladder_text(const json::object& status) {
  std::string text;
  for (const auto& rung : objects_at(status, "ladder")) {
    if (!text.empty()) text += " · ";
    text += text_at(rung, "name");
    if (const auto kbps = number_at(rung, "video_kbps"); kbps > 0) text += fmt::format(" {:.0f}", kbps);
  }
  return text.empty() ? "–" : text + " kbit/s";
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

Cell lower_third_cell(const json::object& status) {
  const auto lower_third = object_at(status, "lower_third");
  if (lower_third.empty()) return {"hidden"};
  auto text = text_at(lower_third, "name");
  if (const auto function = text_at(lower_third, "function"); !function.empty()) text += " · " + function;
  if (!flag_at(lower_third, "shown")) return {text + "  (wanted, not shown yet)", Tint::kWarning};
  const auto until = text_at(lower_third, "until");
  return {text + since(lower_third) + (until.empty() ? "" : " until " + clock_of(until)), Tint::kStrong};
}

// A time that has passed today is tomorrow's: better seen at once.
std::string slate_end(const json::object& answer) {
  const auto end = text_at(answer, "ends_at");
  if (end.empty()) return "";
  const bool today = end.substr(0, 10) == text_at(answer, "shown_at").substr(0, 10);
  return fmt::format(", until {}{}", clock_of(end, 5), today ? "" : " tomorrow");
}

std::string lower_third_outcome(const json::object& answer, const std::string& at) {
  const auto name = text_at(answer, "lower_third");
  if (name.empty()) return fmt::format("lower third hidden{}\n", at);
  const auto seconds = number_at(answer, "for_s");
  return fmt::format("lower third \"{}\" shows{}{}\n", name, at,
                     seconds > 0 ? fmt::format(", for {:g} s", seconds) : "");
}

std::string audio_outcome(const json::object& answer) {
  if (find(answer, "gain_db") != nullptr) return fmt::format("at {:+.1f} dB", number_at(answer, "gain_db"));
  return flag_at(answer, "muted") ? "muted" : "heard again";
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
  out += cell_line("Lower third", lower_third_cell(status));
  out += cell_line("Slate", slate_cell(status));
  if (const auto sound = sound_text(status); !sound.empty()) out += cell_line("Sound", {sound});
  out += talk_lines(status, look);
  out += '\n' + table(feed_rows(status), label("Feeds"), look);
  out += '\n' + cell_line("Ladder", {ladder_text(status)});
  out += programs_block(status, look);
  return out + '\n' + alarms_block(status, look);
}

std::string show_screen(const json::object& status, const Look& look) {
  const auto cell = show_cell(object_at(status, "show"));
  return line("Show", cell.text, cell.tint, look);
}

std::string lower_third_screen(const json::object& status, const Look& look) {
  const auto cell = lower_third_cell(status);
  return line("Lower third", cell.text, cell.tint, look);
}

std::string slate_screen(const json::object& status, const Look& look) {
  const auto cell = slate_cell(status);
  return line("Slate", cell.text, cell.tint, look);
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
  const auto feed = text_at(answer, "feed");
  if (command == "take" || command == "undo") return fmt::format("{} on air{}\n", text_at(answer, "scene"), at);
  if (command == "preview") return fmt::format("{} in preview\n", or_dash(text_at(answer, "preview")));
  if (command == "lower-third") return lower_third_outcome(answer, at);
  if (command == "audio") return fmt::format("{} {}{}\n", feed, audio_outcome(answer), at);
  if (command == "feed-delay")
    return fmt::format("{} delayed by {:.0f} ms{}\n", feed, number_at(answer, "delay_ms"), at);
  if (command == "feed-restart")
    return fmt::format("{} starts anew; a connection that works stays (pult events)\n", feed);
  if (command == "slate")
    return text_at(answer, "slate") == "off"
               ? fmt::format("slate off{}\n", at)
               : fmt::format("slate {} over the stream{}{}\n", text_at(answer, "slate"), at, slate_end(answer));
  return fmt::format("show {}{}\n", text_at(answer, "show"), at);
}

} // namespace pult::cli
