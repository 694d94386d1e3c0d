#include "control/room.hpp"

#include "base/clock.hpp"
#include "control/lower_third.hpp"
#include "control/room_time.hpp"
#include "control/run/program_spec.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <fmt/format.h>
#include <random>
#include <spdlog/spdlog.h>

namespace pult::control {
namespace {

namespace json = boost::json;

// Commands are promised within two seconds of a kill; a disk that takes longer is left behind.
constexpr std::chrono::seconds kLongestOpening{1};
constexpr std::chrono::milliseconds kEndsPause{250};
constexpr PictureIndex kLeavingPictures = 100; // a lower third has long gone out by then

std::string text_of(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

double seconds_of(Nanoseconds t) {
  return std::chrono::duration<double>(t).count();
}

} // namespace

std::vector<std::string> worker_names(const RoomConfig& config) {
  auto names = ingest_names(config);
  for (const auto& feed : config.feeds)
    names.push_back("pult-decode@" + feed.name);
  names.insert(names.end(), {"pult-transcode", "pult-packager"});
  if (config.archive.record) names.emplace_back("pult-jobs");
  return names;
}

std::string new_show_id() {
  return show_id(compact_time(wall_now()), std::random_device{}());
}

std::string why_not_shown(const WorkerView* view, Nanoseconds now) {
  if (view == nullptr) return "nobody is there to show it";
  if (!view->linked && view->last_heard.count() == 0) return view->program + " does not run";
  if (!view->linked)
    return fmt::format("{} is gone since {:.1f} s", view->program, seconds_of(now - view->link_changed));
  if (now - view->last_heard > kSilentAfter)
    return fmt::format("{} hangs, nothing heard for {:.1f} s", view->program, seconds_of(now - view->last_heard));
  return view->program + " runs but has not shown it yet";
}

Room::Room(asio::io_context& io, Place place)
    : place_(std::move(place)), journal_(io, [this](const Event& event) { store_->keep(event); }), changed_(io),
      opening_timer_(io.get_executor()), ends_timer_(io.get_executor()) {
  const auto workers = worker_names(place_.config);
  Store::Callbacks from_store;
  from_store.found = [this](auto applied) { applied_ = std::move(applied); };
  from_store.loaded = [this](auto kept, const auto& promised) { on_loaded(std::move(kept), promised); };
  from_store.trouble = [this](auto text) {
    store_trouble_ = text;
    journal_.add(text.empty() ? "info" : "error", "pultd", text.empty() ? "pult.db is written again" : text);
  };
  store_ = std::make_unique<Store>(io, place_.config.data_dir, place_.run_dir.path(), std::move(from_store));
  WorkerLinks::Callbacks from_workers;
  from_workers.wanted = [this]() -> const WantedState& { return kept_.wanted; };
  from_workers.may_send = [this] { return open_; };
  from_workers.applied = [this](const auto& view) { on_applied(view); };
  from_workers.changed = [this](const auto& view) { on_worker_changed(view); };
  from_workers.event = [this](const auto& program, const auto& message) { on_worker_event(program, message); };
  workers_ = std::make_unique<WorkerLinks>(io, place_.run_dir, workers, std::move(from_workers));
  auto watched = workers;
  watched.emplace_back("pultd");
  watch_ = std::make_unique<ProgramsWatch>(io, place_.run_dir, std::move(watched),
                                           [this](const auto& programs) { on_programs(programs); });
  opening_timer_.expires_after(kLongestOpening);
  opening_timer_.async_wait([this](ErrorCode cancelled) {
    if (!cancelled) open_without_disk();
  });
  watch_ends();
}

Room::~Room() = default;

bool Room::stop(std::chrono::milliseconds longest) {
  opening_timer_.cancel();
  ends_timer_.cancel();
  watch_.reset();
  workers_->close();
  return store_->stop(longest);
}

SceneNames Room::scenes() const {
  SceneNames names;
  for (const auto& scene : place_.config.scenes)
    names.push_back(scene.name);
  return names;
}

FeedNames Room::feeds() const {
  FeedNames names;
  for (const auto& feed : place_.config.feeds)
    names.push_back(feed.name);
  return names;
}

std::vector<std::string> Room::templates() const {
  std::vector<std::string> names;
  for (const auto& one : place_.config.templates)
    names.push_back(one.name);
  return names;
}

PictureIndex Room::picture_now() const {
  return place_.config.grid().picture_at(place_.epoch.now());
}

Nanoseconds Room::wall_of(PictureIndex n) const {
  return place_.epoch.wall_of(place_.config.grid().time_of(n));
}

void Room::keep_tokens(std::vector<TokenRecord> tokens) {
  tokens_ = std::move(tokens);
  store_->keep(tokens_);
}

void Room::mark_talk(const std::string& id, Nanoseconds in, Nanoseconds out) {
  kept_.marks.talk = id;
  kept_.marks.talk_in = in;
  kept_.marks.talk_out = out;
}

void Room::mark_hold(bool stream, bool archive) {
  kept_.marks.crew_hold_stream = stream;
  kept_.marks.crew_hold_archive = archive;
  store_->keep(kept_);
}

void Room::on_loaded(Kept kept, const std::optional<PromisedShow>& promised) {
  journal_.load(std::move(kept.events));
  tokens_ = std::move(kept.tokens);
  kept_talks_ = std::move(kept.talks);
  kept_jobs_ = std::move(kept.jobs);
  disk_was_read_ = true;
  if (!open_) return open(std::move(kept.state), promised);
  if (kept.state) go_above(kept.state->wanted.epoch, kept.state->wanted.number);
}

void Room::open_without_disk() {
  if (open_ || applied_.empty()) return; // nothing is known: wait for the disk rather than put a guess on air
  journal_.add("warning", "pultd", "pult.db does not answer; going on with what the room applied last");
  auto newest = std::max_element(applied_.begin(), applied_.end(),
                                 [](const auto& a, const auto& b) { return b.wanted.newer_than(a.wanted); });
  open(*newest, std::nullopt);
}

void Room::open(std::optional<KeptState> stored, const std::optional<PromisedShow>& promised) {
  opening_timer_.cancel();
  Opening known;
  // Two pieces of knowledge about the same number: the marks of the one that has them are kept.
  const WantedState* newest = nullptr;
  for (const auto& state : applied_) {
    known.applied.push_back(state.wanted);
    const bool has_marks = state.marks.taken != 0 || state.marks.show_since.count() != 0;
    if (!has_marks || (newest != nullptr && !state.wanted.newer_than(*newest))) continue;
    newest = &state.wanted;
    kept_.marks = state.marks;
  }
  if (stored) {
    known.stored = stored->wanted;
    if (newest == nullptr || !newest->newer_than(stored->wanted)) kept_.marks = stored->marks;
  }
  known.promised = promised;
  known.autostart = place_.config.autostart;
  known.clean_start = place_.clean_start;
  known.new_show_id = new_show_id();
  kept_.wanted = opening_state(known, scenes());
  open_ = true;
  const bool opened = !kept_.wanted.show.id.empty() && kept_.wanted.show.id == known.new_show_id;
  if (opened || kept_.marks.show_since.count() == 0) kept_.marks.show_since = wall_now();
  if (opened) journal_.add("info", "pultd", "show " + known.new_show_id + " begins with the room");
  for (const auto* view : workers_->all())
    if (std::pair(view->epoch, view->number) > std::pair(kept_.wanted.epoch, kept_.wanted.number))
      go_above(view->epoch, view->number);
  store_->keep(kept_);
  workers_->send_wanted();
  spdlog::info("open: on air {}, show {} {}, state {}.{}", kept_.wanted.on_air.name, name_of(kept_.wanted.show.state),
               kept_.wanted.show.id, kept_.wanted.epoch, kept_.wanted.number);
  changed_.give();
}

void Room::go_above(std::int64_t epoch, std::int64_t number) {
  auto& wanted = kept_.wanted;
  if (std::pair(epoch, number) < std::pair(wanted.epoch, wanted.number)) return;
  wanted.epoch = epoch;
  wanted.number = number + 1;
  for (auto* change : {&wanted.on_air.taken, &wanted.lower_third.shown, &kept_.marks.taken, &kept_.marks.lower_third})
    *change = std::min(*change, wanted.number);
  store_->keep(kept_);
  workers_->send_wanted();
}

void Room::commit(WantedState state) {
  const auto& before = kept_.wanted;
  if (state.show.state != before.show.state) kept_.marks.show_since = wall_now();
  if (state.slate.kind != before.slate.kind || state.slate.until != before.slate.until)
    kept_.marks.slate_since = wall_now();
  kept_.wanted = std::move(state);
  workers_->send_wanted();
  store_->keep(kept_);
  changed_.give();
}

void Room::watch_ends() {
  ends_timer_.expires_after(kEndsPause);
  ends_timer_.async_wait([this](ErrorCode cancelled) {
    if (cancelled) return;
    if (open_) end_what_is_over();
    watch_ends();
  });
}

// What ends by itself. The mixer takes a lower third away at its index, so that leaves the state a moment later.
void Room::end_what_is_over() {
  const auto& shown = kept_.wanted.slate;
  if (slate_is_over(shown, kept_.marks.slate_since, wall_now())) {
    journal_.add("info", "pultd", fmt::format("slate {} ends: it is {}", shown.kind, shown.until));
    if (auto off = slate(kept_.wanted, "off", "")) commit(std::move(*off));
  }
  if (!kept_.wanted.lower_third.name.empty() && !is_lower_third_on(kept_.wanted, picture_now() - kLeavingPictures))
    commit(hide_lower_third(kept_.wanted));
}

Task<bool> Room::opened(std::chrono::milliseconds longest) {
  const auto deadline = std::chrono::steady_clock::now() + longest;
  while (!open_)
    if (!co_await changed_.wait(deadline)) break;
  co_return open_;
}

Task<Result<Outcome>> Room::run(Command command) {
  const auto deadline = std::chrono::steady_clock::now() + command.patience;
  auto next = command.change(kept_.wanted);
  if (!next) co_return next.error();
  Outcome outcome;
  outcome.number = next->number;
  outcome.changed = next->number != kept_.wanted.number;
  if (outcome.changed) {
    journal_.add("info", "pultd", command.event);
    commit(std::move(*next));
  }
  const auto* view = command.shows_in.empty() ? nullptr : workers_->find(command.shows_in);
  const auto epoch = kept_.wanted.epoch;
  while (view != nullptr && !view->applied(epoch, outcome.number))
    if (!co_await changed_.wait(deadline)) break;
  outcome.shown = view == nullptr || view->applied(epoch, outcome.number);
  if (view != nullptr) outcome.picture = view->picture;
  if (!outcome.shown) outcome.why_not = why_not_shown(view, monotonic_now());
  co_return outcome;
}

void Room::on_applied(const WorkerView& view) {
  if (!open_) return;
  if (std::pair(view.epoch, view.number) > std::pair(kept_.wanted.epoch, kept_.wanted.number))
    go_above(view.epoch, view.number);
  else if (view.program == "pult-transcode")
    mark_shown(view);
  changed_.give();
}

// What the mixer has just shown, and when that was.
void Room::mark_shown(const WorkerView& view) {
  const auto& wanted = kept_.wanted;
  auto& marks = kept_.marks;
  const auto mark = [&](std::int64_t change, std::int64_t& marked, Nanoseconds& since) {
    if (change == 0 || marked == change || !view.applied(wanted.epoch, change)) return false;
    marked = change;
    since = wall_of(view.picture);
    return true;
  };
  const bool scene = mark(wanted.on_air.taken, marks.taken, marks.on_air_since);
  const bool lower_third = mark(wanted.lower_third.shown, marks.lower_third, marks.lower_third_since);
  if (scene || lower_third) store_->keep(kept_);
}

void Room::on_worker_changed(const WorkerView& view) {
  if (!view.linked) journal_.add("warning", view.program, "is gone");
  changed_.give();
}

void Room::on_worker_event(const std::string& program, const json::object& message) {
  journal_.add(text_of(message, "level"), program, text_of(message, "text"), message);
}

void Room::on_programs(const std::vector<ProgramRecord>& programs) {
  for (const auto& now : programs)
    for (const auto& before : programs_)
      if (now.name == before.name && now.restarts > before.restarts)
        journal_.add("warning", now.name, fmt::format("was restarted, {} times so far", now.restarts));
  programs_ = programs;
  changed_.give();
}

} // namespace pult::control
