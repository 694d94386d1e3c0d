#include "control/store.hpp"

#include "base/file.hpp"
#include "control/database.hpp"

#include <boost/asio/post.hpp>
#include <boost/json.hpp>
#include <condition_variable>
#include <fmt/format.h>
#include <iterator>
#include <map>
#include <mutex>
#include <pthread.h>
#include <thread>

namespace pult::control {
namespace {

namespace json = boost::json;
constexpr std::chrono::seconds kRetryPause{1};

std::vector<KeptState> read_applied(const std::filesystem::path& folder) {
  std::vector<KeptState> found;
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator(folder, failed)) {
    if (entry.path().extension() != ".json") continue;
    const auto text = read_file(entry.path());
    if (!text) continue;
    if (auto state = kept_state_from_json(*text)) found.push_back(std::move(*state));
  }
  return found;
}

} // namespace

struct Store::Shared : std::enable_shared_from_this<Store::Shared> {
  Shared(asio::io_context& context, std::filesystem::path data, std::filesystem::path run, Callbacks c)
      : io(context), data_dir(std::move(data)), run_dir(std::move(run)), callbacks(std::move(c)) {}

  struct Waiting {
    std::optional<KeptState> state;
    std::vector<Event> events;
    std::optional<std::vector<TokenRecord>> tokens;
    std::vector<json::object> talks, jobs;
    std::map<std::filesystem::path, std::string> files;
    [[nodiscard]] bool empty() const {
      return !state && events.empty() && !tokens && talks.empty() && jobs.empty() && files.empty();
    }
  };

  void run();
  bool load();
  Result<void> write(Waiting& batch);
  void write_run_dir(const KeptState& state);
  void keep_in_run_dir();
  std::optional<Waiting> next();
  void put_back(Waiting batch);
  void tell(std::string text);
  template <typename Call>
  void in_io_thread(Call call) {
    const std::lock_guard lock(mutex);
    if (stopping) return; // and the io_context may be gone
    asio::post(io, [self = shared_from_this(), call = std::move(call)] {
      if (!self->is_stopping()) call(self->callbacks);
    });
  }
  bool is_stopping() {
    const std::lock_guard lock(mutex);
    return stopping;
  }
  bool wait_a_moment();

  asio::io_context& io;
  const std::filesystem::path data_dir, run_dir;
  const Callbacks callbacks; // called in the io thread only

  std::mutex mutex;
  std::condition_variable changed;
  Waiting waiting;
  std::uint64_t lost_events = 0;
  bool stopping = false;
  bool finished = false;

  // The store thread's own.
  std::optional<KeptDatabase> database;
  std::string told;
};

Store::Store(asio::io_context& io, std::filesystem::path data_dir, std::filesystem::path run_dir, Callbacks callbacks)
    : shared_(std::make_shared<Shared>(io, std::move(data_dir), std::move(run_dir), std::move(callbacks))) {
  std::thread thread([shared = shared_] { shared->run(); });
  ::pthread_setname_np(thread.native_handle(), "store");
  thread.detach(); // a thread that hangs in a dead disk cannot be joined; stop() waits for it with a deadline
}

Store::~Store() {
  stop(std::chrono::milliseconds(0));
}

void Store::keep(const KeptState& state) {
  const std::lock_guard lock(shared_->mutex);
  shared_->waiting.state = state;
  shared_->changed.notify_one();
}

void Store::keep(Event event) {
  const std::lock_guard lock(shared_->mutex);
  auto& events = shared_->waiting.events;
  if (events.size() >= kWaitingEvents) {
    events.erase(events.begin());
    ++shared_->lost_events;
  }
  events.push_back(std::move(event));
  shared_->changed.notify_one();
}

void Store::keep(std::vector<TokenRecord> tokens) {
  const std::lock_guard lock(shared_->mutex);
  shared_->waiting.tokens = std::move(tokens);
  shared_->changed.notify_one();
}

void Store::keep_archive(std::vector<json::object> talks, std::vector<json::object> jobs) {
  const std::lock_guard lock(shared_->mutex);
  auto& waiting = shared_->waiting;
  std::move(talks.begin(), talks.end(), std::back_inserter(waiting.talks));
  std::move(jobs.begin(), jobs.end(), std::back_inserter(waiting.jobs));
  shared_->changed.notify_one();
}

