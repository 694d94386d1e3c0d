#include "packager/jobs/erase.hpp"

#include "base/unique_fd.hpp"
#include "packager/jobs/iso_index.hpp"

#include <algorithm>
#include <array>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace pult::packager::jobs {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kPacket = 188;
constexpr std::size_t kPacketsAtOnce = 4096;
// Pictures are recorded 200 ms and more after their packets came; a feed may have a delay of its own on top (5 s).
constexpr Nanoseconds kFeedsEarlier = std::chrono::seconds(6);

Result<void> write_at(int fd, const std::uint8_t* data, std::size_t length, std::uint64_t offset,
                      const std::string& path) {
  while (length > 0) {
    const auto wrote = ::pwrite(fd, data, length, static_cast<off_t>(offset));
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) return errno_error("overwrite " + path, errno);
    data += wrote;
    offset += static_cast<std::uint64_t>(wrote);
    length -= static_cast<std::size_t>(wrote);
  }
  return {};
}

Result<void> make_safe(int fd, const std::string& path) {
  if (::fsync(fd) != 0) return errno_error("sync " + path, errno);
  return {};
}

// The blocks go back to the disk; where the file system cannot do that, zeros go over them.
Result<void> zero(int fd, std::uint64_t offset, std::uint64_t length, const std::string& path) {
  if (length == 0) return {};
  if (::fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, static_cast<off_t>(offset),
                  static_cast<off_t>(length)) == 0)
    return {};
  const std::vector<std::uint8_t> zeros(1 << 20);
  for (std::uint64_t done = 0; done < length;) {
    const auto now = std::min<std::uint64_t>(zeros.size(), length - done);
    if (auto wrote = write_at(fd, zeros.data(), now, offset + done, path); !wrote) return wrote;
    done += now;
  }
  return {};
}

// One box that every reader skips. Lengths of 4 GiB and more take the 64-bit form (4.2).
Result<void> make_free_box(int fd, const RemovedRange& range, const std::string& path) {
  std::array<std::uint8_t, 16> head{0, 0, 0, 1, 'f', 'r', 'e', 'e'};
  const bool large = range.length > 0xFFFFFFFFu;
  const std::size_t size = large ? 16 : 8;
  for (std::size_t i = 0; i < (large ? 8U : 4U); ++i)
    head[(large ? 15 : 3) - i] = static_cast<std::uint8_t>(range.length >> (8 * i));
  // The body first: a box is never larger than what is gone.
  if (auto done = zero(fd, range.offset + size, range.length - size, path); !done) return done;
  return write_at(fd, head.data(), size, range.offset, path);
}

Result<void> note_removed(const RecordedFile& file, const std::vector<RemovedRange>& ranges) {
  const auto path = removed_path(file.media);
  std::string lines;
  for (const auto& range : ranges)
    lines += fmt::format("{} {}\n", range.offset, range.length);
  const UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
  if (!fd) return errno_error("write " + path.string(), errno);
  auto done = Result<void>{};
  if (::write(fd.get(), lines.data(), lines.size()) != static_cast<ssize_t>(lines.size()))
    done = errno_error("write " + path.string(), errno);
  return done ? make_safe(fd.get(), path.string()) : done;
}

std::vector<RemovedRange> ranges_of(const RecordedTrack& track, const RecordedFile& file, Marks span) {
  std::vector<RemovedRange> ranges;
  for (const auto& part : file.parts) {
    const auto begin = track.wall_of(file, part.begin), end = track.wall_of(file, part.begin + part.duration);
    if (part.removed || end <= span.in || begin >= span.out) continue;
    if (!ranges.empty() && ranges.back().offset + ranges.back().length == part.offset) {
      ranges.back().length += part.length;
    } else {
      ranges.push_back({part.offset, part.length});
    }
  }
  return ranges;
}

Result<std::uint64_t> erase_file(const RecordedTrack& track, const RecordedFile& file, Marks span) {
  const auto ranges = ranges_of(track, file, span);
  if (ranges.empty()) return std::uint64_t{0};
  if (auto noted = note_removed(file, ranges); !noted) return noted.error();
  const UniqueFd fd(::open(file.media.c_str(), O_WRONLY | O_CLOEXEC));
  if (!fd) return errno_error("open " + file.media.string(), errno);
  std::uint64_t bytes = 0;
  for (const auto& range : ranges) {
    if (auto done = make_free_box(fd.get(), range, file.media.string()); !done) return done.error();
    bytes += range.length;
  }
  if (auto safe = make_safe(fd.get(), file.media.string()); !safe) return safe.error();
  return bytes;
}

// Null packets are stuffing for all who read the stream later; zeros would be lost sync.
Result<void> make_null_packets(int fd, std::uint64_t begin, std::uint64_t end, const std::string& path) {
  std::vector<std::uint8_t> packets(kPacket * kPacketsAtOnce, 0xFF);
  for (std::size_t at = 0; at < packets.size(); at += kPacket) {
    packets[at] = 0x47;
    packets[at + 1] = 0x1F;
    packets[at + 2] = 0xFF;
    packets[at + 3] = 0x10;
  }
  for (auto at = begin; at < end;) {
    const auto now = std::min<std::uint64_t>(packets.size(), end - at);
    if (auto wrote = write_at(fd, packets.data(), now, at, path); !wrote) return wrote;
    at += now;
  }
  return make_safe(fd, path);
}

Result<std::uint64_t> erase_feed_file(const fs::path& index, Marks span) {
  const auto file = read_iso_index(index);
  if (!file) return std::uint64_t{0};
  const auto range = file->bytes_between(span.in - kFeedsEarlier, span.out);
  if (range.length == 0) return std::uint64_t{0};
  const UniqueFd fd(::open(file->media.c_str(), O_WRONLY | O_CLOEXEC));
  if (!fd) return errno_error("open " + file->media.string(), errno);
  auto done = make_null_packets(fd.get(), range.offset, range.offset + range.length, file->media.string());
  if (!done) return done.error();
  return range.length;
}

} // namespace

Result<std::uint64_t> erase_programme(const fs::path& program_dir, const std::string& show, Marks span) {
  const auto recorded = read_recording(program_dir, show);
  if (!recorded) {
    if (recorded.error().code == Errc::kNotFound) return std::uint64_t{0};
    return recorded.error();
  }
  std::uint64_t bytes = 0;
  for (const auto& track : recorded->tracks)
    for (const auto& file : track.files) {
      auto erased = erase_file(track, file, span);
      if (!erased) return erased.error();
      bytes += *erased;
    }
  return bytes;
}

Result<std::uint64_t> erase_feeds(const fs::path& iso_dir, Marks span) {
  std::uint64_t bytes = 0;
  std::error_code failed;
  for (const auto& entry : fs::recursive_directory_iterator(iso_dir, failed)) {
    if (entry.path().extension() != ".index") continue;
    auto erased = erase_feed_file(entry.path(), span);
    if (!erased) return erased.error();
    bytes += *erased;
  }
  return bytes;
}

} // namespace pult::packager::jobs
