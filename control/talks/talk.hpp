// A talk as the room knows it: from the schedule, through its recording, to its files. Plain value, JSON both ways.
//
// The JSON is what the API says, what pult.db keeps and what pult-jobs gets; talk.json is made of it. Times are wall
// time. Marks are programme wall times, exact to the picture. Pure; any thread.
#pragma once

#include "base/programme_time.hpp"
#include "base/result.hpp"

#include <boost/json/object.hpp>
#include <set>
#include <string>
#include <vector>

namespace pult::control {

enum class TalkState {
  kPlanned,
  kRunning,
  kRecorded, // ended; its files are being made
  kDraft,    // its files can be watched by organisers
  kPublished,
  kWithdrawn,
  kUnrecorded, // it ran, opted out: nothing of it was kept
  kCancelled
};
const char* name_of(TalkState state);

struct TalkChapter {
  Nanoseconds at{};
  std::string text;
};

struct Talk {
  std::string id; // unique in the room; letters, digits, - and _
  std::string guid, slug;
  std::string title, subtitle, abstract, description, language, track, room, licence, url;
  std::vector<std::string> speakers;
  std::string scene; // armed as preview when the talk starts; empty: none
  int day = 0;
  Nanoseconds start{};
  std::chrono::seconds duration{};
  bool record = true; // false: opted out
  TalkState state = TalkState::kPlanned;
  std::string show;
  Nanoseconds in{}, out{}; // 0: not marked
  std::vector<TalkChapter> chapters;
  std::set<std::string> edited; // by hand: an import leaves these as they are
  std::string source_feed;      // cut from a feed's own recording; empty: of the programme
  std::int64_t sound_offset_ms = 0;
  boost::json::object files; // what pult-jobs said of them: length, gaps, bytes, loudness

  [[nodiscard]] Nanoseconds end() const { return start + duration; }
  [[nodiscard]] bool over() const; // it ran and ended
};

boost::json::object to_json(const Talk& talk);
std::optional<Talk> talk_from_json(const boost::json::object& from);

// A name for folders and addresses out of a title: [a-z0-9-], umlauts written out, 60 at most, never empty.
std::string slug_of(std::string_view title, std::string_view id);
bool is_talk_id(std::string_view id);                      // letters, digits, - and _, 1 to 64
std::string joined(const std::vector<std::string>& names); // "Ada Beispiel, Jo Muster"

} // namespace pult::control
