// All talks of the room, and what each order makes of them. Pure: every order is a function of the book, the order and
// the time that is handed in; a refusal says why and names the nearest right talk, and leaves the book as it was.
//
// One talk runs at a time. A talk that ran is never moved or lost: an import may change what is only planned.
#pragma once

#include "control/talks/talk.hpp"

#include <map>
#include <optional>

namespace pult::control {

// What an edit by hand changes; empty optionals stay.
struct TalkEdit {
  std::optional<std::string> title, subtitle, speakers, language, track, scene, abstract;
  std::optional<Nanoseconds> start;
  std::optional<std::chrono::seconds> duration;
  std::optional<bool> record;
};

// One line of what an import does.
struct TalkDifference {
  enum class Kind { kNew, kChanged, kMoved, kGone, kKept };
  Kind kind = Kind::kNew;
  std::string id, title;
  std::string what; // in plain words: "title: \"A\" → \"B\"", "10:00 → 10:15"
};

class TalkBook {
 public:
  TalkBook() = default;
  explicit TalkBook(std::vector<Talk> talks);

  [[nodiscard]] const std::vector<Talk>& talks() const { return talks_; } // by start, then id
  // Another one after each change, and for each book; never 0.
  [[nodiscard]] std::uint64_t revision() const { return revision_; }
  [[nodiscard]] const Talk* find(std::string_view id) const;
  Result<const Talk*> named(std::string_view id) const; // id or slug; a refusal names the nearest
  [[nodiscard]] const Talk* running() const;
  // The planned talk that comes next at `now`, by the schedule's clock: the one that should run, else the first to
  // come.
  [[nodiscard]] const Talk* next(Nanoseconds now) const;

  // Each gives the ids of the talks that changed.
  using Changed = std::vector<std::string>;
  // `id` empty: the next one; without any in the schedule, a talk of its own.
  Result<Changed> start(std::string_view id, Nanoseconds mark, Nanoseconds schedule_now, const std::string& show);
  Result<Changed> stop(Nanoseconds mark);
  Result<Changed> mark(const std::string& text, Nanoseconds mark);
  // The running talk overruns: it is to end so much after its planned end, or after now where that is past.
  Result<Changed> extend(std::chrono::seconds more, Nanoseconds schedule_now);
  Result<Changed> swap(std::string_view a, std::string_view b); // their times
  Result<Changed> cancel(std::string_view id);
  Result<Changed> edit(std::string_view id, const TalkEdit& edit);
  // New marks of a talk that ended: it will be cut again.
  Result<Changed> trim(std::string_view id, Nanoseconds in, Nanoseconds out, const std::string& feed,
                       std::int64_t sound_offset_ms);
  Result<Changed> set_state(std::string_view id, TalkState state);
  Result<Changed> set_files(std::string_view id, boost::json::object files);

  // What a schedule would change, without changing it; and the same done.
  [[nodiscard]] std::vector<TalkDifference> differences(const std::vector<Talk>& schedule) const;
  Changed import(const std::vector<Talk>& schedule);

 private:
  static std::uint64_t next_revision();
  Talk* edit_talk(std::string_view id);
  std::string free_slug(const std::string& wanted, std::string_view id) const;
  void sort();

  std::vector<Talk> talks_;
  std::uint64_t revision_ = next_revision();
};

} // namespace pult::control
