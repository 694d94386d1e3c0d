#include "control/cli/actions.hpp"

#include "base/exit_codes.hpp"
#include "base/nearest.hpp"
#include "control/cli/answer_fields.hpp"
#include "control/cli/feed_screens.hpp"
#include "control/cli/talk_actions.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>
#include <cmath>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <iostream>
#include <map>
#include <thread>

namespace pult::cli {
namespace {

namespace json = boost::json;
using std::chrono::milliseconds;

constexpr milliseconds kWatchPause{1000};
constexpr milliseconds kFollowWait{10000};
constexpr milliseconds kShowDeadline{15000}; // a show begins on a segment; the longest is 10 s
constexpr milliseconds kAgainPause{500};

// "-6", "+3.5"; nothing when it is no number.
std::optional<double> number_in(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  double value = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failed != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

ApiAnswer refusal(const std::string& why) {
  return {409, {{"error", {{"code", "refused"}, {"message", why}}}}};
}

ApiCall get(std::string target) {
  return {"GET", std::move(target), std::nullopt};
}

ApiCall post(std::string target, json::object body = {}) {
  return {"POST", std::move(target), std::move(body)};
}

Session::Screen outcome_of(std::string command) {
  return [command = std::move(command)](const json::object& answer) { return outcome_line(command, answer); };
}

Session::Screen with_look(std::string (*screen)(const json::object&, const Look&), const Session& session) {
  return [screen, look = session.look()](const json::object& body) { return screen(body, look); };
}

bool is_degraded(const json::object& status) {
  const auto* degraded = status.if_contains("degraded");
  return degraded == nullptr || !degraded->is_bool() || degraded->get_bool();
}

int watch_status(Session& session) {
  const auto screen = with_look(status_screen, session);
  while (true) {
    const auto answer = session.call(get("/api/v1/status"));
    if (session.look().terminal) std::cout << "\x1b[H\x1b[J"; // over the screen before
    if (answer)
      session.print(*answer, screen);
    else
      session.nobody(answer.error());
    if (!std::cout) return exit_code::kDone; // whoever read us is gone
    std::this_thread::sleep_for(kWatchPause);
  }
}

int do_status(Session& session, const Arguments& arguments) {
  if (arguments.watch) return watch_status(session);
  const auto answer = session.call(get("/api/v1/status"));
  if (!answer) return session.nobody(answer.error());
  const auto code = session.print(*answer, with_look(status_screen, session));
  if (code != exit_code::kDone || !arguments.check) return code;
  return is_degraded(answer->body) ? exit_code::kDegraded : exit_code::kDone;
}

int do_show(Session& session, const Arguments& arguments) {
  if (arguments.verb.empty()) return session.perform(get("/api/v1/status"), with_look(show_screen, session));
  auto call = post("/api/v1/show/" + arguments.verb);
  call.deadline = kShowDeadline;
  return session.perform(call, outcome_of(arguments.verb == "start" ? "show on air:" : "show over:"));
}

int do_slate(Session& session, const Arguments& arguments) {
  if (arguments.verb.empty()) return session.perform(get("/api/v1/status"), with_look(slate_screen, session));
  json::object body{{"kind", arguments.verb}};
  if (!arguments.until.empty()) body["until"] = arguments.until;
  return session.perform(post("/api/v1/slate", std::move(body)), outcome_of("slate"));
}

int do_take(Session& session, const Arguments& arguments) {
  json::object body{{"fade_ms", arguments.fade}};
  if (!arguments.scene.empty()) body["scene"] = arguments.scene;
  return session.perform(post("/api/v1/take", std::move(body)), outcome_of("take"));
}

int do_preview(Session& session, const Arguments& arguments) {
  if (arguments.scene.empty() && !arguments.none)
    return session.perform(get("/api/v1/scenes"), with_look(scenes_screen, session));
  return session.perform(post("/api/v1/preview", {{"scene", arguments.scene}}), outcome_of("preview"));
}

// The number of the last event that was printed.
std::int64_t last_of(const json::object& events) {
  const auto* last = events.if_contains("last");
  return last != nullptr && last->is_int64() ? last->get_int64() : 0;
}

int follow_events(Session& session) {
  const auto screen = with_look(event_lines, session);
  std::int64_t last = 0;
  bool lost = false;
  while (std::cout) {
    auto call = get(fmt::format("/api/v1/events?after={}&wait_ms={}", last, last == 0 ? 0 : kFollowWait.count()));
    call.deadline = kFollowWait + milliseconds(3000);
    const auto answer = session.call(call);
    if (!answer) {
      if (!std::exchange(lost, true)) session.nobody(answer.error());
      std::this_thread::sleep_for(kAgainPause);
      continue;
    }
    lost = false;
    if (answer->status >= 400) return session.print(*answer, screen);
    const auto& list = answer->body.at("events");
    if (list.is_array() && !list.get_array().empty()) session.print(*answer, screen);
    if (last_of(answer->body) == 0) std::this_thread::sleep_for(kAgainPause); // a room without any event yet
    last = last_of(answer->body);
  }
  return exit_code::kDone;
}

int do_events(Session& session, const Arguments& arguments) {
  if (arguments.follow) return follow_events(session);
  return session.perform(get("/api/v1/events"), with_look(event_lines, session));
}

int do_token(Session& session, const Arguments& arguments) {
  if (arguments.verb.empty() || arguments.verb == "list")
    return session.perform(get("/api/v1/tokens"), with_look(tokens_screen, session));
  if (arguments.verb == "add")
    return session.perform(
        post("/api/v1/tokens", {{"name", arguments.name}, {"role", arguments.role}}), [](const json::object& answer) {
          const auto* token = answer.if_contains("token");
          return std::string(token != nullptr && token->is_string() ? token->get_string().c_str() : "") + "\n";
        });
  return session.perform(post("/api/v1/tokens/revoke", {{"name", arguments.name}}),
                         [](const json::object&) { return std::string("revoked\n"); });
}

int do_desk(Session& session, const Arguments& arguments) {
  return session.perform(post("/api/v1/desk", {{"role", arguments.role}}),
                         [](const json::object& answer) { return fmt::format("{}\n", text_at(answer, "url")); });
}

int do_scenes(Session& session, const Arguments&) {
  return session.perform(get("/api/v1/scenes"), with_look(scenes_screen, session));
}

int do_feeds(Session& session, const Arguments&) {
  return session.perform(get("/api/v1/status"), with_look(feeds_screen, session));
}

int do_undo(Session& session, const Arguments& arguments) {
  return session.perform(post("/api/v1/undo", {{"fade_ms", arguments.fade}}), outcome_of("undo"));
}

int do_lower_third(Session& session, const Arguments& arguments) {
  if (arguments.verb.empty()) return session.perform(get("/api/v1/status"), with_look(lower_third_screen, session));
  if (arguments.verb == "hide") return session.perform(post("/api/v1/lower-third/hide"), outcome_of("lower-third"));
  json::object body;
  if (arguments.speaker)
    body["speaker"] = *arguments.speaker;
  else
    body["name"] = arguments.name;
  if (!arguments.function.empty()) body["function"] = arguments.function;
  if (!arguments.template_name.empty()) body["template"] = arguments.template_name;
  if (arguments.seconds) body["for_s"] = *arguments.seconds;
  return session.perform(post("/api/v1/lower-third", std::move(body)), outcome_of("lower-third"));
}

int do_audio(Session& session, const Arguments& arguments) {
  if (arguments.verb.empty()) return session.perform(get("/api/v1/status"), with_look(audio_screen, session));
  json::object body{{"feed", arguments.feed}};
  if (arguments.verb == "gain")
    body["gain_db"] = number_in(arguments.value).value_or(0);
  else
    body["muted"] = arguments.verb == "mute";
  return session.perform(post("/api/v1/audio", std::move(body)), outcome_of("audio"));
}

// "rest" is restart: the verb comes behind the feed's name, where the command words do not reach.
std::string feed_verb(const std::string& word) {
  for (const auto* verb : {"restart", "delay"})
    if (!word.empty() && std::string_view(verb).starts_with(word)) return verb;
  return word;
}

int show_feed(Session& session, const std::string& name) {
  const auto answer = session.call(get("/api/v1/status"));
  if (!answer) return session.nobody(answer.error());
  std::vector<std::string> names;
  for (const auto& feed : objects_at(answer->body, "feeds")) {
    names.push_back(text_at(feed, "name"));
    if (names.back() == name) return session.print({answer->status, feed}, with_look(feed_screen, session));
  }
  return session.print(answer->status >= 400 ? *answer
                                             : refusal(fmt::format("no feed \"{}\"{} (feeds: {})", name,
                                                                   did_you_mean(name, names), fmt::join(names, ", "))),
                       nullptr);
}

int do_feed(Session& session, const Arguments& arguments) {
  if (arguments.feed.empty()) return do_feeds(session, arguments);
  if (arguments.verb.empty()) return show_feed(session, arguments.feed);
  if (feed_verb(arguments.verb) == "restart")
    return session.perform(post("/api/v1/feed/restart", {{"feed", arguments.feed}}), outcome_of("feed-restart"));
  const auto delay = static_cast<std::int64_t>(number_in(arguments.value).value_or(0));
  return session.perform(post("/api/v1/feed/delay", {{"feed", arguments.feed}, {"delay_ms", delay}}),
                         outcome_of("feed-delay"));
}

std::string misuse_of_feed(const Arguments& arguments) {
  const std::vector<std::string> verbs{"restart", "delay"};
  auto a = arguments;
  a.verb = feed_verb(a.verb);
  if (a.verb.empty()) return "";
  if (std::find(verbs.begin(), verbs.end(), a.verb) == verbs.end()) {
    if (std::find(verbs.begin(), verbs.end(), a.feed) != verbs.end())
      return fmt::format("the name comes first: pult feed {} {}", a.verb, a.feed);
    const auto meant = did_you_mean(a.verb, verbs);
    return fmt::format("pult feed NAME knows no \"{}\"{}", a.verb,
                       meant.empty() ? " (there is: restart, delay)" : meant);
  }
  const auto ms = number_in(a.value);
  if (a.verb == "delay" && (!ms || *ms != std::floor(*ms)))
    return fmt::format("a delay is in whole milliseconds: pult feed {} delay 80", a.feed);
  return "";
}

std::string misuse_of_audio(const Arguments& a) {
  if (a.verb.empty()) return "";
  if (a.feed.empty())
    return fmt::format("pult audio {0} needs a feed: pult audio {0} FEED{1}", a.verb, a.verb == "gain" ? " DB" : "");
  if (a.verb == "gain" && !number_in(a.value))
    return fmt::format("a gain is in decibels: pult audio gain {} -6", a.feed);
  return "";
}

std::string misuse_of_lower_third(const Arguments& a) {
  if (a.verb == "show" && a.name.empty() && !a.speaker)
    return "whose? pult lt show \"Dr. Ada Muster\" \"Hochschule Offenburg\"";
  if (a.verb == "hide" && !a.name.empty()) return "pult lt hide takes no name: it hides what is shown";
  return "";
}

std::string misuse_of_token(const Arguments& a) {
  if ((a.verb != "add" && a.verb != "revoke") || !a.name.empty()) return "";
  return fmt::format("pult token {0} needs a name: pult token {0} NAME", a.verb);
}

} // namespace

std::string misuse(const std::string& command, const Arguments& arguments) {
  static const std::map<std::string, std::string (*)(const Arguments&)> checks{
      {"feed", misuse_of_feed},   {"audio", misuse_of_audio},       {"lower-third", misuse_of_lower_third},
      {"token", misuse_of_token}, {"schedule", misuse_of_schedule}, {"talk", misuse_of_talk},
      {"hold", misuse_of_hold},   {"archive", misuse_of_archive}};
  const auto found = checks.find(command);
  return found == checks.end() ? "" : found->second(arguments);
}

int act(const std::string& command, Session& session, const Arguments& arguments) {
  static const std::map<std::string, int (*)(Session&, const Arguments&)> actions{
      {"status", do_status}, {"show", do_show},   {"scenes", do_scenes},           {"feeds", do_feeds},
      {"take", do_take},     {"undo", do_undo},   {"preview", do_preview},         {"slate", do_slate},
      {"events", do_events}, {"token", do_token}, {"lower-third", do_lower_third}, {"audio", do_audio},
      {"desk", do_desk},     {"feed", do_feed},   {"schedule", do_schedule},       {"talks", do_talks},
      {"talk", do_talk},     {"hold", do_hold},   {"archive", do_archive}};
  return actions.at(command)(session, arguments);
}

} // namespace pult::cli
