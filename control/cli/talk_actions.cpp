#include "control/cli/talk_actions.hpp"

#include "base/clock.hpp"
#include "base/exit_codes.hpp"
#include "control/cli/answer_fields.hpp"
#include "control/cli/talk_screens.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>
#include <cmath>
#include <ctime>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <iterator>

namespace pult::cli {
namespace {

namespace json = boost::json;
namespace fs = std::filesystem;

constexpr std::uintmax_t kSentAsText = 700'000; // bytes; a larger file is read by pultd itself
constexpr std::chrono::milliseconds kFetchDeadline{30000};

ApiCall get(std::string target) {
  return {"GET", std::move(target), std::nullopt};
}

ApiCall post(std::string target, json::object body = {}) {
  return {"POST", std::move(target), std::move(body)};
}

Session::Screen with_look(std::string (*screen)(const json::object&, const Look&), const Session& session) {
  return [screen, look = session.look()](const json::object& body) { return screen(body, look); };
}

std::string word(const Arguments& a, std::size_t at) {
  return at < a.words.size() ? a.words[at] : std::string();
}

ApiAnswer refusal(const std::string& why) {
  return {409, {{"error", {{"code", "refused"}, {"message", why}}}}};
}

// Seconds ago of "--at": "-0:05", or a time of today on the room's clock.
std::optional<double> ago_of(const std::string& text) {
  if (const auto offset = offset_of(text); offset && (text.starts_with('-') || text.starts_with('+'))) return -*offset;
  std::tm parts{};
  const auto now = ::time(nullptr);
  ::localtime_r(&now, &parts);
  int hour = 0, minute = 0, second = 0;
  if (std::sscanf(text.c_str(), "%d:%d:%d", &hour, &minute, &second) < 2) return std::nullopt;
  parts.tm_hour = hour;
  parts.tm_min = minute;
  parts.tm_sec = second;
  parts.tm_isdst = -1;
  return std::difftime(now, ::mktime(&parts));
}

int import_schedule(Session& session, const Arguments& a) {
  const auto from = word(a, 0);
  json::object body{{"apply", a.apply}};
  std::error_code unknown;
  if (from.starts_with("http://") || from.starts_with("https://")) {
    body["source"] = from;
  } else if (const auto size = fs::file_size(from, unknown); unknown) {
    return session.print(refusal(fmt::format("{}: {}", from, unknown.message())), nullptr);
  } else if (size <= kSentAsText) {
    std::ifstream in(from, std::ios::binary);
    const std::string text((std::istreambuf_iterator<char>(in)), {});
    // JSON carries UTF-8 only: what is not goes as a file.
    if (std::find_if(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; }) ==
        text.end())
      body["text"] = text;
    else
      body["source"] = fs::absolute(from).string();
  } else {
    body["source"] = fs::absolute(from).string();
  }
  auto call = post("/api/v1/schedule/import", std::move(body));
  call.deadline = kFetchDeadline;
  return session.perform(call, with_look(import_screen, session));
}

// Marks as people say them: offsets to the marks as they are, or times of the day.
Result<double> moved(const std::string& text, const std::string& iso) {
  if (text.empty()) return 0.0;
  if (text.starts_with('+') || text.starts_with('-')) {
    const auto offset = offset_of(text);
    if (offset) return *offset;
  }
  int hour = 0, minute = 0;
  double second = 0;
  if (std::sscanf(text.c_str(), "%d:%d:%lf", &hour, &minute, &second) == 3 && iso.size() >= 23) {
    int h = 0, m = 0;
    double s = 0;
    std::sscanf(iso.c_str() + 11, "%d:%d:%lf", &h, &m, &s);
    auto difference = (hour - h) * 3600 + (minute - m) * 60 + (second - s);
    if (difference > 43200) difference -= 86400; // over midnight
    if (difference < -43200) difference += 86400;
    return difference;
  }
  return Error{Errc::kInvalidArgument, fmt::format("\"{}\" is no mark: +0:05, -0:02.5 or 10:32:15", text)};
}

// "5", "+5" or "7.5".
std::optional<double> minutes_of(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  double minutes = 0;
  const auto [read, failed] = std::from_chars(text.data(), text.data() + text.size(), minutes);
  if (failed != std::errc{} || read != text.data() + text.size() || !(minutes > 0)) return std::nullopt;
  return minutes;
}

int trim(Session& session, const Arguments& a) {
  const auto id = word(a, 0);
  const auto answer = session.call(get("/api/v1/talks/" + id));
  if (!answer) return session.nobody(answer.error());
  if (answer->status >= 400) return session.print(*answer, nullptr);
  const auto marks = object_at(answer->body, "marks");
  const auto in = moved(a.in, text_at(marks, "in"));
  const auto out = moved(a.out, text_at(marks, "out"));
  for (const auto* one : {&in, &out})
    if (!*one) return session.print(refusal(one->error().message), nullptr);
  json::object body{{"id", id}, {"in_s", *in}, {"out_s", *out}};
  if (!a.feed.empty()) body["feed"] = a.feed;
  if (a.sound_offset) body["sound_offset_ms"] = *a.sound_offset;
  return session.perform(post("/api/v1/archive/trim", std::move(body)), said_line);
}

} // namespace

std::optional<double> offset_of(std::string_view text) {
  const bool minus = text.starts_with('-');
  if (minus || text.starts_with('+')) text.remove_prefix(1);
  double seconds = 0;
  int parts = 0;
  while (true) {
    const auto end = std::min(text.find(':'), text.size());
    double value = 0;
    const auto part = text.substr(0, end);
    const auto [read, failed] = std::from_chars(part.data(), part.data() + part.size(), value);
    if (part.empty() || failed != std::errc{} || read != part.data() + part.size() || !std::isfinite(value) ||
        value < 0 || ++parts > 3)
      return std::nullopt;
    seconds = seconds * 60 + value;
    if (end == text.size()) return minus ? -seconds : seconds;
    text.remove_prefix(end + 1);
  }
}

