#include "control/talks/archive.hpp"

#include "base/clock.hpp"
#include "control/feed_settings.hpp"
#include "control/plain_text.hpp"
#include "control/room_time.hpp"
#include "control/talks/talk_lines.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/json.hpp>
#include <cmath>
#include <fmt/format.h>

namespace pult::control {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;

constexpr const char* kPackager = "pult-packager";
constexpr auto kTick = 250ms;
constexpr double kMostTrim = 86400;             // seconds
constexpr std::int64_t kMostSoundOffset = 5000; // ms

WantedState next_of(const WantedState& now) {
  auto state = now;
  ++state.number;
  return state;
}

// What the crew holds and what the running talk's opt-out holds.
WantedState::Hold hold_of(const Marks& marks, const WantedState::Talk& talk) {
  WantedState::Hold hold{marks.crew_hold_stream, marks.crew_hold_archive, ""};
  const bool opted_out = !talk.id.empty() && !talk.record;
  if (hold.stream || hold.archive) hold.why = "the crew holds it";
  if (opted_out) hold.why = "\"" + talk.title + "\" is not to be recorded";
  hold.archive = hold.archive || opted_out;
  return hold;
}

Result<void> check_place(const std::string& to) {
  if (to.empty()) return Error{Errc::kInvalidArgument, "where to? a folder, host:path, or rclone:remote:path"};
  if (to.size() > 1000 || to.find('\0') != std::string::npos || to.starts_with('-'))
    return Error{Errc::kInvalidArgument, "this is no place to export to"};
  const bool path = to.find(':') == std::string::npos;
  if (path && !to.starts_with('/'))
    return Error{Errc::kInvalidArgument, "a folder is named from the root: /mnt/stick/talks"};
  return {};
}

WantedState::Talk running_talk(const Talk& talk) {
  return {talk.id, talk.title, joined(talk.speakers), talk.record};
}

} // namespace

Archive::Archive(asio::io_context& io, Room& room, ScheduleClock clock)
    : room_(room), clock_(std::move(clock)), timer_(io.get_executor()), self_(std::make_shared<Archive*>(this)) {
  tick();
}

Archive::~Archive() {
  *self_ = nullptr;
}

void Archive::stop() {
  *self_ = nullptr;
  timer_.cancel();
}

Nanoseconds Archive::schedule_now() const {
  return clock_.at(wall_now(), monotonic_now());
}

Nanoseconds Archive::mark_now() const {
  return room_.wall_of(room_.picture_now());
}

void Archive::tell(std::string_view level, std::string text) {
  room_.journal().add(std::string(level), "pultd", std::move(text));
}

Room::Command Archive::state_change(std::string event) const {
  Room::Command command;
  command.event = std::move(event);
  return command;
}

// --- keeping ---

void Archive::load() {
  std::vector<Talk> talks;
  for (const auto& record : room_.kept_talks())
    if (auto talk = talk_from_json(record)) talks.push_back(std::move(*talk));
  book_ = TalkBook(std::move(talks));
  jobs_.load();
  loaded_ = true;
  recover();
  keep_spans();
}

// A pultd that was killed between an order and the disk left the running talk's marks in the run directory.
void Archive::recover() {
  const auto& marks = room_.kept().marks;
  const auto* talk = book_.find(marks.talk);
  if (talk == nullptr) return;
  auto changed = TalkBook::Changed{};
  if (talk->state == TalkState::kPlanned && marks.talk_in.count() != 0)
    if (auto started = book_.start(marks.talk, marks.talk_in, marks.talk_in, room_.kept().wanted.show.id))
      changed = *started;
  if (book_.running() != nullptr && book_.running()->id == marks.talk && marks.talk_out.count() != 0)
    if (auto stopped = book_.stop(marks.talk_out)) {
      changed = *stopped;
      jobs_.order("cut", marks.talk);
    }
  keep(changed);
}

void Archive::keep(const TalkBook::Changed& changed) {
  std::vector<json::object> records;
  for (const auto& id : changed)
    if (const auto* talk = book_.find(id)) records.push_back(to_json(*talk));
  if (records.empty()) return;
  room_.keep_talks(std::move(records));
  keep_spans();
}

