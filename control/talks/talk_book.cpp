#include "control/talks/talk_book.hpp"

#include "base/nearest.hpp"
#include "control/plain_text.hpp"
#include "control/room_time.hpp"

#include <algorithm>
#include <atomic>
#include <boost/json.hpp>
#include <fmt/format.h>

namespace pult::control {
namespace {

constexpr std::size_t kMostTalks = 20000;
constexpr std::size_t kMostChapters = 200;
constexpr std::size_t kLongestTitle = 300;
constexpr auto kLongestTalk = std::chrono::hours(24);

Error refused(std::string why) {
  return {Errc::kRefused, std::move(why)};
}

std::string quoted(const Talk& talk) {
  return fmt::format("{} \"{}\"", talk.id, talk.title);
}

std::string short_clock(Nanoseconds wall) {
  return clock_time(wall).substr(0, 5);
}

std::vector<std::string> names_in(std::string_view text) {
  std::vector<std::string> names;
  while (!text.empty()) {
    const auto end = std::min(text.find_first_of(",;"), text.size());
    auto name = text.substr(0, end);
    while (name.starts_with(' '))
      name.remove_prefix(1);
    while (name.ends_with(' '))
      name.remove_suffix(1);
    if (!name.empty()) names.emplace_back(name);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return names;
}

// One field that a schedule and a hand may both set.
struct Field {
  const char* name;
  std::string (*text)(const Talk&);
  void (*take)(Talk&, const Talk&);
};

const std::vector<Field>& fields() {
  static const std::vector<Field> all{
      {"title", [](const Talk& t) { return t.title; }, [](Talk& to, const Talk& from) { to.title = from.title; }},
      {"subtitle", [](const Talk& t) { return t.subtitle; },
       [](Talk& to, const Talk& from) { to.subtitle = from.subtitle; }},
      {"speakers", [](const Talk& t) { return joined(t.speakers); },
       [](Talk& to, const Talk& from) { to.speakers = from.speakers; }},
      {"language", [](const Talk& t) { return t.language; },
       [](Talk& to, const Talk& from) { to.language = from.language; }},
      {"track", [](const Talk& t) { return t.track; }, [](Talk& to, const Talk& from) { to.track = from.track; }},
      {"abstract", [](const Talk& t) { return t.abstract; },
       [](Talk& to, const Talk& from) { to.abstract = from.abstract; }},
      {"description", [](const Talk& t) { return t.description; },
       [](Talk& to, const Talk& from) { to.description = from.description; }},
      {"licence", [](const Talk& t) { return t.licence; },
       [](Talk& to, const Talk& from) { to.licence = from.licence; }},
      {"url", [](const Talk& t) { return t.url; }, [](Talk& to, const Talk& from) { to.url = from.url; }},
      {"record", [](const Talk& t) { return std::string(t.record ? "recorded" : "not recorded"); },
       [](Talk& to, const Talk& from) { to.record = from.record; }},
      {"start", [](const Talk& t) { return iso_time(t.start).substr(0, 16); },
       [](Talk& to, const Talk& from) {
         to.start = from.start;
         to.day = from.day;
       }},
      {"duration", [](const Talk& t) { return fmt::format("{} min", t.duration.count() / 60); },
       [](Talk& to, const Talk& from) { to.duration = from.duration; }}};
  return all;
}

bool is_time(const Field& field) {
  return std::string_view(field.name) == "start" || std::string_view(field.name) == "duration";
}

// What an import may still change: a running talk never moves, and what ran keeps its times.
bool may_take(const Talk& ours, const Field& field) {
  if (ours.edited.contains(field.name)) return false;
  return ours.state == TalkState::kPlanned || ours.state == TalkState::kCancelled || !is_time(field);
}

std::string shortened(const std::string& text) {
  return text.size() > 60 ? harmless(text.substr(0, 60), 60) + "…" : text;
}

} // namespace

TalkBook::TalkBook(std::vector<Talk> talks) : talks_(std::move(talks)) {
  sort();
}

void TalkBook::sort() {
  std::stable_sort(talks_.begin(), talks_.end(),
                   [](const Talk& a, const Talk& b) { return std::tie(a.start, a.id) < std::tie(b.start, b.id); });
}

const Talk* TalkBook::find(std::string_view id) const {
  const auto found = std::find_if(talks_.begin(), talks_.end(), [&](const Talk& talk) { return talk.id == id; });
  return found != talks_.end() ? &*found : nullptr;
}

std::uint64_t TalkBook::next_revision() {
  static std::atomic<std::uint64_t> last{0};
  return ++last;
}

Talk* TalkBook::edit_talk(std::string_view id) {
  revision_ = next_revision();
  return const_cast<Talk*>(find(id));
}

Result<const Talk*> TalkBook::named(std::string_view id) const {
  for (const auto& talk : talks_)
    if (talk.id == id || talk.slug == id) return &talk;
  std::vector<std::string> names;
  for (const auto& talk : talks_) {
    names.push_back(talk.id);
    names.push_back(talk.slug);
  }
  return Error{Errc::kNotFound,
               fmt::format("no talk \"{}\"{}{}", harmless(id, 80), did_you_mean(id, names),
                           talks_.empty() ? "; the schedule is empty: pult schedule import FILE" : "")};
}

const Talk* TalkBook::running() const {
  const auto found =
      std::find_if(talks_.begin(), talks_.end(), [](const Talk& talk) { return talk.state == TalkState::kRunning; });
  return found != talks_.end() ? &*found : nullptr;
}

const Talk* TalkBook::next(Nanoseconds now) const {
  const Talk* coming = nullptr;
  for (const auto& talk : talks_) {
    if (talk.state != TalkState::kPlanned) continue;
    if (talk.end() > now) return &talk; // in the order of their starts: it should run, or is the first to come
    coming = nullptr;
  }
  return coming;
}

std::string TalkBook::free_slug(const std::string& wanted, std::string_view id) const {
  const auto taken = [&](const std::string& slug) {
    return std::any_of(talks_.begin(), talks_.end(),
                       [&](const Talk& talk) { return talk.slug == slug && talk.id != id; });
  };
  if (!taken(wanted)) return wanted;
  const auto with_id = slug_of(wanted + "-" + std::string(id), id);
  auto slug = with_id;
  for (int i = 2; taken(slug); ++i)
    slug = fmt::format("{}-{}", with_id, i);
  return slug;
}

Result<TalkBook::Changed> TalkBook::start(std::string_view id, Nanoseconds mark, Nanoseconds schedule_now,
                                          const std::string& show) {
  if (const auto* now = running())
    return refused(
        fmt::format("{} is running; stop it first, or go on with the next one: pult talk next", quoted(*now)));
  if (show.empty()) return refused("nothing is recorded before the show: pult show start");
  Talk* talk = nullptr;
  if (!id.empty()) {
    auto found = named(id);
    if (!found) return found.error();
    talk = edit_talk((*found)->id);
  } else if (const auto* coming = next(schedule_now)) {
    talk = edit_talk(coming->id);
  }
  if (talk == nullptr) { // nobody planned it
    Talk own;
    for (int i = 1; own.id.empty() || find(own.id) != nullptr; ++i)
      own.id = fmt::format("x{}", i);
    own.title = fmt::format("Talk at {}", short_clock(mark));
    own.start = schedule_now;
    own.slug = free_slug(slug_of(own.title, own.id), own.id);
    talks_.push_back(std::move(own));
    talk = &talks_.back();
    revision_ = next_revision();
  }
  if (talk->over())
    return refused(
        fmt::format("{} has ended already; its marks can be moved: pult archive trim {}", quoted(*talk), talk->id));
  talk->state = TalkState::kRunning;
  talk->show = show;
  talk->in = mark;
  talk->out = {};
  talk->chapters.clear();
  const auto started = talk->id;
  sort();
  return Changed{started};
}

Result<TalkBook::Changed> TalkBook::stop(Nanoseconds mark) {
  const auto* now = running();
  if (now == nullptr) return refused("no talk is running");
  auto* talk = edit_talk(now->id);
  if (mark <= talk->in) return refused(fmt::format("{} cannot end before it began", quoted(*talk)));
  talk->out = mark;
  talk->state = talk->record ? TalkState::kRecorded : TalkState::kUnrecorded;
  return Changed{talk->id};
}

Result<TalkBook::Changed> TalkBook::mark(const std::string& text, Nanoseconds mark) {
  const auto* now = running();
  if (now == nullptr) return refused("no talk is running; a mark belongs to one");
  if (auto plain = check_plain_text("mark", text, kLongestTitle); !plain) return plain.error();
  auto* talk = edit_talk(now->id);
  if (talk->chapters.size() >= kMostChapters)
    return refused(fmt::format("{} has {} marks already", quoted(*talk), kMostChapters));
  talk->chapters.push_back({mark, text});
  return Changed{talk->id};
}

Result<TalkBook::Changed> TalkBook::extend(std::chrono::seconds more, Nanoseconds schedule_now) {
  const auto* now = running();
  if (now == nullptr) return refused("no talk is running; only one that runs is extended");
  auto* talk = edit_talk(now->id);
  if (talk->duration.count() == 0) return refused(fmt::format("{} has no planned end", quoted(*talk)));
  const auto end = std::chrono::ceil<std::chrono::seconds>(std::max(talk->end(), schedule_now)) + more;
  const auto duration = end - std::chrono::floor<std::chrono::seconds>(talk->start);
  if (more <= std::chrono::seconds(0) || duration > kLongestTalk)
    return refused("a talk is extended by more than nothing, and lasts a day at most");
  talk->duration = duration;
  talk->edited.insert("duration");
  return Changed{talk->id};
}

Result<TalkBook::Changed> TalkBook::swap(std::string_view a, std::string_view b) {
  const auto one = named(a);
  if (!one) return one.error();
  const auto other = named(b);
  if (!other) return other.error();
  for (const auto* talk : {*one, *other})
    if (talk->state != TalkState::kPlanned)
      return refused(fmt::format("{} is {}; only planned talks change places", quoted(*talk), name_of(talk->state)));
  const Changed changed{(*one)->id, (*other)->id};
  auto* first = edit_talk(changed[0]);
  auto* second = edit_talk(changed[1]);
  std::swap(first->start, second->start);
  std::swap(first->day, second->day);
  first->edited.insert("start");
  second->edited.insert("start");
  sort();
  return changed;
}

Result<TalkBook::Changed> TalkBook::cancel(std::string_view id) {
  const auto found = named(id);
  if (!found) return found.error();
  auto* talk = edit_talk((*found)->id);
  if (talk->state == TalkState::kRunning) return refused(fmt::format("{} is running: pult talk stop", quoted(*talk)));
  if (talk->over())
    return refused(
        fmt::format("{} has ended; what it left is withdrawn by: pult archive withdraw {}", quoted(*talk), talk->id));
  if (talk->state == TalkState::kCancelled) return Changed{};
  talk->state = TalkState::kCancelled;
  talk->edited.insert("state");
  return Changed{talk->id};
}

Result<TalkBook::Changed> TalkBook::edit(std::string_view id, const TalkEdit& edit) {
  const auto found = named(id);
  if (!found) return found.error();
  auto changed = **found;
  const auto text = [&](const char* name, const std::optional<std::string>& from, std::string& to) -> Result<void> {
    if (!from) return {};
    if (auto plain = check_plain_text(name, *from, name == std::string_view("abstract") ? 20000 : kLongestTitle);
        !plain && !from->empty())
      return plain;
    to = *from;
    changed.edited.insert(name);
    return {};
  };
  if (edit.title && edit.title->empty()) return refused("a talk needs a title");
  for (const auto& [name, from, to] : {std::tuple{"title", &edit.title, &changed.title},
                                       {"subtitle", &edit.subtitle, &changed.subtitle},
                                       {"language", &edit.language, &changed.language},
                                       {"track", &edit.track, &changed.track},
                                       {"abstract", &edit.abstract, &changed.abstract}})
    if (auto taken = text(name, *from, *to); !taken) return taken.error();
  if (edit.scene) changed.scene = *edit.scene;
  if (edit.speakers) {
    if (auto plain = check_plain_text("speakers", *edit.speakers, 2000); !plain && !edit.speakers->empty())
      return plain.error();
    changed.speakers = names_in(*edit.speakers);
    changed.edited.insert("speakers");
  }
  if (edit.record) changed.record = *edit.record;
  if (edit.record) changed.edited.insert("record");
  if ((edit.start || edit.duration) && changed.state != TalkState::kPlanned)
    return refused(fmt::format("{} is {}; only planned talks are moved", quoted(changed), name_of(changed.state)));
  if (edit.start) changed.start = *edit.start;
  if (edit.start) changed.edited.insert("start");
  if (edit.duration && (*edit.duration <= std::chrono::seconds(0) || *edit.duration > kLongestTalk))
    return refused("a talk lasts more than nothing and a day at most");
  if (edit.duration) changed.duration = *edit.duration;
  if (edit.duration) changed.edited.insert("duration");
  *edit_talk((*found)->id) = changed;
  sort();
  return Changed{changed.id};
}

Result<TalkBook::Changed> TalkBook::trim(std::string_view id, Nanoseconds in, Nanoseconds out, const std::string& feed,
                                         std::int64_t sound_offset_ms) {
  const auto found = named(id);
  if (!found) return found.error();
  auto* talk = edit_talk((*found)->id);
  if (!talk->over()) return refused(fmt::format("{} has not ended yet; there is nothing to trim", quoted(*talk)));
  if (talk->state == TalkState::kUnrecorded) return refused(fmt::format("{} was not recorded", quoted(*talk)));
  if (talk->state == TalkState::kWithdrawn)
    return refused(fmt::format("{} is withdrawn; nothing of it is left", quoted(*talk)));
  if (out <= in) return refused("the out mark must be behind the in mark");
  talk->in = in;
  talk->out = out;
  talk->source_feed = feed;
  talk->sound_offset_ms = sound_offset_ms;
  talk->state = TalkState::kRecorded;
  return Changed{talk->id};
}

Result<TalkBook::Changed> TalkBook::set_state(std::string_view id, TalkState state) {
  auto* talk = edit_talk(id);
  if (talk == nullptr) return Error{Errc::kNotFound, "no talk \"" + harmless(id, 80) + "\""};
  if (talk->state == state) return Changed{};
  talk->state = state;
  return Changed{talk->id};
}

Result<TalkBook::Changed> TalkBook::set_files(std::string_view id, boost::json::object files) {
  auto* talk = edit_talk(id);
  if (talk == nullptr) return Error{Errc::kNotFound, "no talk \"" + harmless(id, 80) + "\""};
  talk->files = std::move(files);
  return Changed{talk->id};
}

std::vector<TalkDifference> TalkBook::differences(const std::vector<Talk>& schedule) const {
  std::vector<TalkDifference> all;
  for (const auto& theirs : schedule) {
    const auto* ours = find(theirs.id);
    if (ours == nullptr) {
      all.push_back({TalkDifference::Kind::kNew, theirs.id, theirs.title,
                     fmt::format("{}, {} min{}", iso_time(theirs.start).substr(0, 16), theirs.duration.count() / 60,
                                 theirs.record ? "" : ", NOT RECORDED")});
      continue;
    }
    for (const auto& field : fields()) {
      const auto before = field.text(*ours), after = field.text(theirs);
      if (before == after) continue;
      const bool takes = may_take(*ours, field);
      all.push_back({!takes           ? TalkDifference::Kind::kKept
                     : is_time(field) ? TalkDifference::Kind::kMoved
                                      : TalkDifference::Kind::kChanged,
                     theirs.id, ours->title,
                     fmt::format("{}: \"{}\" → \"{}\"{}", field.name, shortened(before), shortened(after),
                                 takes                               ? ""
                                 : ours->edited.contains(field.name) ? " (kept: edited by hand)"
                                                                     : " (kept: it ran already)")});
    }
  }
  for (const auto& ours : talks_) {
    const bool there =
        std::any_of(schedule.begin(), schedule.end(), [&](const Talk& one) { return one.id == ours.id; });
    if (there || ours.id.starts_with('x')) continue; // x1, x2: nobody planned them
    const bool goes = ours.state == TalkState::kPlanned;
    if (goes) all.push_back({TalkDifference::Kind::kGone, ours.id, ours.title, "is not in the schedule any more"});
  }
  return all;
}

TalkBook::Changed TalkBook::import(const std::vector<Talk>& schedule) {
  Changed changed;
  revision_ = next_revision();
  for (const auto& theirs : schedule) {
    auto* ours = edit_talk(theirs.id);
    if (ours == nullptr) {
      if (talks_.size() >= kMostTalks) break;
      auto talk = theirs;
      talk.slug = free_slug(slug_of(talk.title, talk.id), talk.id);
      talks_.push_back(std::move(talk));
      changed.push_back(theirs.id);
      continue;
    }
    // Cancelled because it was not in the schedule, and there it is again; what a hand cancelled stays so.
    bool any = ours->state == TalkState::kCancelled && !ours->edited.contains("state");
    if (any) ours->state = TalkState::kPlanned;
    for (const auto& field : fields()) {
      if (field.text(*ours) == field.text(theirs) || !may_take(*ours, field)) continue;
      field.take(*ours, theirs);
      any = true;
    }
    if (ours->state == TalkState::kPlanned && ours->slug.empty())
      ours->slug = free_slug(slug_of(ours->title, ours->id), ours->id);
    if (any) changed.push_back(ours->id);
  }
  for (auto& ours : talks_) {
    const bool there =
        std::any_of(schedule.begin(), schedule.end(), [&](const Talk& one) { return one.id == ours.id; });
    if (there || ours.id.starts_with('x') || ours.state != TalkState::kPlanned) continue;
    ours.state = TalkState::kCancelled; // kept: it comes back with the next schedule that has it
    changed.push_back(ours.id);
  }
  sort();
  return changed;
}

} // namespace pult::control
