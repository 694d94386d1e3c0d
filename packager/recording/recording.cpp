#include "packager/recording/recording.hpp"

#include "base/file.hpp"
#include "packager/filled_runs.hpp"
#include "packager/show_file.hpp"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <fstream>
#include <iterator>
#include <libdeflate.h>
#include <sys/stat.h>
#include <unistd.h>

namespace pult::packager {
namespace {

namespace fs = std::filesystem;

std::string_view take_word(std::string_view& text) {
  const auto end = std::min(text.find(' '), text.size());
  const auto word = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return word;
}

template <typename T>
bool parse(std::string_view word, T& value, int base = 10) {
  const auto [end, failed] = std::from_chars(word.data(), word.data() + word.size(), value, base);
  return failed == std::errc{} && end == word.data() + word.size();
}

// One line of an index into the file that it describes. False: not whole, and so is nothing behind it.
bool take_line(std::string_view line, RecordedFile& file) {
  auto rest = line;
  const auto kind = take_word(rest);
  if (kind == "part") {
    auto part = parse_part_line(line);
    if (!part) return false;
    file.parts.push_back(std::move(*part));
    return true;
  }
  if (kind == "hole") {
    file.holes.push_back({rest == "held" ? HoleCause::kHeld : HoleCause::kDisk, file.parts.size()});
    return true;
  }
  if (kind == "epoch") {
    std::int64_t wall = 0;
    const bool read = parse(rest, wall);
    file.epoch_wall = Nanoseconds(wall);
    return read;
  }
  if (kind == "init") {
    file.init_name = take_word(rest);
    return parse(rest, file.init_bytes);
  }
  return true; // of a newer version
}

// Lines that were written before their bytes were safe: only whole parts count.
void drop_missing_bytes(RecordedFile& file) {
  struct stat media {};
  const auto size =
      ::stat(file.media.c_str(), &media) == 0 ? static_cast<std::uint64_t>(media.st_size) : std::uint64_t{0};
  while (!file.parts.empty() && file.parts.back().offset + file.parts.back().length > size)
    file.parts.pop_back();
}

void mark_removed(RecordedFile& file) {
  const auto ranges = read_removed(file.media);
  for (auto& part : file.parts)
    part.removed = std::any_of(ranges.begin(), ranges.end(), [&](const RemovedRange& range) {
      return part.offset >= range.offset && part.offset < range.offset + range.length;
    });
}

// Indices are a few megabytes for an hour at most; read_file() is for small ones.
std::string read_text(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

Nanoseconds first_wall(const RecordedTrack& track, const RecordedFile& file) {
  return file.parts.empty() ? Nanoseconds{} : track.wall_of(file, file.parts.front().begin);
}

RecordedTrack read_track(const fs::path& folder, TrackDescription description) {
  RecordedTrack track{std::move(description), {}};
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(folder, failed)) {
    if (entry.path().extension() != ".index") continue;
    if (auto file = read_recorded_file(entry.path()); file && !file->parts.empty())
      track.files.push_back(std::move(*file));
  }
  std::sort(track.files.begin(), track.files.end(),
            [&](const auto& a, const auto& b) { return first_wall(track, a) < first_wall(track, b); });
  return track;
}

} // namespace

Nanoseconds RecordedTrack::wall_of(const RecordedFile& file, std::int64_t ticks) const {
  const std::int64_t scale = description.timescale;
  constexpr std::int64_t kSecond = 1'000'000'000;
  return file.epoch_wall + Nanoseconds(ticks / scale * kSecond + ticks % scale * kSecond / scale);
}

std::string head_lines(const RecordedFile& file) {
  return fmt::format("{}\nepoch {}\ninit {} {}", kRecordingVersion, file.epoch_wall.count(), file.init_name,
                     file.init_bytes);
}

std::string part_line(const RecordedPart& part) {
  auto line = fmt::format("part {} {} {} {} {} {} {} {} {:08x}", part.sequence, part.number, part.independent ? 1 : 0,
                          part.first_picture, part.begin, part.duration, part.offset, part.length, part.crc);
  if (!part.filled.empty()) line += ' ' + text_of(part.filled);
  return line;
}

std::string hole_line(HoleCause cause) {
  return cause == HoleCause::kHeld ? "hole held" : "hole disk";
}

std::optional<RecordedPart> parse_part_line(std::string_view line) {
  RecordedPart part;
  int independent = 0;
  const bool whole = take_word(line) == "part" && parse(take_word(line), part.sequence) &&
                     parse(take_word(line), part.number) && parse(take_word(line), independent) &&
                     parse(take_word(line), part.first_picture) && parse(take_word(line), part.begin) &&
                     parse(take_word(line), part.duration) && parse(take_word(line), part.offset) &&
                     parse(take_word(line), part.length) && parse(take_word(line), part.crc, 16);
  if (!whole || part.duration <= 0) return std::nullopt;
  part.independent = independent != 0;
  if (line.empty()) return part;
  auto filled = filled_runs_of(line);
  if (!filled) return std::nullopt;
  part.filled = std::move(*filled);
  return part;
}

std::optional<RecordedFile> read_recorded_file(const fs::path& index) {
  const auto text = read_text(index);
  std::string_view rest = text;
  RecordedFile file;
  file.media = index;
  file.media.replace_extension(".mp4");
  bool ours = false;
  for (auto end = rest.find('\n'); end != std::string_view::npos; end = rest.find('\n')) {
    const auto line = rest.substr(0, end);
    rest.remove_prefix(end + 1);
    if (!ours && line != kRecordingVersion) return std::nullopt;
    if (!ours) {
      ours = true;
      continue;
    }
    if (!take_line(line, file)) break;
  }
  if (!ours) return std::nullopt;
  drop_missing_bytes(file);
  mark_removed(file);
  return file;
}

std::uint32_t checksum_of(ByteView part) {
  return ::libdeflate_crc32(0, part.data(), part.size());
}

bool bytes_are_whole(int fd, const RecordedPart& part) {
  Bytes bytes(part.length);
  for (std::size_t got = 0; got < bytes.size();) {
    const auto n = ::pread(fd, bytes.data() + got, bytes.size() - got, static_cast<off_t>(part.offset + got));
    if (n <= 0) return false;
    got += static_cast<std::size_t>(n);
  }
  return checksum_of(bytes) == part.crc;
}

Result<RecordedShow> read_recording(const fs::path& program_dir, const std::string& show) {
  const auto folder = program_dir / show;
  std::error_code failed;
  if (!fs::exists(folder / "show.json", failed))
    return Error{Errc::kNotFound, "no recording of show \"" + show + "\" in " + program_dir.string()};
  auto known = read_show_file(folder / "show.json");
  if (!known) return known.error();
  RecordedShow recorded{show, {}};
  for (auto& track : known->show.tracks) {
    const auto path = folder / track.name;
    recorded.tracks.push_back(read_track(path, std::move(track)));
  }
  return recorded;
}

std::vector<std::string> recorded_shows(const fs::path& program_dir) {
  std::vector<std::string> shows;
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(program_dir, failed))
    if (fs::exists(entry.path() / "show.json", failed)) shows.push_back(entry.path().filename());
  std::sort(shows.begin(), shows.end());
  return shows;
}

fs::path removed_path(const fs::path& media) {
  auto path = media;
  return path.replace_extension(".removed");
}

std::vector<RemovedRange> read_removed(const fs::path& media) {
  std::vector<RemovedRange> ranges;
  std::ifstream in(removed_path(media));
  for (RemovedRange range; in >> range.offset >> range.length;)
    ranges.push_back(range);
  return ranges;
}

} // namespace pult::packager
