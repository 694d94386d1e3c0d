// `pult`: the crew's command line.
#include "base/exit_codes.hpp"
#include "control/run/run.hpp"

#include <CLI/CLI.hpp>
#include <iostream>

namespace {

int run(CLI::App& app, int argc, char** argv) {
  std::string config;
  auto* run = app.add_subcommand("run", "Keeps a room running in the foreground.");
  run->add_option("CONFIG", config, "the room's configuration")->required();
  run->footer("Example: pult run configs/room.toml");
  auto* check = app.add_subcommand("check", "Says what is wrong before doors open.");
  check->add_option("CONFIG", config, "the room's configuration")->required();
  check->footer("Example: pult check configs/room.toml");
  app.require_subcommand(1);
  app.parse(argc, argv);
  if (run->parsed()) return pult::control::run_room(config);
  return pult::control::check_room(config);
}

} // namespace

int main(int argc, char** argv) {
  CLI::App app("Runs and switches a Pult room.", "pult");
  try {
    return run(app, argc, argv);
  } catch (const CLI::ParseError& wrong) {
    return app.exit(wrong) == 0 ? pult::exit_code::kDone : pult::exit_code::kUsage;
  }
}