// What the recorder must not throw away: the recordings of all talks that may still be cut.
void Archive::keep_spans() {
  json::array spans;
  for (const auto& talk : book_.talks())
    if (talk.in.count() != 0 && talk.state != TalkState::kPublished && talk.state != TalkState::kWithdrawn &&
        talk.state != TalkState::kUnrecorded)
      spans.push_back({{"show", talk.show},
                       {"in", talk.in.count()},
                       {"out", talk.out.count() != 0 ? talk.out.count() : INT64_MAX}});
  auto text = json::serialize(spans);
  if (text == spans_) return;
  spans_ = text;
  room_.keep_file(room_.place().config.data_dir / "program" / "keep.json", std::move(text));
}

Result<TalkOutcome> Archive::done(const Result<TalkBook::Changed>& changed, std::string said) {
  if (!changed) return changed.error();
  keep(*changed);
  if (!changed->empty()) tell("info", said);
  return TalkOutcome{changed->empty() ? "" : changed->front(), mark_now(), std::move(said)};
}

// --- talks ---

Task<Result<TalkOutcome>> Archive::start(std::string id, std::optional<Nanoseconds> at, std::string by) {
  const auto mark = at.value_or(mark_now());
  const auto& wanted = room_.kept().wanted;
  const auto show = wanted.show.state == WantedState::ShowState::kLive ? wanted.show.id : std::string();
  auto changed = book_.start(id, mark, schedule_now(), show);
  if (!changed) co_return changed.error();
  const auto talk = *book_.running();
  room_.mark_talk(talk.id, talk.in, {});
  auto command = state_change(fmt::format("talk {} \"{}\" begins at {}{}, by {}", talk.id, talk.title, clock_time(mark),
                                          talk.record ? "" : ", NOT RECORDED", by));
  const bool arms = !talk.scene.empty() && room_.place().config.scene(talk.scene) != nullptr;
  command.change = [this, talk, arms](const WantedState& now) -> Result<WantedState> {
    auto state = next_of(now);
    state.talk = running_talk(talk);
    state.hold = hold_of(room_.kept().marks, state.talk);
    if (arms) state.preview = talk.scene;
    return state;
  };
  auto running = room_.run(std::move(command));
  (void)co_await std::move(running);
  keep(*changed);
  auto said =
      fmt::format("{} \"{}\"{}", talk.id, talk.title, talk.record ? "" : " — not recorded: nothing of it is kept");
  co_return TalkOutcome{talk.id, mark, std::move(said)};
}

Task<Result<TalkOutcome>> Archive::stop_talk(std::optional<Nanoseconds> at, std::string by) {
  const auto mark = at.value_or(mark_now());
  auto changed = book_.stop(mark);
  if (!changed) co_return changed.error();
  const auto talk = *book_.find(changed->front());
  room_.mark_talk(talk.id, talk.in, talk.out);
  auto command =
      state_change(fmt::format("talk {} \"{}\" ends at {}, by {}", talk.id, talk.title, clock_time(mark), by));
  command.change = [this](const WantedState& now) -> Result<WantedState> {
    auto state = next_of(now);
    state.talk = {};
    state.hold = hold_of(room_.kept().marks, state.talk);
    return state;
  };
  // The files first: organisers wait for them.
  if (talk.record) jobs_.order("cut", talk.id);
  auto running = room_.run(std::move(command));
  (void)co_await std::move(running);
  keep(*changed);
  const auto minutes = std::chrono::duration<double>(talk.out - talk.in).count() / 60;
  co_return TalkOutcome{talk.id, mark, fmt::format("{} \"{}\", {:.1f} min", talk.id, talk.title, minutes)};
}

