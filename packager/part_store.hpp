// The live parts of one show in the run directory: what was published, and where a restarted packager goes on.
//
// `live/<show>/<track>/<msn>.m4s` holds a segment's parts one behind the other, `<msn>.idx` beside it one line per
// part. A part's bytes are appended first, then its line; only then may a playlist name it. Both files are append
// only. A kill in between leaves a tail behind the last whole line, which load() cuts off: nothing that was published
// is ever made anew. The newest 120 s are kept. The directory is memory-backed, so a write does not wait for a disk.
// One thread (the timeline's).
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/unique_fd.hpp"
#include "packager/published.hpp"
#include "packager/timeline.hpp"

namespace pult::packager {

// How long the parts of the show stay in the run directory; the window on disk has them for longer.
inline constexpr std::chrono::seconds kKeptLive{120};

// Where the bytes of a part's last IDR lie: they stand in for the programme after a restart.
struct IdrPlace {
  std::uint64_t offset = 0; // in the segment's file
  std::uint64_t length = 0; // 0: the part has no IDR
};

struct KeptPart {
  PublishedPart part;
  Span span;
  RungState state;
  Nanoseconds usual{};
  IdrPlace idr;
};

// One track's files.
class TrackStore {
 public:
  static Result<TrackStore> open(const std::filesystem::path& folder, int keep_segments);

  // Cuts off torn tails and reads what is left, oldest first, contiguous to the end.
  [[nodiscard]] Result<std::vector<KeptPart>> load();
  // The last IDR that was published, from the kept parts; null when there is none.
  [[nodiscard]] static SharedBytes last_idr(const std::vector<KeptPart>& kept);

  // `idr_in_part` is the place of the last IDR inside the part's bytes.
  [[nodiscard]] Result<void> append(const KeptPart& part, IdrPlace idr_in_part);

 private:
  TrackStore(std::filesystem::path folder, int keep_segments)
      : folder_(std::move(folder)), keep_segments_(keep_segments) {}
  [[nodiscard]] Result<std::vector<KeptPart>> load_segment(std::int64_t sequence);
  [[nodiscard]] Result<void> open_segment(const KeptPart& first);
  [[nodiscard]] std::vector<std::int64_t> sequences() const; // on disk, ascending
  void remove(std::int64_t sequence);
  [[nodiscard]] std::filesystem::path media_path(std::int64_t sequence) const;
  [[nodiscard]] std::filesystem::path index_path(std::int64_t sequence) const;

  std::filesystem::path folder_;
  int keep_segments_;
  std::optional<std::int64_t> sequence_; // of the open segment
  UniqueFd media_;
  UniqueFd index_;
  std::uint64_t media_size_ = 0;
};

// The text lines of an index, for tests: what is written is what is read.
[[nodiscard]] std::string index_line(const KeptPart& part, std::uint64_t offset);
[[nodiscard]] std::string segment_line(const KeptPart& first);

} // namespace pult::packager
