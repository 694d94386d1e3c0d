// `pult check`: what is wrong with a machine before doors open, in plain words with what to do. Measures, never
// guesses.
//
// The config was read and is right. An error keeps the room from running as it should; a warning wants a look. Blocks
// for some seconds; one thread.
#pragma once

#include "base/config.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace pult::control {

struct Finding {
  bool error = false;
  std::string text;
};

struct MachineCheck {
  std::vector<Finding> findings; // in the order in which they were looked at
  std::string encoding;          // "the ladder takes 1.1 of 2 cores"; "" when it was not measured
};
// `programs` is the folder of our programs; `room_runs`: its ports are its own, and its encoders would be in the way.
MachineCheck check_machine(const RoomConfig& config, const std::filesystem::path& programs, bool room_runs);

// What pult-probe measured.
struct RungCost {
  std::string name;
  double ms = 0;   // CPU time of one picture
  int threads = 1; // that its encoder has
};
struct EncodingVerdict {
  bool fits = true;
  double cores = 0;                // that the whole room takes
  std::vector<std::string> can_do; // the rungs from the largest that fits downwards
};
// Pure. A rung must keep up on as many cores as its encoder has threads, all of them and the rest of the room on all.
EncodingVerdict judge_encoding(const std::vector<RungCost>& rungs, int fps, std::size_t feeds, double cores);

} // namespace pult::control
