// What is ordered of pult-jobs: kept, sent, and heard of.
//
// pult-jobs gets the list of unfinished jobs, each with its talk as the book has it, on each order, when it comes back,
// and every few seconds. One thread, the io thread.
#pragma once

#include "control/room.hpp"
#include "control/talks/job_book.hpp"
#include "control/talks/talk_book.hpp"

#include <functional>

namespace pult::control {

class JobOrders {
 public:
  JobOrders(Room& room, const TalkBook& talks) : room_(room), talks_(talks) {}

  void load(); // what pult.db has
  [[nodiscard]] const JobBook& book() const { return book_; }

  // `to`: of an export.
  void order(const std::string& kind, const std::string& talk, const std::string& to = "");
  void cancel_of(const std::string& talk) { book_.cancel_of(talk); } // kept and told with the next order
  // Reads what pult-jobs reports and tells it again what is left, when that is due. `ended` gets each job that has
  // ended and keeps what follows from it: only then is the job itself kept as ended, so that a kill in between loses
  // nothing.
  void take_reports(const std::function<void(const ArchiveJob&)>& ended);

 private:
  void keep();
  void send();
  [[nodiscard]] boost::json::object source_of(const Talk& talk) const;

  Room& room_;
  const TalkBook& talks_;
  JobBook book_;
  bool was_linked_ = false;
  Nanoseconds sent_at_{};
};

} // namespace pult::control
