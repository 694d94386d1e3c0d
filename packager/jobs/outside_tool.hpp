// Runs rsync or rclone for an export: no shell, its last words are the error, ended when the job is stopped. Blocking.
#pragma once

#include "packager/jobs/cut_job.hpp"

namespace pult::packager::jobs {

// `package`: the Debian package that has it, for the error. Reports progress while it runs, so that a stop ends it.
Result<void> run_tool(const std::vector<std::string>& argv, const std::string& package, const Report& report);

} // namespace pult::packager::jobs
