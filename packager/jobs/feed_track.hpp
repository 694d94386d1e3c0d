// Makes a track of the programme's form out of a feed's own recording, so that a talk can be cut from another camera as
// from the programme: same grid, same size, the same files, exact to the picture.
//
// Each picture of the grid shows the feed's nearest one, as the mixer would have. Encoded once, well (x264, CRF), one
// part for each segment; written as recordings are, so a job that was killed goes on behind the last part. Where the
// feed sent nothing its last picture stands, and counts as filled. Blocking; the job thread.
#pragma once

#include "base/programme_time.hpp"
#include "packager/jobs/feed_pictures.hpp"
#include "packager/jobs/talk_file.hpp"

namespace pult::packager::jobs {

struct FeedCut {
  std::filesystem::path feed_folder; // of iso/
  std::string feed;
  std::chrono::milliseconds delay{0};  // that the crew gave the feed
  Marks marks;                         // programme wall time, on the grid
  Nanoseconds epoch_wall{};            // of the grid
  Cutting cutting;                     // a group of pictures is a segment
  int width = 0, height = 0, kbps = 0; // of the top rung
};

// Into `folder`. Refuses a span of which the feed has nothing, and says what there is.
Result<RecordedTrack> make_feed_track(const FeedCut& cut, const std::filesystem::path& folder,
                                      const Progress& progress);

} // namespace pult::packager::jobs