Task<Result<TalkOutcome>> Archive::next(std::string by) {
  if (book_.running() == nullptr && book_.next(schedule_now()) == nullptr)
    co_return Error{Errc::kRefused, "no talk comes next in the schedule; pult talk start begins one of its own"};
  if (book_.running() != nullptr) {
    auto stopping = stop_talk(std::nullopt, by);
    auto stopped = co_await std::move(stopping);
    if (!stopped) co_return stopped;
    if (book_.next(schedule_now()) == nullptr) co_return stopped;
  }
  const auto coming = book_.next(schedule_now())->id;
  auto starting = start(coming, std::nullopt, by);
  auto started = co_await std::move(starting);
  co_return started;
}

Result<TalkOutcome> Archive::mark(const std::string& text, const std::string& by) {
  return done(book_.mark(text, mark_now()), fmt::format("mark \"{}\", by {}", harmless(text, 300), by));
}

Result<TalkOutcome> Archive::extend(std::chrono::seconds more, const std::string& by) {
  const auto changed = book_.extend(more, schedule_now());
  const auto* talk = book_.running();
  const auto end = talk != nullptr ? clock_time(talk->end()).substr(0, 5) : std::string();
  return done(changed, fmt::format("talk {} may run until {}, by {}", talk != nullptr ? talk->id : "", end, by));
}

Result<TalkOutcome> Archive::swap(const std::string& a, const std::string& b, const std::string& by) {
  return done(book_.swap(a, b), fmt::format("talks {} and {} change places, by {}", a, b, by));
}

Result<TalkOutcome> Archive::cancel(const std::string& id, const std::string& by) {
  return done(book_.cancel(id), fmt::format("talk {} is cancelled, by {}", id, by));
}

Result<TalkOutcome> Archive::edit(const std::string& id, const TalkEdit& change, const std::string& by) {
  if (change.scene && !change.scene->empty() && room_.place().config.scene(*change.scene) == nullptr)
    return Error{Errc::kNotFound, "no scene \"" + harmless(*change.scene, 80) + "\"; see pult scenes"};
  return done(book_.edit(id, change), fmt::format("talk {} is edited, by {}", id, by));
}

Task<Result<TalkOutcome>> Archive::hold(bool stream, bool archive, std::string by) {
  room_.mark_hold(stream, archive);
  const bool off = !stream && !archive;
  const auto what = off                 ? "hold is off"
                    : stream && archive ? "stream and archive are held"
                    : stream            ? "the stream is held"
                                        : "the archive is held";
  auto command = state_change(fmt::format("{}, by {}", what, by));
  command.change = [this](const WantedState& now) -> Result<WantedState> {
    auto state = now;
    state.hold = hold_of(room_.kept().marks, now.talk);
    if (!(state.hold == now.hold)) ++state.number;
    return state;
  };
  command.shows_in = kPackager;
  auto running = room_.run(std::move(command));
  auto outcome = co_await std::move(running);
  if (!outcome) co_return outcome.error();
  const auto& in_force = room_.kept().wanted.hold;
  auto said = std::string(what);
  if (off && in_force.archive) said += "; the archive stays held: " + in_force.why;
  if (!outcome->shown) said += "; not in force yet: " + outcome->why_not;
  co_return TalkOutcome{"", room_.wall_of(outcome->picture), std::move(said)};
}

std::vector<TalkDifference> Archive::import(const std::vector<Talk>& schedule, bool apply, const std::string& by) {
  auto differences = book_.differences(schedule);
  if (!apply) return differences;
  const auto changed = book_.import(schedule);
  keep(changed);
  if (!changed.empty()) tell("info", fmt::format("schedule imported: {} talks changed, by {}", changed.size(), by));
  return differences;
}

// --- files ---

