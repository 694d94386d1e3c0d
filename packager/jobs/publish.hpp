// Makes a draft public, and takes a talk back.
//
// Publishing is a rename into the one public folder. Withdrawing removes every copy: public files, drafts, and from the
// append-only recordings the talk's own span: in the programme whole fragments become one `free` box each (players skip
// it, ISO/IEC 14496-12, 8.1.2), in a feed's own recording null packets; the disk blocks behind both are given back
// where the file system can. What is being written is never touched: only bytes that an index names. Blocking; the job
// thread.
#pragma once

#include "packager/jobs/cut_job.hpp"

namespace pult::packager::jobs {

// Refuses what is no complete draft, and what is public already.
Result<boost::json::object> publish_talk(const ArchiveFolders& archive, const Talk& talk);
// {"removed": [paths and spans, for people], "bytes", "remains": what a cache elsewhere may still hold}
Result<boost::json::object> withdraw_talk(const ArchiveFolders& archive, const Talk& talk);

} // namespace pult::packager::jobs
