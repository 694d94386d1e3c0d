// Plays a file as a player does: what it shows, when, and what it says of itself. For tests only.
#pragma once

#include "base/bytes.hpp"

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace pult::packager::test {

// What a player makes of a file: which pictures and sound it shows, when.
struct Played {
  std::vector<Bytes> pictures; // luma, in the order in which they show
  std::vector<double> times;
  double sound_begin = -1;
  double duration = 0;
  unsigned chapters = 0;
  std::map<std::string, std::string> tags;
};

Played play(const std::filesystem::path& file);

} // namespace pult::packager::test
