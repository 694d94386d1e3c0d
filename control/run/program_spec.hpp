// Which programs a room has, and how each is kept: pure, from the config.
#pragma once

#include "base/config.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace pult::control {

struct ProgramSpec {
  std::string name;                   // "pult-decode@cam1"
  std::vector<std::string> arguments; // argv, the program's file name first
  bool gets_public_socket = false;
  // What runs live goes before all else on the machine (a browser on the same laptop, a backup), where `pult run` may
  // say so: root, or a limit that allows it (systemd LimitNICE=).
  int nice = 0;
  // No progress of the media thread for so long: killed and started anew. Long enough that a starved machine is not
  // taken for a hung program, short enough that viewers see a frozen picture and not yet the fault slate (3 s).
  std::chrono::milliseconds silence_limit{2000};
  // The pause between restarts grows to this when a program keeps dying.
  std::chrono::milliseconds longest_pause{2000};
};

std::vector<ProgramSpec> programs_of(const RoomConfig& config);
// "pult-ingest" for the shared port and what we dial, "pult-ingest@9001" for each feed port of its own.
std::vector<std::string> ingest_names(const RoomConfig& config);
// The one of them that takes this feed in.
std::string ingest_of(const FeedConfig& feed);

} // namespace pult::control
