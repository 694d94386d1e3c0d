#include "packager/recording/recording_file.hpp"

#include <algorithm>
#include <ctime>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

namespace pult::packager {
namespace {

namespace fs = std::filesystem;

constexpr int kMostFilesAnHour = 10000; // a program that dies every 0.4 s; then something else is wrong

std::int64_t hour_of(Nanoseconds wall) {
  return std::chrono::floor<std::chrono::hours>(wall).count();
}

// "20261126T10", UTC.
std::string hour_name(std::int64_t hour) {
  const std::time_t seconds = hour * 3600;
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  return fmt::format("{:04}{:02}{:02}T{:02}", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday, parts.tm_hour);
}

Result<void> write_all(int fd, const void* data, std::size_t length, const std::string& what) {
  const auto* at = static_cast<const std::uint8_t*>(data);
  while (length > 0) {
    const auto written = ::write(fd, at, length);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno_error(what, errno);
    at += written;
    length -= static_cast<std::size_t>(written);
  }
  return {};
}

Result<void> write_line(int fd, const std::string& line) {
  const auto whole = line + "\n";
  return write_all(fd, whole.data(), whole.size(), "recording: write index");
}

UniqueFd create(const fs::path& path) {
  return UniqueFd(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0644));
}

PictureIndex last_of_epoch(const fs::path& folder, Nanoseconds epoch_wall) {
  PictureIndex last = -1;
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(folder, failed)) {
    if (entry.path().extension() != ".index") continue;
    const auto file = read_recorded_file(entry.path());
    if (file && file->epoch_wall == epoch_wall && !file->parts.empty())
      last = std::max(last, file->parts.back().first_picture);
  }
  return last;
}

} // namespace

RecordingTrack::RecordingTrack(fs::path folder, TrackDescription description, Nanoseconds epoch_wall)
    : folder_(std::move(folder)), about_{std::move(description), {}}, epoch_wall_(epoch_wall),
      last_recorded_(last_of_epoch(folder_, epoch_wall)) {}

Nanoseconds RecordingTrack::wall_of(const PublishedPart& part) const {
  RecordedFile file;
  file.epoch_wall = epoch_wall_;
  return about_.wall_of(file, part.begin);
}

bool RecordingTrack::fits(const PublishedPart& part) const {
  // A file ends with an hour and a segment, so that the next one begins with an IDR.
  const bool other_hour = hour_of(wall_of(part)) != (writing_ ? writing_->hour : 0);
  return writing_ && writing_->init_name == part.init_name && !(other_hour && part.number == 0);
}

Result<void> RecordingTrack::begin_file(const PublishedPart& first) {
  const auto init = inits_.find(first.init_name);
  if (init == inits_.end()) return Error{Errc::kNotFound, "recording: no init section " + first.init_name};
  std::error_code failed;
  fs::create_directories(folder_, failed);
  Writing writing;
  writing.hour = hour_of(wall_of(first));
  writing.init_name = first.init_name;
  const auto name = hour_name(writing.hour);
  fs::path media;
  for (int k = 1; k <= kMostFilesAnHour && !writing.media; ++k) {
    media = folder_ / (k == 1 ? name + ".mp4" : fmt::format("{}-{}.mp4", name, k));
    writing.media = create(media);
    if (!writing.media && errno != EEXIST) return errno_error("recording: create " + media.string(), errno);
  }
  if (!writing.media) return Error{Errc::kLimit, "recording: too many files for one hour in " + folder_.string()};
  const auto index = fs::path(media).replace_extension(".index");
  writing.index = UniqueFd(::open(index.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0644));
  if (!writing.index) return errno_error("recording: create " + index.string(), errno);
  const auto& bytes = *init->second;
  auto written = write_all(writing.media.get(), bytes.data(), bytes.size(), "recording: write init section");
  if (!written) return written;
  writing.size = bytes.size();
  RecordedFile head;
  head.epoch_wall = epoch_wall_;
  head.init_name = first.init_name;
  head.init_bytes = bytes.size();
  written = write_line(writing.index.get(), head_lines(head));
  if (written && hole_) written = write_line(writing.index.get(), hole_line(*hole_));
  if (!written) return written;
  hole_.reset();
  writing_ = std::move(writing);
  return {};
}

Result<void> RecordingTrack::write(const PublishedPart& part) {
  const auto& bytes = *part.bytes;
  if (auto written = write_all(writing_->media.get(), bytes.data(), bytes.size(), "recording: write part"); !written) {
    (void)::ftruncate(writing_->media.get(), static_cast<off_t>(writing_->size));
    return written;
  }
  RecordedPart line;
  line.sequence = part.sequence;
  line.number = part.number;
  line.independent = part.independent;
  line.first_picture = part.first_picture;
  line.begin = part.begin;
  line.duration = part.duration;
  line.offset = writing_->size;
  line.length = static_cast<std::uint32_t>(bytes.size());
  line.crc = checksum_of(bytes);
  line.filled = part.filled;
  writing_->size += bytes.size();
  return write_line(writing_->index.get(), part_line(line));
}

Result<void> RecordingTrack::append(const PublishedPart& part) {
  if (part.first_picture <= last_recorded_) return {}; // handed over again after a restart
  if (!fits(part)) {
    if (writing_) (void)sync();
    writing_.reset();
    if (auto begun = begin_file(part); !begun) return begun;
  }
  if (auto written = write(part); !written) {
    begin_anew(HoleCause::kDisk); // this file's tail may be torn
    return written;
  }
  last_recorded_ = part.first_picture;
  return {};
}

Result<void> RecordingTrack::sync() {
  if (!writing_) return {};
  if (::fdatasync(writing_->media.get()) != 0) return errno_error("recording: sync", errno);
  if (::fdatasync(writing_->index.get()) != 0) return errno_error("recording: sync index", errno);
  return {};
}

void RecordingTrack::begin_anew(HoleCause cause) {
  if (writing_) (void)sync();
  writing_.reset();
  hole_ = cause;
}

} // namespace pult::packager
