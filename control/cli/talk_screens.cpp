#include "control/cli/talk_screens.hpp"

#include "control/cli/answer_fields.hpp"
#include "control/cli/text_layout.hpp"

#include <boost/json.hpp>
#include <cmath>
#include <fmt/format.h>

namespace pult::cli {
namespace {

namespace json = boost::json;

constexpr std::size_t kLabel = 13; // as of the status screen

std::string texts_at(const json::object& object, std::string_view key) {
  std::string all;
  const auto* list = find(object, key);
  if (list == nullptr || !list->is_array()) return all;
  for (const auto& entry : list->get_array())
    if (entry.is_string()) all += (all.empty() ? "" : ", ") + std::string(entry.get_string());
  return all;
}

bool is_off(const json::object& object, std::string_view key) {
  const auto* value = find(object, key);
  return value != nullptr && value->is_bool() && !value->get_bool();
}

Tint tint_of(const std::string& state) {
  if (state == "running") return Tint::kStrong;
  if (state == "published") return Tint::kGood;
  if (state == "withdrawn" || state == "cancelled") return Tint::kQuiet;
  return Tint::kPlain;
}

std::string bytes_text(double bytes) {
  if (bytes <= 0) return "";
  return bytes >= 1e9 ? fmt::format("{:.1f} GB", bytes / 1e9) : fmt::format("{:.0f} MB", bytes / 1e6);
}

// "10:00" of a start on that day; the date when days differ.
std::string start_text(const json::object& talk) {
  const auto start = text_at(talk, "start");
  return start.empty() ? "" : start.substr(0, 10) + " " + clock_of(start).substr(0, 5);
}

std::string job_text(const json::object& talk) {
  const auto job = object_at(talk, "job");
  const auto state = text_at(job, "state");
  if (state == "failed") return "FAILED: " + text_at(job, "error");
  if (state == "running" || state == "waiting")
    return fmt::format("{} {:.0f} %", text_at(job, "kind"), number_at(job, "progress") * 100);
  return "";
}

std::string next_line(const json::object& next, const Look& look) {
  if (next.empty()) return "";
  const bool opted_out = is_off(next, "record");
  auto line = fmt::format("{} \"{}\"", text_at(next, "id"), text_at(next, "title"));
  if (const auto speakers = texts_at(next, "speakers"); !speakers.empty()) line += ", " + speakers;
  const auto in = number_at(next, "starts_in_s");
  line += in >= 0 ? fmt::format(", in {}", span_text(in)) : fmt::format(", should run since {}", span_text(-in));
  if (opted_out) line += "  " + tinted("NOT TO BE RECORDED", Tint::kBad, look);
  return line;
}

} // namespace

std::string span_text(double seconds) {
  const auto whole = static_cast<std::int64_t>(std::abs(seconds));
  const auto sign = seconds < 0 ? "-" : "";
  return whole >= 3600 ? fmt::format("{}{}:{:02}:{:02}", sign, whole / 3600, whole / 60 % 60, whole % 60)
                       : fmt::format("{}{}:{:02}", sign, whole / 60, whole % 60);
}

std::string said_line(const json::object& answer) {
  return fmt::format("{}\n", text_at(answer, "said"));
}

std::string talks_screen(const json::object& body, const Look& look) {
  const auto talks = objects_at(body, "talks");
  if (talks.empty()) return "no talks yet: pult schedule import FILE, or pult talk start without one\n";
  std::vector<std::vector<Cell>> rows;
  for (const auto& talk : talks) {
    const auto state = text_at(talk, "state");
    const auto tint = tint_of(state);
    rows.push_back(
        {{text_at(talk, "id"), tint},
         {start_text(talk), tint},
         {span_text(number_at(talk, "duration_s") / 60), tint},
         {state, tint},
         {is_off(talk, "record") ? "NOT RECORDED" : "", Tint::kBad},
         {text_at(talk, "title") + (texts_at(talk, "speakers").empty() ? "" : " – " + texts_at(talk, "speakers")),
          tint}});
  }
  return table(rows, "", look);
}

std::string talk_screen(const json::object& talk, const Look& look) {
  std::string out = fmt::format("{} {}\n", text_at(talk, "id"), tinted(text_at(talk, "title"), Tint::kStrong, look));
  const auto add = [&](std::string_view name, const std::string& text) {
    if (!text.empty()) out += padded(std::string(name), 12) + text + "\n";
  };
  add("speakers", texts_at(talk, "speakers"));
  add("state", text_at(talk, "state"));
  add("start", start_text(talk));
  add("length", span_text(number_at(talk, "duration_s")));
  add("language", text_at(talk, "language"));
  add("track", text_at(talk, "track"));
  add("scene", text_at(talk, "scene"));
  if (is_off(talk, "record")) add("consent", tinted("not to be recorded", Tint::kBad, look));
  const auto marks = object_at(talk, "marks");
  add("in", clock_of(text_at(marks, "in"), 12));
  add("out", clock_of(text_at(marks, "out"), 12));
  for (const auto& chapter : objects_at(talk, "chapters"))
    add("mark", span_text(number_at(chapter, "at_s")) + "  " + text_at(chapter, "text"));
  const auto files = object_at(talk, "files");
  add("files", bytes_text(number_at(files, "bytes")));
  for (const auto& gap : objects_at(files, "gaps"))
    add("gap", fmt::format("{} from {} to {}", text_at(gap, "kind"), span_text(number_at(gap, "begin")),
                           span_text(number_at(gap, "end"))));
  add("removed", texts_at(files, "removed"));
  add("remains", text_at(files, "remains"));
  add("edited", texts_at(talk, "edited"));
  for (const auto& job : objects_at(talk, "jobs"))
    add("job", fmt::format("{} {}{}{}", text_at(job, "kind"), text_at(job, "state"),
                           text_at(job, "error").empty() ? "" : ": ", text_at(job, "error")));
  return out;
}

std::string import_screen(const json::object& import, const Look& look) {
  auto out = fmt::format("{}: {:.0f} talks of this room, {:.0f} of others\n", text_at(import, "form"),
                         number_at(import, "talks"), number_at(import, "of_other_rooms"));
  const auto* remarks = find(import, "remarks");
  if (remarks != nullptr && remarks->is_array())
    for (const auto& remark : remarks->get_array())
      if (remark.is_string()) out += tinted("! " + std::string(remark.get_string()), Tint::kWarning, look) + "\n";
  std::vector<std::vector<Cell>> rows;
  for (const auto& one : objects_at(import, "differences"))
    rows.push_back({{text_at(one, "kind"), text_at(one, "kind") == "kept" ? Tint::kQuiet : Tint::kStrong},
                    {text_at(one, "id")},
                    {text_at(one, "title") + ": " + text_at(one, "what")}});
  out += rows.empty() ? std::string("nothing changes\n") : table(rows, "", look);
  if (!flag_at(import, "applied") && !rows.empty()) out += "nothing is changed yet; the same with --apply changes it\n";
  return out;
}

std::string archive_screen(const json::object& body, const Look& look) {
  const auto talks = objects_at(body, "talks");
  if (talks.empty()) return "no talk has run yet\n";
  std::vector<std::vector<Cell>> rows;
  for (const auto& talk : talks) {
    const auto state = text_at(talk, "state");
    const auto job = job_text(talk);
    const auto gaps = number_at(talk, "gaps");
    rows.push_back({{text_at(talk, "id"), tint_of(state)},
                    {state, tint_of(state)},
                    {clock_of(text_at(talk, "in")), tint_of(state)},
                    {number_at(talk, "length_s") > 0 ? span_text(number_at(talk, "length_s")) : "", tint_of(state)},
                    {bytes_text(number_at(talk, "bytes")), tint_of(state)},
                    {job.empty() ? (gaps > 0 ? fmt::format("{:.0f} gaps", gaps) : "") : job,
                     job.starts_with("FAILED") ? Tint::kBad : Tint::kWarning},
                    {text_at(talk, "title"), tint_of(state)}});
  }
  return table(rows, "", look);
}

std::string talk_lines(const json::object& status, const Look& look) {
  std::string out;
  const auto talk = object_at(status, "talk");
  if (!text_at(talk, "id").empty()) {
    auto line = fmt::format("{} \"{}\"", text_at(talk, "id"), text_at(talk, "title"));
    if (const auto speakers = texts_at(talk, "speakers"); !speakers.empty()) line += ", " + speakers;
    line += ", " + span_text(number_at(talk, "runs_s"));
    const auto* left = find(talk, "left_s");
    if (left != nullptr && left->is_number()) {
      const auto seconds = left->to_number<double>();
      line += seconds >= 0 ? fmt::format(", {} left", span_text(seconds))
                           : "  " + tinted("+" + span_text(-seconds) + " over", Tint::kWarning, look);
    }
    if (is_off(talk, "record")) line += "  " + tinted("NOT RECORDED", Tint::kBad, look);
    out += padded("Talk", kLabel) + line + "\n";
  }
  if (const auto next = next_line(object_at(talk, "next"), look); !next.empty())
    out += padded("Next", kLabel) + next + "\n";
  if (const auto hold = object_at(status, "hold"); !hold.empty()) {
    const bool stream = flag_at(hold, "stream"), archive = flag_at(hold, "archive");
    out += padded("Hold", kLabel) +
           tinted(fmt::format("{} HELD: {}",
                              stream && archive ? "STREAM AND ARCHIVE"
                              : stream          ? "STREAM"
                                                : "ARCHIVE",
                              text_at(hold, "why")),
                  Tint::kBad, look) +
           "\n";
  }
  const auto recording = object_at(status, "recording");
  if (recording.empty()) return out;
  const auto state = text_at(recording, "state");
  auto line = state == "recording" ? tinted("on", Tint::kGood, look)
              : state == "trouble" ? tinted("TROUBLE", Tint::kBad, look)
                                   : state;
  const auto* minutes = find(recording, "free_minutes");
  if (minutes != nullptr && minutes->is_number()) {
    const auto left = minutes->to_number<double>();
    line += ", " + tinted(left > 2880 ? fmt::format("space for {:.0f} days", left / 1440)
                                      : fmt::format("space for {} h", span_text(left)),
                          left < 10 ? Tint::kBad : Tint::kPlain, look);
  }
  return out + padded("Recording", kLabel) + line + "\n";
}

} // namespace pult::cli
