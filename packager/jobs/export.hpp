// Puts the public folder elsewhere: a folder or another host by rsync, any object store by rclone.
//
// What else lies at the other place stays: only talks that an earlier export put there and that are not public any more
// are removed. Which those are stands in `exported.json` of data_dir. An export that broke off begins again where it
// was. Blocking; the job thread.
#pragma once

#include "packager/jobs/cut_job.hpp"

namespace pult::packager::jobs {

// `to`: a folder, "host:path" (rsync), or "rclone:remote:path". Refuses the archive itself and folders within.
Result<boost::json::object> export_talks(const ArchiveFolders& archive, const std::string& to, const Report& report);

} // namespace pult::packager::jobs
