#include "control/cli/commands.hpp"

#include "base/exit_codes.hpp"
#include "base/nearest.hpp"
#include "control/cli/actions.hpp"
#include "control/cli/arguments.hpp"
#include "control/cli/completion.hpp"
#include "control/run/run.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>

namespace pult::cli {
namespace {

// CLI11 says what was not expected; the nearest option, or what to do with a word too many, is ours to add.
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
  if (app.remaining(true).empty()) return text;
  return text + "; words that belong together go in quotes. " + command.get_footer();
}

int usage(const std::string& what) {
  std::cerr << "pult: " << what << "\npult --help says more.\n";
  return exit_code::kUsage;
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
  if (command == "completion") {
    std::cout << completion_script(command_tree());
    return exit_code::kDone;
  }
  if (const auto wrong = misuse(command, arguments); !wrong.empty()) return usage(wrong);
  auto session = Session::open(arguments.session);
  if (const auto* code = std::get_if<int>(&session)) return *code;
  return act(command, std::get<Session>(session), arguments);
}

} // namespace

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