Result<TalkOutcome> Archive::trim(const TrimOrder& order, const std::string& by) {
  const auto found = book_.named(order.id);
  if (!found) return found.error();
  const auto& talk = **found;
  if (!(std::abs(order.in_s) <= kMostTrim && std::abs(order.out_s) <= kMostTrim))
    return Error{Errc::kInvalidArgument, "marks move by a day at most"};
  auto feed = order.feed.value_or(talk.source_feed);
  if (feed == kFromProgramme) feed.clear();
  if (!feed.empty()) {
    const auto& config = room_.place().config;
    if (auto known = check_feed(feed, room_.feeds()); !known) return known.error();
    if (!config.archive.iso)
      return Error{Errc::kRefused, "feeds are not recorded in this room: iso = true in [archive] keeps them"};
  }
  const auto sound_offset_ms = order.sound_offset_ms.value_or(talk.sound_offset_ms);
  if (std::abs(sound_offset_ms) > kMostSoundOffset)
    return Error{Errc::kInvalidArgument, "sound moves by 5000 ms at most"};

  const auto moved = [](Nanoseconds mark, double by_seconds) {
    return mark + Nanoseconds(static_cast<std::int64_t>(by_seconds * 1e9));
  };
  const auto in = moved(talk.in, order.in_s), out = moved(talk.out, order.out_s);
  const auto number = [&](const char* key) {
    const auto* value = talk.files.if_contains(key);
    return Nanoseconds(value != nullptr && value->is_number() ? value->to_number<std::int64_t>() : 0);
  };
  const auto first = number("recorded_in");
  const auto last =
      std::max(number("recorded_out"), talk.show == room_.kept().wanted.show.id ? mark_now() : Nanoseconds{});
  if (first.count() != 0 && (in < first || out > last))
    return Error{Errc::kRefused, fmt::format("the recording goes from {} to {}; these marks would be {} and {}",
                                             clock_time(first), clock_time(last), clock_time(in), clock_time(out))};
  const auto name = talk.id;
  const auto from = feed.empty() ? std::string() : ", with the pictures of " + feed;
  auto result =
      done(book_.trim(name, in, out, feed, sound_offset_ms),
           fmt::format("talk {} is cut anew, {} to {}{}, by {}", name, clock_time(in), clock_time(out), from, by));
  if (result) jobs_.order("cut", name);
  return result;
}

Result<TalkOutcome> Archive::publish(const std::string& id, const std::string& to, const std::string& by) {
  const auto found = book_.named(id);
  if (!found) return found.error();
  if (!to.empty())
    if (auto place = check_place(to); !place) return place.error();
  const auto& talk = **found;
  if (talk.state == TalkState::kPublished)
    return Error{Errc::kRefused, fmt::format("{} \"{}\" is public already", talk.id, talk.title)};
  if (talk.state != TalkState::kDraft)
    return Error{Errc::kRefused, fmt::format("{} \"{}\" is {}; only a finished draft can be published", talk.id,
                                             talk.title, name_of(talk.state))};
  jobs_.order("publish", talk.id);
  if (!to.empty()) jobs_.order("export", "", to); // jobs are done in their order
  const auto where = to.empty() ? std::string() : " and copied to " + harmless(to, 300);
  auto said = fmt::format("talk {} \"{}\" is being published{}, by {}", talk.id, talk.title, where, by);
  tell("info", said);
  return TalkOutcome{talk.id, wall_now(), std::move(said)};
}

Result<TalkOutcome> Archive::withdraw(const std::string& id, const std::string& by) {
  const auto found = book_.named(id);
  if (!found) return found.error();
  const auto talk = **found;
  if (talk.state == TalkState::kRunning)
    return Error{Errc::kRefused, fmt::format("{} \"{}\" is running: `pult hold --all` hides it at once; stop it, then "
                                             "withdraw it",
                                             talk.id, talk.title)};
  if (talk.in.count() == 0)
    return Error{Errc::kRefused, fmt::format("{} \"{}\" never ran; there is nothing to withdraw (pult talk cancel)",
                                             talk.id, talk.title)};
  jobs_.cancel_of(talk.id);
  auto result = done(book_.set_state(talk.id, TalkState::kWithdrawn),
                     fmt::format("talk {} \"{}\" is withdrawn, by {}", talk.id, talk.title, by));
  if (!result) return result;
  jobs_.order("withdraw", talk.id);
  // Viewers may still rewind to it.
  if (talk.show == room_.kept().wanted.show.id)
    room_.tell_worker(kPackager, {{"command", "forget-window"}, {"until", talk.out.count()}});
  result->id = talk.id;
  result->said = fmt::format("{} \"{}\" is withdrawn; its copies are being removed: pult archive show {}", talk.id,
                             talk.title, talk.id);
  return result;
}

