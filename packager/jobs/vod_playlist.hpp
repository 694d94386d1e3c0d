// The talk as a VOD playlist over the recorded fragments: watchable before any file was made of it.
//
// A segment is the parts of one media sequence number; it begins at or before the in mark, and EXT-X-START says where
// the talk begins exactly (RFC 8216bis 4.4.2.2). Fragments are named by byte ranges of the hourly files; a new file, a
// hole and another init section are discontinuities. Pure: text out of a plan. Any thread.
#pragma once

#include "packager/jobs/cut_plan.hpp"

#include <string>

namespace pult::packager::jobs {

// `up` leads from the playlist's folder to the folder of the show's recording: "../../program/<show>".
[[nodiscard]] std::string vod_media_playlist(const TrackPlan& plan, const std::string& up);
// Names "<track>.m3u8" beside it.
[[nodiscard]] std::string vod_multivariant_playlist(const CutPlan& plan, std::chrono::milliseconds segment);

} // namespace pult::packager::jobs
