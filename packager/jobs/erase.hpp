// Takes a span of time out of recordings that are append only: the bytes go, the files stay playable. Blocking; the job
// thread.
#pragma once

#include "packager/jobs/cut_plan.hpp"

namespace pult::packager::jobs {

// Fragments that hold anything of the span become `free` boxes, each run of neighbours one; `.removed` beside the file
// says so, safely before the bytes go. → bytes.
Result<std::uint64_t> erase_programme(const std::filesystem::path& program_dir, const std::string& show, Marks span);
// Packets that arrived within the span become null packets (ISO/IEC 13818-1, 2.4.3.3: PID 0x1FFF), of all feeds. →
// bytes.
Result<std::uint64_t> erase_feeds(const std::filesystem::path& iso_dir, Marks span);

} // namespace pult::packager::jobs
