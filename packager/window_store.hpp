// The window's files: what viewers can rewind to, one folder a show and track, and how they are found again.
//
// `<dir>/<show>/show.json` says what the show is and when it ended; `<track>/<init name>` are the init sections;
// `<track>/<first sequence>.mp4` is an append-only fragmented MP4 of about an hour (init section first, so that any
// player opens it) with a text index of the same name beside it: one line a segment, written when its bytes are on
// disk. A new file begins at each hour, each start of the program and each new init section, so nothing is ever
// appended behind a torn tail. Blocking; for the window's writer thread and for the start.
#pragma once

#include "base/unique_fd.hpp"
#include "packager/media_playlist.hpp"
#include "packager/published.hpp"

#include <filesystem>
#include <map>
#include <memory>
#include <optional>

namespace pult::packager {

// Where bytes lie. Files are opened for each read: a program that restarts often leaves many of them.
struct WindowPlace {
  std::shared_ptr<const std::filesystem::path> file;
  std::uint64_t offset = 0;
  std::size_t length = 0;
};

// A segment as it lies on disk; part_bytes are the lengths of entry.parts.
struct StoredSegment {
  SegmentEntry entry;
  std::vector<std::size_t> part_bytes;
  WindowPlace place;
};

struct StoredTrack {
  std::map<std::string, SharedBytes> inits;
  std::vector<StoredSegment> segments; // numbered without a hole
};

struct StoredShow {
  Show show;
  std::optional<Nanoseconds> ended; // wall time
  std::vector<StoredTrack> tracks;  // as show.tracks
};

class WindowTrack {
 public:
  explicit WindowTrack(std::filesystem::path folder) : folder_(std::move(folder)) {}

  [[nodiscard]] StoredTrack load();
  Result<void> keep_init(const InitSection& init);
  // Its init section must have been kept. Fails without having written a line.
  Result<WindowPlace> append(const SegmentEntry& entry, const std::vector<SharedBytes>& parts);
  // Removes files that hold nothing from `first` on.
  void prune(std::int64_t first);
  // The same, and of a file that holds more, the bytes and lines before `first`, safely. What follows goes into a new
  // file.
  Result<void> forget(std::int64_t first);

 private:
  struct Writing {
    std::shared_ptr<const std::filesystem::path> path;
    UniqueFd media;
    UniqueFd index;
    std::uint64_t size = 0;
    std::string init_name;
    std::int64_t hour = 0;
    std::int64_t last = 0;
  };
  [[nodiscard]] bool fits(const SegmentEntry& entry) const;
  Result<void> begin_file(const SegmentEntry& first);

  std::filesystem::path folder_;
  std::map<std::string, SharedBytes> inits_;
  std::optional<Writing> writing_;
};

[[nodiscard]] std::filesystem::path show_folder(const std::filesystem::path& window, const std::string& show);
[[nodiscard]] std::filesystem::path track_folder(const std::filesystem::path& window, const std::string& show,
                                                 const std::string& track);
Result<void> write_show(const std::filesystem::path& window, const Show& show, std::optional<Nanoseconds> ended);
Result<StoredShow> read_show(const std::filesystem::path& folder); // without tracks' segments

// The text of an index line, without its end; what is written is what is read.
[[nodiscard]] std::string index_line(const StoredSegment& segment);
[[nodiscard]] std::optional<StoredSegment> parse_index_line(std::string_view line); // place.file is empty

} // namespace pult::packager
