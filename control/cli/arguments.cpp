#include "control/cli/arguments.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace pult::cli {
namespace {

CLI::App* add(CLI::App& app, const std::string& name, const std::string& what, const std::string& example) {
  auto* command = app.add_subcommand(name, what);
  command->footer("Example: " + example);
  return command;
}

void describe_room(CLI::App& app, Arguments& a) {
  add(app, "run", "Keeps a room running in the foreground.", "pult run configs/room.toml")
      ->add_option("CONFIG", a.room_file, "the room's config; else as for --config");
  add(app, "check", "Says what is wrong before doors open.", "pult check configs/room.toml")
      ->add_option("CONFIG", a.room_file, "the room's config; else as for --config");
  add(app, "completion", "Completion for bash: source <(pult completion)",
      "pult completion > ~/.local/share/bash-completion/completions/pult");
  auto* status = add(app, "status", "The room on one screen.", "pult status --watch");
  status->add_flag("--watch", a.watch, "again each second, until Ctrl-C");
  status->add_flag("--check", a.check, "exit 4 when something is degraded");
  auto* show = add(app, "show", "Rehearsal, on air or over; start or end the show.", "pult show start");
  show->add_option("VERB", a.verb, "start or end");
  auto* events = add(app, "events", "The last 200 events.", "pult events --follow");
  events->add_flag("--follow", a.follow, "goes on, until Ctrl-C");
  add(app, "desk", "A link to the operator's desk, good once, for five minutes.", "pult desk --role graphics")
      ->add_option("--role", a.role, "what the desk may: view, graphics, operate, organise or admin");
  auto* token = add(app, "token", "Who may call over TCP.", "pult token add desk --role operate");
  token->add_option("VERB", a.verb, "list, add or revoke");
  token->add_option("NAME", a.name, "of the token");
  token->add_option("--role", a.role, "view, graphics, operate, organise or admin");
}

void describe_picture(CLI::App& app, Arguments& a) {
  add(app, "scenes", "All scenes, and which is on air.", "pult scenes");
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
  slate->add_option("--until", a.until, "HH:MM: viewers read it, and the slate ends then by itself");
}

void describe_lower_third(CLI::App& app, Arguments& a) {
  auto* lower_third = add(app, "lower-third", "Name and function over the picture (lt for short).",
                          "pult lt show \"Dr. Ada Muster\" \"Hochschule Offenburg\" --for 8");
  lower_third->add_option("VERB", a.verb, "show or hide; without one, what is shown");
  lower_third->add_option("NAME", a.name, "the upper line, in quotes");
  lower_third->add_option("FUNCTION", a.function, "the line beneath, in quotes");
  lower_third->add_option("--for", a.seconds, "hides by itself after so many seconds");
  lower_third->add_option("--template", a.template_name, "one of the config's; the first when missing");
  lower_third->add_option("--speaker", a.speaker, "a speaker of the running talk, by number");
}

void describe_sound_and_feeds(CLI::App& app, Arguments& a) {
  auto* audio = add(app, "audio", "Levels and loudness; gain and mute of a feed.", "pult audio gain cam1 -6");
  audio->add_option("VERB", a.verb, "gain, mute or unmute; without one, all levels");
  audio->add_option("FEED", a.feed, "the feed");
  audio->add_option("DB", a.value, "-60 to +20, of gain; 0 is as it comes in");
  add(app, "feeds", "Health of the feeds: what is wrong and what to do.", "pult feeds");
  auto* feed = add(app, "feed", "One feed: its health, a new start, its delay.", "pult feed cam1 delay 80");
  feed->add_option("NAME", a.feed, "the feed; without one, all feeds");
  feed->add_option("VERB", a.verb, "restart or delay; without one, its health");
  feed->add_option("MS", a.value, "of delay: 0 to 5000 milliseconds");
}

void describe_talks(CLI::App& app, Arguments& a) {
  auto* schedule = add(app, "schedule", "The schedule; import it from a file or an address.",
                       "pult schedule import schedule.xml --apply");
  schedule->add_option("VERB", a.verb, "import; without one, all talks");
  schedule->add_option("SOURCE", a.words, "schedule.xml, schedule.json, iCal or CSV: a file or an address");
  schedule->add_flag("--apply", a.apply, "changes it; without, only says what would change");
  add(app, "talks", "All talks.", "pult talks");
  auto* talk = add(app, "talk", "The talk that runs: start, stop, next, mark, extend; swap, cancel, edit, show.",
                   "pult talk start 17");
  talk->add_option("VERB", a.verb,
                   "start, stop, next, mark, extend, swap, cancel, edit or show; without one, what runs and comes");
  talk->add_option("ARGS", a.words, "the talk's id or slug; of mark: its title; of extend: minutes");
  talk->add_option("--at", a.at, "of start and stop: -0:05 or 10:32:15; now when missing");
  talk->add_option("--title", a.title, "of edit");
  talk->add_option("--subtitle", a.subtitle, "of edit");
  talk->add_option("--speakers", a.speakers, "of edit, separated by commas");
  talk->add_option("--language", a.language, "of edit: deu, eng, …");
  talk->add_option("--scene", a.talk_scene, "of edit: put into preview when the talk starts");
  talk->add_option("--start", a.start, "of edit: 2026-11-26T10:30");
  talk->add_option("--minutes", a.minutes, "of edit: how long it is planned");
  talk->add_option("--record", a.record, "of edit: yes or no")->check(CLI::IsMember({"yes", "no", "ja", "nein"}));
  auto* hold = add(app, "hold", "Consent is withdrawn: hides the stream, stops writing; `pult hold off` goes on.",
                   "pult hold --archive");
  hold->add_option("VERB", a.verb, "off");
  hold->add_flag("--stream", a.stream, "viewers see the pause slate");
  hold->add_flag("--archive", a.archive, "nothing is written");
  hold->add_flag("--all", a.all, "both; as without any");
  auto* archive = add(app, "archive", "Talks that ran: list, show, trim, publish, withdraw, export, retry.",
                      "pult archive publish 17");
  archive->add_option("VERB", a.verb, "list, show, trim, publish, withdraw, export or retry; without one, all");
  archive->add_option("ARGS", a.words, "the talk's id or slug; of export: a folder, host:path or rclone:remote:path");
  archive->add_option("--to", a.to, "of publish: copies the public talks there, too; as export");
  archive->add_option("--in", a.in, "of trim: +0:05, -0:02.5 or 10:32:15");
  archive->add_option("--out", a.out, "of trim: the same");
  archive->add_option("--feed", a.feed,
                      "of trim: with the pictures of this feed's own recording; programme: as it was on air");
  archive->add_option("--sound-offset", a.sound_offset,
                      "of trim: milliseconds by which the sound comes later; 0: as it was");
}

} // namespace

