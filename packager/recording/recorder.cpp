#include "packager/recording/recorder.hpp"

#include "base/clock.hpp"
#include "packager/recording/retention.hpp"
#include "packager/show_file.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <pthread.h>
#include <spdlog/spdlog.h>
#include <sys/statvfs.h>

namespace pult::packager {
namespace {

using namespace std::chrono_literals;

constexpr auto kIdle = 500ms;       // the thread looks up at least this often
constexpr auto kRetry = 1s;         // after trouble
constexpr auto kSweep = 60s;        // retention
constexpr double kSlowerRate = 0.3; // weight of the newest look: a minute's average follows a change within seconds
constexpr int kFirstAlarm = 10;     // minutes
constexpr int kLastAlarm = 2;
constexpr double kWellAgain = 1.2; // times the alarm's minutes: no flapping at the border

std::optional<std::uint64_t> free_space(const std::filesystem::path& folder) {
  struct statvfs disk {};
  if (::statvfs(folder.c_str(), &disk) != 0) return std::nullopt;
  return static_cast<std::uint64_t>(disk.f_bavail) * disk.f_frsize;
}

} // namespace

std::optional<double> minutes_left(std::uint64_t free_bytes, std::uint64_t reserve, double bytes_per_s) {
  if (bytes_per_s < 1) return std::nullopt;
  const auto usable = free_bytes > reserve ? free_bytes - reserve : 0;
  return static_cast<double>(usable) / bytes_per_s / 60;
}

Recorder::Recorder(Params params) : params_(std::move(params)), jobs_(params_.queue_bytes) {
  thread_ = std::jthread([this] {
    ::pthread_setname_np(::pthread_self(), "recorder");
    run();
  });
}

Recorder::~Recorder() {
  jobs_.close();
}

// --- the timeline thread ---

void Recorder::show_begins(const Show& show) {
  jobs_.push(show, 0);
}

void Recorder::init_section(const InitSection& init) {
  jobs_.push(init, 0);
}

void Recorder::part(const PublishedPart& part) {
  if (held_) {
    was_held_ = true;
    return;
  }
  if (was_held_) {
    // A file begins with an IDR: the rest of the segment is not recorded.
    if (part.number != 0) return;
    was_held_ = !jobs_.push(Held{}, 0);
  }
  if (lost_) {
    if (part.number != 0) return;
    lost_ = !jobs_.push(Lost{}, 0);
  }
  if (jobs_.push(part, part.bytes->size())) return;
  ++dropped_;
  lost_ = true;
}

void Recorder::show_ends(const std::string& show_id) {
  jobs_.push(Ended{show_id}, 0);
}

boost::json::object Recorder::status() const {
  boost::json::object now;
  {
    const std::lock_guard lock(status_mutex_);
    now = status_;
  }
  if (held_ && now["state"] == "recording") now["state"] = "held";
  now["queued_bytes"] = jobs_.cost();
  now["dropped_parts"] = dropped_.load();
  return now;
}

// --- the writer thread ---

void Recorder::run() {
  for (;;) {
    auto job = jobs_.pop_for(kIdle);
    if (job) std::visit([this](const auto& what) { take(what); }, *job);
    if (!job && jobs_.closed()) break;
    look_at_disk();
    publish_status();
  }
  make_safe();
}

void Recorder::take(const Show& show) {
  make_safe();
  tracks_.clear();
  show_ = show;
  for (const auto& track : show.tracks)
    tracks_.emplace_back(params_.folder / show.id / track.name, track, params_.epoch_wall);
  if (auto written = write_show_file(params_.folder / show.id, show, {}); !written) failed(written.error());
}

void Recorder::take(const InitSection& init) {
  if (init.track < tracks_.size()) tracks_[init.track].keep_init(init);
}

void Recorder::take(const PublishedPart& part) {
  if (part.track >= tracks_.size()) return;
  const bool tries = trouble_.empty() || (part.number == 0 && monotonic_now() >= retry_at_);
  if (!tries) return;
  if (free_bytes_ != 0 && free_bytes_ < params_.reserve_bytes)
    return failed({Errc::kIo, fmt::format("recording: less than {} MB are free in {}", params_.reserve_bytes >> 20,
                                          params_.folder.string())});
  if (!trouble_.empty()) {
    // The show's file may be what could not be written.
    if (auto written = write_show_file(params_.folder / show_->id, *show_, {}); !written)
      return failed(written.error());
  }
  if (auto written = tracks_[part.track].append(part); !written) return failed(written.error());
  written_ += part.bytes->size();
  unsafe_ = true;
  if (!trouble_.empty()) {
    trouble_.clear();
    params_.event("info", "the recording goes on");
  }
  if (part.last_of_segment && part.track + 1 == tracks_.size()) make_safe();
}

void Recorder::take(const Held& /*held*/) {
  for (auto& track : tracks_)
    track.begin_anew(HoleCause::kHeld);
}

void Recorder::take(const Lost& /*lost*/) {
  ++holes_;
  params_.event("warning", "the disk of the recording is too slow: parts of the programme were not recorded");
  for (auto& track : tracks_)
    track.begin_anew(HoleCause::kDisk);
}

void Recorder::take(const Ended& ended) {
  if (!show_ || show_->id != ended.show) return;
  make_safe();
  if (auto written = write_show_file(params_.folder / show_->id, *show_, wall_now()); !written)
    spdlog::warn("{}", written.error().message);
  show_.reset();
  tracks_.clear();
}

void Recorder::make_safe() {
  if (!unsafe_) return;
  unsafe_ = false;
  for (auto& track : tracks_)
    if (auto synced = track.sync(); !synced) return failed(synced.error());
}

void Recorder::failed(const Error& error) {
  retry_at_ = monotonic_now() + kRetry;
  for (auto& track : tracks_)
    track.begin_anew(HoleCause::kDisk);
  if (!trouble_.empty()) {
    trouble_ = error.message;
    return;
  }
  trouble_ = error.message;
  ++holes_;
  params_.event("error",
                fmt::format("the programme is not recorded: {}; the stream goes on, and the recording is tried "
                            "again each second",
                            error.message));
}

void Recorder::look_at_disk() {
  const auto now = monotonic_now();
  if (looked_at_ != Nanoseconds{} && now - looked_at_ < params_.look) return;
  const auto free = free_space(std::filesystem::exists(params_.folder) ? params_.folder : params_.folder.parent_path());
  if (looked_at_ != Nanoseconds{} && free) {
    const double seconds = std::chrono::duration<double>(now - looked_at_).count();
    // All that fills the disk counts, not only this recording.
    const double lost = free_bytes_ > *free ? static_cast<double>(free_bytes_ - *free) : 0;
    const double rate = std::max(static_cast<double>(written_), lost) / seconds;
    bytes_per_s_ = bytes_per_s_ == 0 ? rate : bytes_per_s_ + kSlowerRate * (rate - bytes_per_s_);
  }
  written_ = 0;
  looked_at_ = now;
  if (free) free_bytes_ = *free;
  if (const auto minutes = minutes_left(free_bytes_, params_.reserve_bytes, bytes_per_s_); minutes && show_)
    warn_of_space(*minutes);
  if (now - swept_at_ > kSweep) sweep();
}

void Recorder::warn_of_space(double minutes) {
  const auto alarm = minutes < kLastAlarm ? kLastAlarm : minutes < kFirstAlarm ? kFirstAlarm : 0;
  if (alarm != 0 && (warned_minutes_ == 0 || alarm < warned_minutes_)) {
    warned_minutes_ = alarm;
    params_.event(alarm == kLastAlarm ? "error" : "warning",
                  fmt::format("the disk of the recording is full in {:.0f} minutes ({}): free some space, or the "
                              "recording ends; the stream goes on",
                              minutes, params_.folder.string()));
  }
  if (warned_minutes_ != 0 && minutes > warned_minutes_ * kWellAgain) {
    warned_minutes_ = 0;
    params_.event("info", "the disk of the recording has space again");
  }
}

void Recorder::sweep() {
  swept_at_ = monotonic_now();
  if (params_.keep.count() == 0) return;
  const auto removed = remove_old_recordings(params_.folder, wall_now() - params_.keep);
  if (removed > 0)
    params_.event("info", fmt::format("{} files of the recording were older than {} days and are removed", removed,
                                      params_.keep.count()));
}

void Recorder::publish_status() {
  std::uint64_t bytes = 0;
  for (const auto& track : tracks_)
    bytes += track.file_bytes();
  const auto minutes = minutes_left(free_bytes_, params_.reserve_bytes, bytes_per_s_);
  boost::json::object now{{"state", !trouble_.empty() ? "trouble"
                                    : show_           ? "recording"
                                                      : "off"},
                          {"show", show_ ? boost::json::value(show_->id) : boost::json::value(nullptr)},
                          {"file_bytes", bytes},
                          {"holes", holes_},
                          {"trouble", trouble_},
                          {"free_bytes", free_bytes_},
                          {"bytes_per_s", static_cast<std::int64_t>(bytes_per_s_)},
                          {"free_minutes", minutes ? boost::json::value(static_cast<std::int64_t>(*minutes))
                                                   : boost::json::value(nullptr)}};
  const std::lock_guard lock(status_mutex_);
  status_ = std::move(now);
}

} // namespace pult::packager