Result<TalkOutcome> Archive::retry(const std::string& id, const std::string& by) {
  const auto found = book_.named(id);
  if (!found) return found.error();
  const auto& talk = **found;
  const auto* last = jobs_.book().newest_of(talk.id).any;
  if (last == nullptr || last->state != "failed")
    return Error{Errc::kRefused, fmt::format("nothing of {} \"{}\" has failed", talk.id, talk.title)};
  const auto kind = last->kind;
  jobs_.order(kind, talk.id);
  auto said = fmt::format("{} of talk {} is tried again, by {}", kind, talk.id, by);
  tell("info", said);
  return TalkOutcome{talk.id, wall_now(), std::move(said)};
}

Result<TalkOutcome> Archive::export_to(const std::string& to, const std::string& by) {
  if (auto place = check_place(to); !place) return place.error();
  jobs_.order("export", "", to);
  auto said = fmt::format("the public talks are being copied to {}, by {}", harmless(to, 300), by);
  tell("info", said);
  return TalkOutcome{"", wall_now(), std::move(said)};
}

// --- jobs ---

void Archive::take_report(const ArchiveJob& job) {
  if (!job.finished()) return;
  const auto* talk = book_.find(job.talk);
  const auto what = talk != nullptr ? fmt::format("{} of talk {} \"{}\"", job.kind, talk->id, talk->title) : job.kind;
  if (job.state == "failed") return tell("error", fmt::format("{} failed: {}", what, job.error));
  tell("info", fmt::format("{} is done", what));
  if (talk == nullptr) return;
  const auto id = talk->id;
  auto changed = TalkBook::Changed{};
  if (job.kind == "cut" && talk->state != TalkState::kWithdrawn) {
    (void)book_.set_files(id, job.result);
    (void)book_.set_state(id, TalkState::kDraft);
    changed = {id};
    if (room_.place().config.archive.auto_publish) jobs_.order("publish", id);
  }
  if (job.kind == "publish" && book_.set_state(id, TalkState::kPublished)) changed = {id};
  if (job.kind == "withdraw" && book_.set_files(id, job.result)) changed = {id};
  keep(changed);
}

// --- the clock ---

void Archive::tick() {
  if (!loaded_ && room_.is_open() && room_.disk_was_read()) load();
  if (loaded_) {
    jobs_.take_reports([this](const ArchiveJob& job) { take_report(job); });
    act_by_clock();
  }
  timer_.expires_after(kTick);
  timer_.async_wait([self = self_](ErrorCode cancelled) {
    if (!cancelled && *self != nullptr) (*self)->tick();
  });
}

void Archive::act_by_clock() {
  const auto& schedule = room_.place().config.schedule;
  if (clock_acts_ || room_.kept().wanted.show.state != WantedState::ShowState::kLive) return;
  const auto now = schedule_now();
  const auto* running = book_.running();
  const bool ends = schedule.auto_stop && running != nullptr && running->duration.count() > 0 && now >= running->end();
  const auto* coming = running == nullptr ? book_.next(now) : nullptr;
  const bool begins = schedule.auto_start && coming != nullptr && coming->start <= now && now < coming->end();
  if (!ends && !begins) return;
  clock_acts_ = true;
  auto act = [self = self_, ends, id = begins ? coming->id : std::string()]() -> Task<> {
    if (*self == nullptr) co_return;
    auto acting = ends ? (*self)->stop_talk(std::nullopt, "the clock") : (*self)->start(id, std::nullopt, "the clock");
    (void)co_await std::move(acting);
    if (*self != nullptr) (*self)->clock_acts_ = false;
  };
  asio::co_spawn(timer_.get_executor(), std::move(act), asio::detached);
}

// --- for people ---

json::value Archive::hold_status() const {
  const auto& hold = room_.kept().wanted.hold;
  if (!hold.stream && !hold.archive) return nullptr;
  return json::object{{"stream", hold.stream}, {"archive", hold.archive}, {"why", hold.why}};
}

json::value Archive::talk_status() const {
  return control::talk_status(book_, schedule_now(), mark_now());
}

} // namespace pult::control
