// A talk's files from its marks: `drafts/<slug>/`, all of them or, after a kill, those that are missing.
//
// First the VOD playlists, which take a moment: the talk can be watched before any file is there. Then video.mp4,
// audio.m4a, the pictures, the waveform, and last talk.json: a folder with a talk.json is complete. Files of an earlier
// cut with other marks are made anew; `cut.json` says which marks the files are of. Blocking; the jobs' threads.
#pragma once

#include "packager/jobs/talk_json.hpp"

namespace pult::packager::jobs {

// What is being done now, and how far it is; false: stop.
using Report = std::function<bool(const std::string& doing, double progress)>;

// A talk that has just ended is not wholly recorded yet: waits until its end is on disk, or nothing comes any more.
void await_recorded(const ArchiveFolders& archive, const Talk& talk, const std::function<bool()>& go_on);
// The playlists alone; quick.
Result<void> write_vod(const ArchiveFolders& archive, const Talk& talk);
// All. The result is for the crew: {"length", "gaps", "bytes", "loudness"}.
Result<boost::json::object> cut_talk(const ArchiveFolders& archive, const Job& job, const Report& report);

} // namespace pult::packager::jobs
