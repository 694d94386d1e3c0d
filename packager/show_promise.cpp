#include "packager/show_promise.hpp"

#include <boost/json.hpp>
#include <pthread.h>
#include <spdlog/spdlog.h>

#include "base/file.hpp"

namespace pult::packager {

namespace {

namespace json = boost::json;
constexpr std::int64_t kAhead = 64; // segments: two minutes of a stalled disk
constexpr std::int64_t kRenewAt = 32;

} // namespace

ShowPromise::ShowPromise(std::filesystem::path data_dir)
    : file_(std::move(data_dir) / "show.json"), thread_([this](const std::stop_token& stop) { run(stop); }) {}

ShowPromise::~ShowPromise() = default;

std::optional<ShowPromise::Record> ShowPromise::read(const std::filesystem::path& data_dir) {
  auto text = read_file(data_dir / "show.json");
  if (!text) return std::nullopt;
  json::error_code failed;
  const auto parsed = json::parse(*text, failed);
  if (failed || !parsed.is_object()) return std::nullopt;
  const auto* show = parsed.get_object().if_contains("show");
  const auto* sequence = parsed.get_object().if_contains("highest_sequence");
  if (show == nullptr || !show->is_string() || sequence == nullptr || !sequence->is_int64()) return std::nullopt;
  return Record{std::string(show->get_string()), sequence->get_int64()};
}

void ShowPromise::need(const std::string& show, std::int64_t sequence) {
  {
    const std::lock_guard lock(mutex_);
    if (show == wanted_.show && sequence + kRenewAt <= wanted_.highest_sequence) return;
    wanted_ = {show, sequence + kAhead};
    dirty_ = true;
  }
  changed_.notify_one();
}

void ShowPromise::run(const std::stop_token& stop) {
  pthread_setname_np(pthread_self(), "show-promise");
  std::unique_lock lock(mutex_);
  while (changed_.wait(lock, stop, [this] { return dirty_; })) {
    const Record record = wanted_;
    dirty_ = false;
    lock.unlock();
    const json::object text{{"show", record.show}, {"highest_sequence", record.highest_sequence}};
    std::error_code ignored;
    std::filesystem::create_directories(file_.parent_path(), ignored);
    if (auto kept = replace_file(file_, json::serialize(text) + "\n", true); !kept)
      spdlog::error("{}", kept.error().message);
    lock.lock();
  }
}

} // namespace pult::packager
