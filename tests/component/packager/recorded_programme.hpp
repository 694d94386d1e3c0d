// The small programme as the recorder leaves it on disk, for what reads recordings. For tests only.
#pragma once

#include "packager/recording/recorder.hpp"
#include "small_programme.hpp"

#include <filesystem>

namespace pult::packager::test {

inline constexpr Nanoseconds kEpochWall{1'790'000'000'000'000'000}; // wall time of n = 0

// Rows (0.32 s each) of show-1 into program/.
inline void record(const SmallProgramme& programme, const std::filesystem::path& program_dir, std::int64_t first,
                   std::int64_t rows) {
  Recorder::Params params;
  params.folder = program_dir;
  params.epoch_wall = kEpochWall;
  params.reserve_bytes = 0;
  params.event = [](std::string_view, const std::string&) {};
  Recorder recorder(std::move(params));
  programme.begin(recorder, "show-1");
  programme.rows(recorder, first, rows);
}

} // namespace pult::packager::test
