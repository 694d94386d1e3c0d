// The pictures of a feed's own recording, decoded, in one size, with their places on the programme.
//
// Whatever the feed sent comes out as house pictures: deinterlaced where it is interlaced, square pixels, its shape
// kept within black bars (libavfilter). What cannot be decoded is left out; a decoder begins at a key frame. Blocking;
// the job thread.
#pragma once

#include "packager/av_raii.hpp"
#include "packager/jobs/feed_time.hpp"
#include "packager/jobs/iso_span.hpp"

#include <memory>

namespace pult::packager::jobs {

struct FeedPicture {
  AvFramePtr frame;      // yuv420p
  Nanoseconds arrived{}; // programme wall time, by the feed's clock
};

class FeedPictures {
 public:
  FeedPictures(std::vector<IsoRun> runs, int width, int height);
  ~FeedPictures();

  // The next one; an empty frame at the end.
  Result<FeedPicture> next();

 private:
  struct Stream;
  std::vector<IsoRun> runs_;
  std::size_t next_run_ = 0;
  int width_, height_;
  std::unique_ptr<Stream> stream_;
};

} // namespace pult::packager::jobs
