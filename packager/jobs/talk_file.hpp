// Writes a talk's MP4: stream copy of one rung and the sound, frame-exact in and out, quick to start.
//
// libavformat's mov muxer writes the edit lists: tracks begin before the in mark (the IDR; two sound frames) with
// negative times, which become the media time of the edit. Space for the moov is reserved in front, so that the file is
// written once (faststart would write it twice); when it does not suffice the file is written again with more.
// Missing time stays: the picture before a hole is held, sound is silence. Where the encoder's parameter sets change,
// the new ones go in band before the IDR, which every decoder takes. Blocking; the jobs' threads.
#pragma once

#include "packager/jobs/cut_plan.hpp"

#include <atomic>
#include <functional>
#include <string>
#include <vector>

namespace pult::packager::jobs {

struct Chapter {
  Nanoseconds at{}; // of the talk's clock
  std::string title;
};

struct TalkTags {
  std::string title, artist, album, date, description, copyright;
  std::vector<Chapter> chapters;
};

struct FileFacts {
  std::uint64_t bytes = 0;
  Nanoseconds length{};
  int width = 0;
  int height = 0;
};

// How far it is, 0 to 1; false: stop.
using Progress = std::function<bool(double)>;

// `video` may be null: an audio-only file. The file is complete and on disk when this returns, or is not there.
Result<FileFacts> write_talk_file(const std::filesystem::path& file, const CutPlan& plan, const TrackPlan* video,
                                  const std::vector<const TrackPlan*>& sounds, const TalkTags& tags,
                                  const Progress& progress);

} // namespace pult::packager::jobs
