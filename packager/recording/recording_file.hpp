// Writes one track's recording: hourly append-only files with an index beside them.
//
// A part's bytes are appended, then its line; sync() makes both safe. A new file begins with each hour (UTC, of the
// part's wall time), each new init section, each start of the program, after an error and after a hold: what an earlier
// life wrote is never touched. A failed append leaves no half behind where the disk lets us take it back, and else
// bytes that no line names. Blocking; for the recorder's writer thread.
#pragma once

#include "base/unique_fd.hpp"
#include "packager/recording/recording.hpp"

#include <map>
#include <optional>

namespace pult::packager {

class RecordingTrack {
 public:
  RecordingTrack(std::filesystem::path folder, TrackDescription description, Nanoseconds epoch_wall);

  // The last part of this epoch that an earlier life recorded: its first picture, -1 for none.
  [[nodiscard]] PictureIndex last_recorded() const { return last_recorded_; }

  void keep_init(const InitSection& init) { inits_[init.name] = init.bytes; }
  Result<void> append(const PublishedPart& part);
  Result<void> sync();
  // What follows begins a file of its own, with a line that says why.
  void begin_anew(HoleCause cause);

  [[nodiscard]] std::uint64_t file_bytes() const { return writing_ ? writing_->size : 0; }

 private:
  struct Writing {
    UniqueFd media;
    UniqueFd index;
    std::uint64_t size = 0;
    std::string init_name;
    std::int64_t hour = 0;
  };
  [[nodiscard]] bool fits(const PublishedPart& part) const;
  [[nodiscard]] Nanoseconds wall_of(const PublishedPart& part) const;
  Result<void> begin_file(const PublishedPart& first);
  Result<void> write(const PublishedPart& part);

  std::filesystem::path folder_;
  RecordedTrack about_; // description only
  Nanoseconds epoch_wall_;
  PictureIndex last_recorded_ = -1;
  std::map<std::string, SharedBytes> inits_;
  std::optional<Writing> writing_;
  std::optional<HoleCause> hole_;
};

} // namespace pult::packager