void Store::keep_file(std::filesystem::path file, std::string text) {
  const std::lock_guard lock(shared_->mutex);
  shared_->waiting.files[std::move(file)] = std::move(text);
  shared_->changed.notify_one();
}

bool Store::stop(std::chrono::milliseconds longest) {
  std::unique_lock lock(shared_->mutex);
  shared_->stopping = true;
  shared_->changed.notify_one();
  return shared_->changed.wait_for(lock, longest, [&] { return shared_->finished; });
}

void Store::Shared::run() {
  in_io_thread([applied = read_applied(run_dir / "state")](const Callbacks& c) { c.found(applied); });
  while (!load()) {
    keep_in_run_dir();
    if (!wait_a_moment()) break;
  }
  while (auto batch = next()) {
    const auto written = write(*batch);
    tell(written ? "" : written.error().message);
    if (written) continue;
    put_back(std::move(*batch));
    if (!wait_a_moment()) break;
  }
  const std::lock_guard lock(mutex);
  finished = true;
  changed.notify_all();
}

bool Store::Shared::load() {
  auto opened = KeptDatabase::open(data_dir / "pult.db");
  auto kept = opened ? opened->read() : Result<Kept>(opened.error());
  if (!kept) {
    tell(kept.error().message);
    return false;
  }
  database = std::move(*opened);
  tell(database->set_aside().empty() ? "" : "pult.db was damaged; it lies now in " + database->set_aside());
  std::optional<PromisedShow> promised;
  if (const auto text = read_file(data_dir / "show.json")) promised = promised_show_from_json(*text);
  in_io_thread([kept = std::move(*kept), promised](const Callbacks& c) { c.loaded(kept, promised); });
  return true;
}

std::optional<Store::Shared::Waiting> Store::Shared::next() {
  std::unique_lock lock(mutex);
  changed.wait(lock, [&] { return stopping || !waiting.empty(); });
  if (waiting.empty()) return std::nullopt;
  return std::exchange(waiting, {});
}

Result<void> Store::Shared::write(Waiting& batch) {
  if (batch.state) write_run_dir(*batch.state);
  if (!database) return Error{Errc::kUnavailable, "pult.db is not open"};
  for (auto file = batch.files.begin(); file != batch.files.end(); file = batch.files.erase(file)) {
    std::error_code failed;
    std::filesystem::create_directories(file->first.parent_path(), failed);
    if (auto kept = replace_file(file->first, file->second, true); !kept) return kept;
  }
  if (!batch.talks.empty() || !batch.jobs.empty()) {
    if (auto written = database->write_archive(batch.talks, batch.jobs); !written) return written;
    batch.talks.clear();
    batch.jobs.clear();
  }
  return database->write(batch.state, batch.events, batch.tokens);
}

void Store::Shared::write_run_dir(const KeptState& state) {
  const auto text = json::serialize(to_json(state));
  if (auto kept = replace_file(run_dir / "state" / "pultd.json", text); !kept) tell(kept.error().message);
}

void Store::Shared::keep_in_run_dir() {
  std::optional<KeptState> state;
  {
    const std::lock_guard lock(mutex);
    state = waiting.state;
  }
  if (state) write_run_dir(*state);
}

// What came in the meantime is newer.
void Store::Shared::put_back(Waiting batch) {
  const std::lock_guard lock(mutex);
  if (!waiting.state) waiting.state = std::move(batch.state);
  if (!waiting.tokens) waiting.tokens = std::move(batch.tokens);
  waiting.talks.insert(waiting.talks.begin(), batch.talks.begin(), batch.talks.end());
  waiting.jobs.insert(waiting.jobs.begin(), batch.jobs.begin(), batch.jobs.end());
  waiting.files.insert(batch.files.begin(), batch.files.end()); // what is there already is newer
  waiting.events.insert(waiting.events.begin(), batch.events.begin(), batch.events.end());
}

void Store::Shared::tell(std::string text) {
  if (text == told) return;
  told = text;
  in_io_thread([text = std::move(text)](const Callbacks& c) { c.trouble(text); });
}

bool Store::Shared::wait_a_moment() {
  std::unique_lock lock(mutex);
  return !changed.wait_for(lock, kRetryPause, [&] { return stopping; });
}

} // namespace pult::control
