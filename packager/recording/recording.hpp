// What was recorded of the programme, and where it lies: the index beside each file of the recording, and its reader.
//
// `<program dir>/<show>/show.json` names the tracks; `<track>/<YYYYMMDDTHH>[-k].mp4` (UTC) is an append-only fragmented
// MP4 that any player opens: init section, then part behind part. The text index `.index` of the same name has one line
// a part, written behind its bytes, with their checksum: after a power cut lines may be on disk whose bytes are not. A
// span that was withdrawn stands in `.removed` beside them, as ranges of bytes; the index itself is append only.
// A place in the recording is programme wall time: the epoch's wall time plus time on the room's grid, so it is unique
// over reboots and exact to the sample. Blocking; any thread but io threads.
#pragma once

#include "packager/published.hpp"

#include "base/result.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pult::packager {

struct RecordedPart {
  std::int64_t sequence = 0;
  int number = 0;
  bool independent = false;
  PictureIndex first_picture = 0;
  std::int64_t begin = 0; // on the track's timescale, since the room's epoch
  std::int64_t duration = 0;
  std::uint64_t offset = 0; // of its fragment in the file
  std::uint32_t length = 0;
  std::uint32_t crc = 0;         // CRC-32 (of gzip, RFC 1952) of the fragment
  std::vector<FilledRun> filled; // pictures, or sound frames, that are not live
  bool removed = false;          // withdrawn; the bytes are a free box
};

// Why the recording has a hole before the part that follows.
enum class HoleCause { kHeld, kDisk };
struct RecordedHole {
  HoleCause cause = HoleCause::kDisk;
  std::size_t before_part = 0; // index into RecordedFile::parts
};

struct RecordedFile {
  std::filesystem::path media;
  std::string init_name;
  std::uint64_t init_bytes = 0; // the file begins with its init section
  Nanoseconds epoch_wall{};     // wall time of n = 0
  std::vector<RecordedPart> parts;
  std::vector<RecordedHole> holes;
};

struct RecordedTrack {
  TrackDescription description;
  std::vector<RecordedFile> files; // in the order of their parts' wall time

  // Wall time at which a part's first sample belongs.
  [[nodiscard]] Nanoseconds wall_of(const RecordedFile& file, std::int64_t ticks) const;
};

struct RecordedShow {
  std::string id;
  std::vector<RecordedTrack> tracks; // renditions from large to small, then sounds
};

// The show's recording as far as lines and bytes are whole; kNotFound when there is none.
Result<RecordedShow> read_recording(const std::filesystem::path& program_dir, const std::string& show);
std::vector<std::string> recorded_shows(const std::filesystem::path& program_dir);
// One file's index; nothing when it is no index of ours.
std::optional<RecordedFile> read_recorded_file(const std::filesystem::path& index);
[[nodiscard]] std::uint32_t checksum_of(ByteView part); // as in the index
// True when the file holds exactly the bytes that were recorded there.
[[nodiscard]] bool bytes_are_whole(int fd, const RecordedPart& part);

// The lines of an index, without their ends; what is written is what is read.
inline constexpr std::string_view kRecordingVersion = "pult-recording 1";
[[nodiscard]] std::string head_lines(const RecordedFile& file); // several
[[nodiscard]] std::string part_line(const RecordedPart& part);
[[nodiscard]] std::string hole_line(HoleCause cause);
[[nodiscard]] std::optional<RecordedPart> parse_part_line(std::string_view line);

// A span of bytes that was withdrawn: a line in `.removed`.
struct RemovedRange {
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
};
[[nodiscard]] std::filesystem::path removed_path(const std::filesystem::path& media);
std::vector<RemovedRange> read_removed(const std::filesystem::path& media);

} // namespace pult::packager