int do_schedule(Session& session, const Arguments& a) {
  if (a.verb == "import") return import_schedule(session, a);
  return session.perform(get("/api/v1/talks"), with_look(talks_screen, session));
}

int do_talks(Session& session, const Arguments&) {
  return session.perform(get("/api/v1/talks"), with_look(talks_screen, session));
}

int do_talk(Session& session, const Arguments& a) {
  json::object body;
  if (!a.at.empty()) body["ago_s"] = ago_of(a.at).value_or(0);
  if (a.verb.empty()) {
    const auto answer = session.call(get("/api/v1/talks"));
    if (!answer) return session.nobody(answer.error());
    return session.print(*answer, [look = session.look()](const json::object& all) {
      const auto lines = talk_lines({{"talk", object_at(all, "now")}}, look);
      return lines.empty() ? std::string("no talk runs, and none comes\n") : lines;
    });
  }
  if (a.verb == "show") return session.perform(get("/api/v1/talks/" + word(a, 0)), with_look(talk_screen, session));
  if (a.verb == "start" && !word(a, 0).empty()) body["id"] = word(a, 0);
  if (a.verb == "extend" && !word(a, 0).empty()) body["minutes"] = minutes_of(word(a, 0)).value_or(0);
  if (a.verb == "swap") body = {{"a", word(a, 0)}, {"b", word(a, 1)}};
  if (a.verb == "cancel") body["id"] = word(a, 0);
  if (a.verb == "mark") body["text"] = word(a, 0);
  if (a.verb == "edit") {
    body["id"] = word(a, 0);
    for (const auto& [name, text] : {std::pair{"title", &a.title},
                                     {"subtitle", &a.subtitle},
                                     {"speakers", &a.speakers},
                                     {"language", &a.language},
                                     {"scene", &a.talk_scene},
                                     {"start", &a.start}})
      if (*text) body[name] = **text;
    if (a.minutes) body["duration_s"] = *a.minutes * 60;
    if (a.record) body["record"] = *a.record == "yes" || *a.record == "ja";
  }
  return session.perform(post("/api/v1/talks/" + a.verb, std::move(body)), said_line);
}

int do_hold(Session& session, const Arguments& a) {
  if (a.verb == "off") return session.perform(post("/api/v1/hold/off"), said_line);
  json::object body;
  if (a.stream || a.archive) body = {{"stream", a.stream}, {"archive", a.archive}};
  return session.perform(post("/api/v1/hold", std::move(body)), said_line);
}

int do_archive(Session& session, const Arguments& a) {
  if (a.verb.empty() || a.verb == "list")
    return session.perform(get("/api/v1/archive"), with_look(archive_screen, session));
  if (a.verb == "show") return session.perform(get("/api/v1/talks/" + word(a, 0)), with_look(talk_screen, session));
  if (a.verb == "trim") return trim(session, a);
  if (a.verb == "export") return session.perform(post("/api/v1/archive/export", {{"to", word(a, 0)}}), said_line);
  json::object body{{"id", word(a, 0)}};
  if (a.verb == "publish" && !a.to.empty()) body["to"] = a.to;
  return session.perform(post("/api/v1/archive/" + a.verb, std::move(body)), said_line);
}

std::string misuse_of_schedule(const Arguments& a) {
  if (a.verb == "import" && word(a, 0).empty())
    return "which? pult schedule import schedule.xml (or .json, .ics, .csv, or an address)";
  return "";
}

std::string misuse_of_talk(const Arguments& a) {
  if (a.verb == "extend" && (a.words.size() > 1 || (a.words.size() == 1 && !minutes_of(word(a, 0)))))
    return "by how many minutes? pult talk extend 5";
  if (a.verb == "swap" && a.words.size() != 2) return "which two? pult talk swap 17 18";
  if ((a.verb == "cancel" || a.verb == "edit" || a.verb == "show") && a.words.size() != 1)
    return fmt::format("which one? pult talk {} 17; pult talks shows all", a.verb);
  if (a.verb == "mark" && a.words.size() != 1) return "how is it called? pult talk mark \"Fragen aus dem Saal\"";
  if (!a.at.empty() && !ago_of(a.at)) return fmt::format("\"{}\" is no time: -0:05 or 10:32:15", a.at);
  if (!a.at.empty() && *ago_of(a.at) < 0) return "a mark cannot lie ahead";
  return "";
}

std::string misuse_of_hold(const Arguments& a) {
  return a.verb.empty() || a.verb == "off" ? "" : fmt::format("pult hold knows no \"{}\" (there is: off)", a.verb);
}

std::string misuse_of_archive(const Arguments& a) {
  if (a.verb == "export" && a.words.size() != 1) return "where to? pult archive export /mnt/stick/talks";
  const bool of_one =
      a.verb == "show" || a.verb == "trim" || a.verb == "publish" || a.verb == "withdraw" || a.verb == "retry";
  if (of_one && a.words.size() != 1)
    return fmt::format("which talk? pult archive {} 17; pult archive shows all", a.verb);
  if (a.verb == "trim" && a.in.empty() && a.out.empty() && a.feed.empty() && !a.sound_offset)
    return fmt::format("how? pult archive trim {} --in +0:05 --out -0:10", word(a, 0));
  return "";
}

} // namespace pult::cli
