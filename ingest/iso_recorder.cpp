#include "ingest/iso_recorder.hpp"

#include <algorithm>
#include <ctime>
#include <fcntl.h>
#include <fmt/format.h>
#include <pthread.h>
#include <sys/statvfs.h>
#include <unistd.h>

namespace pult::ingest {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

constexpr auto kIdle = 500ms;
constexpr auto kNote = 500ms; // between two lines of an index
constexpr auto kLook = 2s;    // at the space that is left, and to sync
constexpr auto kRetry = 1s;   // after trouble
constexpr auto kSweep = 60s;  // retention
constexpr int kMostFilesAnHour = 10000;

std::int64_t hour_of(Nanoseconds wall) {
  return std::chrono::floor<std::chrono::hours>(wall).count();
}

std::string hour_name(std::int64_t hour) {
  const std::time_t seconds = hour * 3600;
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  return fmt::format("{:04}{:02}{:02}T{:02}", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday, parts.tm_hour);
}

Result<void> write_all(int fd, const void* data, std::size_t length, const char* what) {
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

} // namespace

IsoRecorder::IsoRecorder(Params params) : params_(std::move(params)), jobs_(params_.queue_bytes) {
  thread_ = std::jthread([this] {
    ::pthread_setname_np(::pthread_self(), "iso-recorder");
    run();
  });
}

IsoRecorder::~IsoRecorder() {
  jobs_.close();
}

void IsoRecorder::take(const std::string& feed, const TsChunk& chunk) {
  auto& anew = anew_[feed];
  if (held_) {
    anew = true;
    return;
  }
  const auto size = chunk.bytes->size();
  if (jobs_.push({feed, chunk, anew}, size)) {
    anew = false;
    return;
  }
  anew = true;
  const std::lock_guard lock(status_mutex_);
  status_.dropped += size;
}

IsoRecorder::Status IsoRecorder::status() const {
  const std::lock_guard lock(status_mutex_);
  return status_;
}

void IsoRecorder::run() {
  for (;;) {
    auto job = jobs_.pop_for(kIdle);
    if (job) write(*job);
    if (!job && jobs_.closed()) break;
    look_at_disk();
  }
  sync_all();
}

Nanoseconds IsoRecorder::wall_of(Nanoseconds arrival) const {
  return params_.epoch_wall + (arrival - params_.epoch_monotonic);
}

void IsoRecorder::write(const Job& job) {
  if (job.anew) files_.erase(job.feed);
  const bool waits = retry_at_ != Nanoseconds{} && monotonic_now() < retry_at_;
  const auto size = job.chunk.bytes->size();
  if (waits || full_) {
    files_.erase(job.feed);
    const std::lock_guard lock(status_mutex_);
    status_.dropped += size;
    return;
  }
  if (auto written = append(job); !written) return failed(written.error(), size);
  const std::lock_guard lock(status_mutex_);
  status_.bytes += size;
  if (status_.trouble.empty()) return;
  status_.trouble.clear();
  retry_at_ = {};
  params_.event("info", "the feeds are recorded again");
}

Result<void> IsoRecorder::append(const Job& job) {
  const auto wall = wall_of(job.chunk.arrival);
  const auto found = files_.find(job.feed);
  if (found == files_.end() || found->second.hour != hour_of(wall)) {
    if (auto begun = begin_file(job.feed, wall); !begun) return begun;
  }
  auto& file = files_.at(job.feed);
  const auto& bytes = *job.chunk.bytes;
  if (auto written = write_all(file.media.get(), bytes.data(), bytes.size(), "iso: write feed"); !written) {
    (void)::ftruncate(file.media.get(), static_cast<off_t>(file.size));
    return written;
  }
  auto noted = note(file, job.chunk, wall);
  file.size += bytes.size();
  return noted;
}

// Where these bytes begin; after them, so that no line speaks of what is not there.
Result<void> IsoRecorder::note(File& file, const TsChunk& chunk, Nanoseconds wall) {
  const bool same = file.size > 0 && file.connection == chunk.connection && wall - file.noted < kNote;
  if (same) return {};
  file.noted = wall;
  file.connection = chunk.connection;
  const auto line = fmt::format("at {} {} {}\n", wall.count(), file.size, chunk.connection);
  return write_all(file.index.get(), line.data(), line.size(), "iso: write index");
}

Result<void> IsoRecorder::begin_file(const std::string& feed, Nanoseconds wall) {
  files_.erase(feed);
  const auto folder = params_.folder / feed;
  std::error_code failed;
  fs::create_directories(folder, failed);
  File file;
  file.hour = hour_of(wall);
  const auto name = hour_name(file.hour);
  fs::path media;
  for (int k = 1; k <= kMostFilesAnHour && !file.media; ++k) {
    media = folder / (k == 1 ? name + ".ts" : fmt::format("{}-{}.ts", name, k));
    file.media = UniqueFd(::open(media.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0644));
    if (!file.media && errno != EEXIST) return errno_error("iso: create " + media.string(), errno);
  }
  if (!file.media) return Error{Errc::kLimit, "iso: too many files for one hour in " + folder.string()};
  const auto index = fs::path(media).replace_extension(".index");
  file.index = UniqueFd(::open(index.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0644));
  if (!file.index) return errno_error("iso: create " + index.string(), errno);
  constexpr std::string_view kHead = "pult-iso 1\n";
  auto written = write_all(file.index.get(), kHead.data(), kHead.size(), "iso: write index");
  if (written) files_[feed] = std::move(file);
  return written;
}

void IsoRecorder::failed(const Error& error, std::size_t bytes) {
  files_.clear(); // their tails may be torn
  retry_at_ = monotonic_now() + kRetry;
  bool first = false;
  {
    const std::lock_guard lock(status_mutex_);
    first = status_.trouble.empty();
    status_.trouble = error.message;
    status_.dropped += bytes;
  }
  if (first) params_.event("error", "the feeds are not recorded: " + error.message + "; tried again each second");
}

void IsoRecorder::look_at_disk() {
  const auto now = monotonic_now();
  if (looked_at_ != Nanoseconds{} && now - looked_at_ < kLook) return;
  looked_at_ = now;
  sync_all();
  struct statvfs disk {};
  const auto where = fs::exists(params_.folder) ? params_.folder : params_.folder.parent_path();
  const bool known = ::statvfs(where.c_str(), &disk) == 0;
  const bool full = known && static_cast<std::uint64_t>(disk.f_bavail) * disk.f_frsize < params_.reserve_bytes;
  if (full && !full_)
    failed({Errc::kIo, fmt::format("less than {} MB are free in {}", params_.reserve_bytes >> 20, where.string())}, 0);
  full_ = full;
  if (now - swept_at_ > kSweep) sweep();
}

void IsoRecorder::sync_all() {
  for (auto& [feed, file] : files_) {
    ::fdatasync(file.media.get());
    ::fdatasync(file.index.get());
  }
}

// A file is as old as its last byte.
void IsoRecorder::sweep() {
  swept_at_ = monotonic_now();
  if (params_.keep.count() == 0) return;
  const auto oldest = fs::file_time_type::clock::now() - params_.keep;
  std::error_code failed;
  for (const auto& entry : fs::recursive_directory_iterator(params_.folder, failed)) {
    if (entry.path().extension() != ".ts" || entry.last_write_time(failed) >= oldest) continue;
    auto index = entry.path();
    fs::remove(index.replace_extension(".index"), failed);
    fs::remove(entry.path(), failed);
  }
}

} // namespace pult::ingest