void describe(CLI::App& app, Arguments& a) {
  app.fallthrough(); // options of all commands may stand behind the command as well
  app.require_subcommand(1);
  app.footer("Unique prefixes of commands do: `pult sta` is `pult status`.\n"
             "Example: pult --config configs/room.toml status");
  app.add_option("--config", a.session.config, "the room's config; else $PULT_CONFIG, else /etc/pult/room.toml");
  app.add_option("--url", a.session.url, "a room on another machine, http://HOST:PORT")->excludes("--config");
  app.add_option("--token-file", a.session.token_file, "the token for --url")->needs("--url");
  app.add_flag("--json", a.session.json, "the API's answer, for scripts");
  describe_room(app, a);
  describe_picture(app, a);
  describe_lower_third(app, a);
  describe_sound_and_feeds(app, a);
  describe_talks(app, a);
}

const CommandTree& command_tree() {
  static const CommandTree tree{
      {{"run", {}},
       {"check", {}},
       {"status", {}},
       {"show", {"start", "end"}},
       {"scenes", {}},
       {"preview", {}},
       {"take", {}},
       {"undo", {}},
       {"lower-third", {"show", "hide"}},
       {"slate", {"start", "pause", "fault", "end", "off"}},
       {"audio", {"gain", "mute", "unmute"}},
       {"feeds", {}},
       {"feed", {}},
       {"events", {}},
       {"desk", {}},
       {"completion", {}},
       {"schedule", {"import"}},
       {"talks", {}},
       {"talk", {"start", "stop", "next", "mark", "extend", "swap", "cancel", "edit", "show"}},
       {"hold", {"off"}},
       {"archive", {"list", "show", "trim", "publish", "withdraw", "export", "retry"}},
       {"token", {"list", "add", "revoke"}}},
      {{"lt", "lower-third"}, {"ta", "take"}},
      {"--config",  "--url",    "--token-file", "--until",    "--role",     "--fade",         "--for",   "--template",
       "--speaker", "--at",     "--title",      "--subtitle", "--speakers", "--language",     "--scene", "--start",
       "--minutes", "--record", "--in",         "--out",      "--feed",     "--sound-offset", "--to"}};
  return tree;
}

} // namespace pult::cli
