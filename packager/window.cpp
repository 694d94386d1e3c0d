#include "packager/window.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <fcntl.h>
#include <pthread.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

namespace pult::packager {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::hours kUntilWoken{1}; // close() wakes the pops
constexpr std::size_t kNoMedia = 0;          // cost of a job that must never be refused: one a segment at most

Result<Bytes> read_place(const WindowPlace& place) {
  const UniqueFd fd(::open(place.file->c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return errno_error("window: open " + place.file->string(), errno);
  Bytes bytes(place.length);
  for (std::size_t got = 0; got < bytes.size();) {
    const auto n = ::pread(fd.get(), bytes.data() + got, bytes.size() - got, static_cast<off_t>(place.offset + got));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errno_error("window: read " + place.file->string(), errno);
    if (n == 0) return Error{Errc::kCorrupt, "window: " + place.file->string() + " ends early"};
    got += static_cast<std::size_t>(n);
  }
  return bytes;
}

} // namespace

WindowTrack& Window::Disk::track(const std::string& show, const std::string& name) {
  return tracks.try_emplace({show, name}, track_folder(folder, show, name)).first->second;
}

std::unique_ptr<Window> Window::open(asio::io_context& io, fs::path folder) {
  std::error_code failed;
  fs::create_directories(folder, failed);
  if (failed) spdlog::error("window: create {}: {}", folder.string(), failed.message());
  Disk disk{std::move(folder), {}};
  std::vector<StoredShow> stored;
  for (const auto& entry : fs::directory_iterator(disk.folder, failed)) {
    auto show = read_show(entry.path());
    if (!show) {
      spdlog::warn("{}", show.error().message);
      continue;
    }
    for (const auto& track : show->show.tracks)
      show->tracks.push_back(disk.track(show->show.id, track.name).load());
    stored.push_back(std::move(*show));
  }
  return std::unique_ptr<Window>(new Window(io, std::move(disk), std::move(stored)));
}

Window::Window(asio::io_context& io, Disk disk, std::vector<StoredShow> stored)
    : io_(io), disk_(std::move(disk)), stored_(std::move(stored)) {
  threads_.emplace_back([this] { write_loop(); });
  ::pthread_setname_np(threads_.back().native_handle(), "window-writer");
  for (int i = 0; i < kWindowReaders; ++i) {
    threads_.emplace_back([this] { read_loop(); });
    ::pthread_setname_np(threads_.back().native_handle(), "window-read");
  }
}

Window::~Window() {
  writes_.close();
  reads_.close();
  threads_.clear(); // joins
}

void Window::write_loop() {
  for (;;) {
    auto job = writes_.pop_for(kUntilWoken);
    if (job) {
      (*job)(disk_);
      --unfinished_;
    }
    if (!job && writes_.closed()) return; // and empty
  }
}

void Window::read_loop() {
  while (!reads_.closed()) {
    auto reading = reads_.pop_for(kUntilWoken);
    if (!reading) continue;
    auto bytes = read_place((*reading)->place);
    if (!bytes) ++failed_reads_;
    asio::post(io_, [board = board_, reading = *reading, shared = bytes ? share(std::move(*bytes)) : nullptr] {
      const auto& place = reading->place;
      board->readings.erase(ReadKey{place.file.get(), place.offset, place.length});
      reading->bytes = shared;
      reading->finished = true;
      reading->done.cancel();
    });
  }
}

// Writer thread.
void Window::report(const Result<void>& done, const char* what) {
  if (done) {
    if (failing_) spdlog::info("window: the disk takes segments again");
    failing_ = false;
    return;
  }
  ++failed_writes_;
  if (!failing_) spdlog::error("{}: {}; viewers cannot rewind to what is not written", what, done.error().message);
  failing_ = true;
}

bool Window::queue(Job job, std::size_t bytes) {
  ++unfinished_;
  const bool queued = writes_.push(std::move(job), bytes);
  if (!queued) --unfinished_;
  return queued;
}

void Window::begin(const Show& show) {
  queue([this, show](Disk& disk) { report(write_show(disk.folder, show, {}), "window show"); }, kNoMedia);
}

void Window::end(const Show& show, Nanoseconds wall) {
  queue([this, show, wall](Disk& disk) { report(write_show(disk.folder, show, wall), "window show"); }, kNoMedia);
}

void Window::remove(const std::string& show) {
  queue(
      [show](Disk& disk) {
        std::erase_if(disk.tracks, [&](const auto& track) { return track.first.first == show; });
        std::error_code ignored;
        fs::remove_all(show_folder(disk.folder, show), ignored);
      },
      kNoMedia);
}

void Window::keep_init(const std::string& show, const std::string& track, const InitSection& init) {
  queue([this, show, track, init](Disk& disk) { report(disk.track(show, track).keep_init(init), "window init"); },
        kNoMedia);
}

bool Window::append(const std::string& show, const std::string& track, const SegmentEntry& entry,
                    const std::vector<SharedBytes>& parts, OnStored on_stored) {
  std::size_t bytes = 0;
  for (const auto& part : parts)
    bytes += part->size();
  return queue(
      [this, show, track, entry, parts, on_stored = std::move(on_stored)](Disk& disk) {
        auto place = disk.track(show, track).append(entry, parts);
        report(place ? Result<void>{} : place.error(), "window segment");
        asio::post(io_, [on_stored, place] { on_stored(place); });
      },
      bytes);
}

void Window::prune(const std::string& show, const std::string& track, std::int64_t first) {
  queue([show, track, first](Disk& disk) { disk.track(show, track).prune(first); }, kNoMedia);
}

void Window::forget(const std::string& show, const std::string& track, std::int64_t first) {
  queue([this, show, track,
         first](Disk& disk) { report(disk.track(show, track).forget(first), "window: remove what was withdrawn"); },
        kNoMedia);
}

Task<SharedBytes> Window::read(WindowPlace place) {
  const ReadKey key{place.file.get(), place.offset, place.length};
  auto& known = board_->readings[key];
  auto reading = known;
  if (!reading) {
    reading = std::make_shared<Reading>(
        Reading{std::move(place), SteadyTimer(io_.get_executor(), SteadyTimer::time_point::max()), false, nullptr});
    known = reading;
    if (!reads_.push(reading)) {
      board_->readings.erase(key);
      co_return nullptr;
    }
  }
  while (!reading->finished) {
    ErrorCode woken;
    co_await reading->done.async_wait(asio::redirect_error(use_task, woken));
  }
  co_return reading->bytes;
}

Window::Counters Window::counters() const {
  return {writes_.dropped(), failed_writes_, reads_.dropped(), failed_reads_};
}

} // namespace pult::packager
