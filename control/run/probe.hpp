// Runs pult-probe and reads what it found. Never longer than ten seconds: then it is killed. Blocks; one thread.
#pragma once

#include "base/config.hpp"
#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "control/run/check.hpp"

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace pult::control {

struct Probe {
  std::vector<std::pair<std::string, std::string>> missing; // element, Debian package
  std::vector<RungCost> rungs;                              // from large to small; empty when it could not measure
};
Result<Probe> run_probe(const std::filesystem::path& program, const std::filesystem::path& config);
Result<Probe> probe_from_json(std::string_view text);

// A bound UDP socket, for a look whether the port is free.
Result<UniqueFd> bind_udp(const ListenAddress& address);

} // namespace pult::control
