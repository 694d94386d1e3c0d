// Talks as lines of lists and of the status, for the API. One thread, the io thread.
#pragma once

#include "control/talks/job_book.hpp"
#include "control/talks/talk_book.hpp"

namespace pult::control {

boost::json::array names_json(const std::vector<std::string>& names);
boost::json::value time_json(Nanoseconds wall); // null for 0
boost::json::object job_json(const ArchiveJob& job);

// A line of the schedule; all of a talk is at /talks/{id}.
boost::json::object talk_line(const Talk& talk);
// Whether its picture and sound can be played already.
bool is_watchable(const Talk& talk, const JobBook::Newest& jobs);

// What runs and what comes, for the room's status: {"id","title","speakers","record","scene","start","end","since",
// "runs_s","left_s","marks","next":{…,"starts_in_s"}}, "id" null when nothing runs; null without talks. `mark_now`:
// programme wall time, as marks are.
boost::json::value talk_status(const TalkBook& book, Nanoseconds schedule_now, Nanoseconds mark_now);

// All talks that ran or run, their files, and what is being done, as JSON text. What talks say of themselves is kept as
// text until a talk changes: an archive of thousands is not written anew for each who asks.
class ArchiveList {
 public:
  std::string text(const TalkBook& book, const JobBook& jobs); // an array

 private:
  struct Line {
    std::string id;
    bool watchable = false; // whatever its jobs say
    std::string text;       // without the closing brace
  };
  void renew(const TalkBook& book);
  std::uint64_t revision_ = 0; // of the book; 0: nothing is kept
  std::vector<Line> lines_;
};

} // namespace pult::control
