#include "control/cli/commands.hpp"

#include "base/exit_codes.hpp"
#include "base/nearest.hpp"
#include "control/cli/session.hpp"
#include "control/run/run.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <boost/json.hpp>
#include <fmt/format.h>
#include <iostream>
#include <thread>

namespace pult::cli {
namespace {

namespace json = boost::json;
using std::chrono::milliseconds;

constexpr milliseconds kWatchPause{1000};
constexpr milliseconds kFollowWait{10000};
constexpr milliseconds kShowDeadline{15000}; // a show begins on a segment; the longest is 10 s
constexpr milliseconds kAgainPause{500};

struct Arguments {
  Session::Options session;
  std::string room_file; // of run and check
  bool watch = false, check = false, follow = false, cut = false, none = false;
  int fade = 0;
  std::string verb, scene, until, name, role = "operate";
};

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

int do_scenes(Session& session, const Arguments&) {
  return session.perform(get("/api/v1/scenes"), with_look(scenes_screen, session));
}

int do_feeds(Session& session, const Arguments&) {
  return session.perform(get("/api/v1/status"), with_look(feeds_screen, session));
}

int do_undo(Session& session, const Arguments& arguments) {
  return session.perform(post("/api/v1/undo", {{"fade_ms", arguments.fade}}), outcome_of("undo"));
}

using Action = int (*)(Session&, const Arguments&);

CLI::App* add(CLI::App& app, const std::string& name, const std::string& what, const std::string& example) {
  auto* command = app.add_subcommand(name, what);
  command->footer("Example: " + example);
  return command;
}

// Every command's options; the parser keeps pointers into `arguments`.
void describe(CLI::App& app, Arguments& a) {
  app.fallthrough(); // options of all commands may stand behind the command as well
  app.require_subcommand(1);
  app.footer("Unique prefixes of commands do: `pult sta` is `pult status`.\n"
             "Example: pult --config configs/room.toml status");
  app.add_option("--config", a.session.config, "the room's config; else $PULT_CONFIG, else /etc/pult/room.toml");
  app.add_option("--url", a.session.url, "a room on another machine, http://HOST:PORT")->excludes("--config");
  app.add_option("--token-file", a.session.token_file, "the token for --url")->needs("--url");
  app.add_flag("--json", a.session.json, "the API's answer, for scripts");

  for (const auto* name : {"run", "check"})
    add(app, name,
        name == std::string("run") ? "Keeps a room running in the foreground."
                                   : "Says what is wrong before doors open.",
        fmt::format("pult {} configs/room.toml", name))
        ->add_option("CONFIG", a.room_file, "the room's config; else as for --config");
  auto* status = add(app, "status", "The room on one screen.", "pult status --watch");
  status->add_flag("--watch", a.watch, "again each second, until Ctrl-C");
  status->add_flag("--check", a.check, "exit 4 when something is degraded");
  auto* show = add(app, "show", "Rehearsal, on air or over; start or end the show.", "pult show start");
  show->add_option("VERB", a.verb, "start or end");
  add(app, "scenes", "All scenes, and which is on air.", "pult scenes");
  add(app, "feeds", "Health of the feeds: what is wrong and what to do.", "pult feeds");
  auto* preview = add(app, "preview", "Puts a scene into preview.", "pult preview stage");
  auto* preview_scene = preview->add_option("SCENE", a.scene, "the scene; without one, shows all");
  preview->add_flag("--none", a.none, "nothing in preview")->excludes(preview_scene);
  auto* take =
      add(app, "take", "Puts a scene on air: the named one, or what is in preview.", "pult take stage --fade 400");
  take->add_option("SCENE", a.scene, "the scene; without one, preview and on air change places");
  auto* fade = take->add_option("--fade", a.fade, "milliseconds, 0 to 5000; without, a cut");
  take->add_flag("--cut", a.cut, "at once")->excludes(fade);
  add(app, "undo", "Back to the scene that was on air before.", "pult undo")
      ->add_option("--fade", a.fade, "milliseconds; without, a cut");
  auto* slate =
      add(app, "slate", "A slate over the stream; the recording goes on clean.", "pult slate pause --until 14:30");
  slate->add_option("KIND", a.verb, "start, pause, fault, end or off; without one, what is shown");
  slate->add_option("--until", a.until, "HH:MM, for viewers to read");
  auto* events = add(app, "events", "The last 200 events.", "pult events --follow");
  events->add_flag("--follow", a.follow, "goes on, until Ctrl-C");
  auto* token = add(app, "token", "Who may call over TCP.", "pult token add desk --role operate");
  token->add_option("VERB", a.verb, "list, add or revoke");
  token->add_option("NAME", a.name, "of the token");
  token->add_option("--role", a.role, "view, graphics, operate, organise or admin");
}

// CLI11 says what was not expected; the nearest option is ours to add.
std::string what_is_wrong(const CLI::App& app, const CLI::ParseError& wrong) {
  std::string text = wrong.what();
  const auto parsed = app.get_subcommands();
  const CLI::App& command = parsed.empty() ? app : *parsed.front();
  std::vector<std::string> names;
  for (const auto* which : {&app, &command})
    for (const auto* option : which->get_options())
      for (const auto& name : option->get_lnames())
        names.push_back("--" + name);
  for (const auto& word : app.remaining(true))
    if (word.starts_with("-")) return text + did_you_mean(word.substr(0, word.find('=')), names);
  return text;
}

int usage(const std::string& what) {
  std::cerr << "pult: " << what << "\npult --help says more.\n";
  return exit_code::kUsage;
}

int refuse_missing(const Arguments& arguments, const std::string& command) {
  if (command == "token" && (arguments.verb == "add" || arguments.verb == "revoke") && arguments.name.empty())
    return usage(fmt::format("pult token {0} needs a name: pult token {0} NAME", arguments.verb));
  return exit_code::kDone;
}

int perform_locally(const std::string& command, const Arguments& arguments) {
  auto door = find_room(arguments.room_file.empty() ? arguments.session.config : arguments.room_file);
  if (!door) {
    std::cerr << "pult: " << door.error().message << '\n';
    return exit_code::kBadConfig;
  }
  return command == "run" ? control::run_room(door->config) : control::check_room(door->config);
}

int perform(const std::string& command, const Arguments& arguments) {
  if (command == "run" || command == "check") return perform_locally(command, arguments);
  if (const auto code = refuse_missing(arguments, command); code != exit_code::kDone) return code;
  static const std::map<std::string, Action> actions{
      {"status", do_status},   {"show", do_show}, {"scenes", do_scenes}, {"feeds", do_feeds},   {"take", do_take},
      {"preview", do_preview}, {"undo", do_undo}, {"slate", do_slate},   {"events", do_events}, {"token", do_token}};
  auto session = Session::open(arguments.session);
  if (const auto* code = std::get_if<int>(&session)) return *code;
  return actions.at(command)(std::get<Session>(session), arguments);
}

} // namespace

const CommandTree& command_tree() {
  static const CommandTree tree{{{"run", {}},
                                 {"check", {}},
                                 {"status", {}},
                                 {"show", {"start", "end"}},
                                 {"scenes", {}},
                                 {"feeds", {}},
                                 {"preview", {}},
                                 {"take", {}},
                                 {"undo", {}},
                                 {"slate", {"start", "pause", "fault", "end", "off"}},
                                 {"events", {}},
                                 {"token", {"list", "add", "revoke"}}},
                                {},
                                {"--config", "--url", "--token-file", "--until", "--role"}};
  return tree;
}

int run(std::vector<std::string> words) {
  auto whole = write_out(std::move(words), command_tree());
  if (!whole) return usage(whole.error().message);
  Arguments arguments;
  CLI::App app("Runs and switches a Pult room.", "pult");
  describe(app, arguments);
  try {
    std::reverse(whole->begin(), whole->end()); // as CLI11 wants a vector
    app.parse(*whole);
  } catch (const CLI::Success& help) {
    return app.exit(help);
  } catch (const CLI::ParseError& wrong) {
    return usage(what_is_wrong(app, wrong));
  }
  return perform(app.get_subcommands().front()->get_name(), arguments);
}

} // namespace pult::cli
