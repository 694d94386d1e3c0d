#include "control/programs_watch.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <condition_variable>
#include <mutex>
#include <pthread.h>
#include <unistd.h>

namespace pult::control {
namespace {

constexpr std::chrono::milliseconds kPause{500};
// Programs of one room are started within a second; a busy machine gets five.
constexpr std::uint64_t kSameStartSeconds = 5;

std::vector<ProgramRecord> read_all(const RunDir& run_dir, const std::vector<std::string>& names) {
  std::vector<ProgramRecord> records;
  for (const auto& name : names) {
    auto record = read_record(run_dir, name);
    if (!record) continue;
    if (record->state == "running" && start_time_of(record->pid) != record->start) record->state = "gone";
    records.push_back(std::move(*record));
  }
  return records;
}

bool same(const ProgramRecord& a, const ProgramRecord& b) {
  return a.name == b.name && a.pid == b.pid && a.start == b.start && a.restarts == b.restarts && a.state == b.state;
}

} // namespace

struct ProgramsWatch::Shared {
  std::mutex mutex;
  std::condition_variable_any ended;
  OnChange on_change; // for the io thread; empty when the owner is gone
};

ProgramsWatch::ProgramsWatch(asio::io_context& io, RunDir run_dir, std::vector<std::string> names, OnChange on_change)
    : shared_(std::make_shared<Shared>()) {
  shared_->on_change = std::move(on_change);
  thread_ = std::jthread([&io, run_dir, names, shared = shared_](const std::stop_token& stop) {
    std::vector<ProgramRecord> told;
    while (!stop.stop_requested()) {
      auto records = read_all(run_dir, names);
      if (!std::equal(records.begin(), records.end(), told.begin(), told.end(), same)) {
        told = records;
        asio::post(io, [shared, records = std::move(records)] {
          if (shared->on_change) shared->on_change(records);
        });
      }
      std::unique_lock lock(shared->mutex);
      shared->ended.wait_for(lock, stop, kPause, [] { return false; });
    }
  });
  ::pthread_setname_np(thread_.native_handle(), "programs");
}

ProgramsWatch::~ProgramsWatch() {
  shared_->on_change = nullptr;
  thread_.request_stop();
  thread_.join();
}

bool starts_with_its_room(const RunDir& run_dir, const std::vector<std::string>& others) {
  const auto ours = start_time_of(::getpid());
  if (!ours) return false;
  const auto ticks = kSameStartSeconds * static_cast<std::uint64_t>(::sysconf(_SC_CLK_TCK));
  bool supervised = false;
  for (const auto& name : others) {
    const auto record = read_record(run_dir, name);
    supervised = supervised || record;
    if (record && start_time_of(record->pid) == record->start && record->start + ticks < *ours) return false;
  }
  return supervised || !std::filesystem::exists(run_dir.path() / "state" / "pultd.json");
}

} // namespace pult::control
