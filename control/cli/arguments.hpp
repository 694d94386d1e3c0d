// What may stand on the command line: every command with its verbs, options and an example. Documented in docs/cli.md.
//
// Pure; the parser keeps pointers into the Arguments that it is given.
#pragma once

#include "control/cli/command_words.hpp"
#include "control/cli/session.hpp"

#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace pult::cli {

struct Arguments {
  Session::Options session;
  std::string room_file; // of run and check
  bool watch = false, check = false, follow = false, cut = false, none = false;
  int fade = 0;
  std::string verb, scene, until, name, role = "operate";
  std::string feed, value; // of feed and audio
  std::string function, template_name;
  std::optional<double> seconds; // --for
  std::optional<int> speaker;
  std::int64_t lines = 200;
  // Of talks and the archive.
  std::vector<std::string> words; // behind the verb
  bool apply = false, stream = false, archive = false, all = false;
  std::string at, in, out;
  std::string to;                           // --to
  std::optional<std::int64_t> sound_offset; // ms
  std::optional<std::string> title, subtitle, speakers, language, start, record, talk_scene;
  std::optional<std::int64_t> minutes;
};

void describe(CLI::App& app, Arguments& arguments);
const CommandTree& command_tree();

} // namespace pult::cli
