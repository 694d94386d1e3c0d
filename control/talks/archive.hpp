// The room's talks and the slow work for them, kept and carried out: what is between an order of the crew and
// pult-jobs.
//
// Orders change the book (talk_book, pure) and the wanted state together; both are kept behind. The running talk's
// marks stand in the wanted state's marks as well, so a killed pultd finds them even when pult.db had not been written
// yet. Consent: what the crew holds and what a talk's opt-out holds are added up. What pult-jobs reports (job_orders)
// moves talks on. One thread, the io thread.
#pragma once

#include "control/room.hpp"
#include "control/talks/job_orders.hpp"
#include "control/talks/schedule_clock.hpp"
#include "control/talks/talk_book.hpp"

namespace pult::control {

// What an order did, for its answer.
struct TalkOutcome {
  std::string id; // of the talk; empty: none
  Nanoseconds at{};
  std::string said; // in plain words
};

// How a talk is to be cut anew. What is not named stays as it was.
struct TrimOrder {
  std::string id;
  double in_s = 0, out_s = 0; // by which the marks move
  // The pictures of this feed's own recording; kFromProgramme: the programme's again.
  std::optional<std::string> feed;
  std::optional<std::int64_t> sound_offset_ms; // by which the sound comes later
};
inline constexpr const char* kFromProgramme = "programme";

class Archive {
 public:
  Archive(asio::io_context& io, Room& room, ScheduleClock clock);
  ~Archive();
  void stop();

  [[nodiscard]] const TalkBook& book() const { return book_; }
  [[nodiscard]] const JobBook& jobs() const { return jobs_.book(); }
  [[nodiscard]] Nanoseconds schedule_now() const;
  [[nodiscard]] bool clock_injected() const { return clock_.injected(); }

  // `at`: programme wall time of the mark; nothing: now.
  Task<Result<TalkOutcome>> start(std::string id, std::optional<Nanoseconds> at, std::string by);
  Task<Result<TalkOutcome>> stop_talk(std::optional<Nanoseconds> at, std::string by);
  Task<Result<TalkOutcome>> next(std::string by); // stops what runs, starts what comes
  Result<TalkOutcome> mark(const std::string& text, const std::string& by);
  Result<TalkOutcome> extend(std::chrono::seconds more, const std::string& by);
  Result<TalkOutcome> swap(const std::string& a, const std::string& b, const std::string& by);
  Result<TalkOutcome> cancel(const std::string& id, const std::string& by);
  Result<TalkOutcome> edit(const std::string& id, const TalkEdit& edit, const std::string& by);
  Task<Result<TalkOutcome>> hold(bool stream, bool archive, std::string by);

  std::vector<TalkDifference> import(const std::vector<Talk>& schedule, bool apply, const std::string& by);

  Result<TalkOutcome> trim(const TrimOrder& order, const std::string& by);
  // `to`: the public talks are then copied there, too; empty: not.
  Result<TalkOutcome> publish(const std::string& id, const std::string& to, const std::string& by);
  Result<TalkOutcome> withdraw(const std::string& id, const std::string& by);
  Result<TalkOutcome> retry(const std::string& id, const std::string& by);
  Result<TalkOutcome> export_to(const std::string& to, const std::string& by);

  [[nodiscard]] boost::json::value talk_status() const;
  [[nodiscard]] boost::json::value hold_status() const;

 private:
  [[nodiscard]] Nanoseconds mark_now() const;
  [[nodiscard]] Room::Command state_change(std::string event) const;
  void load();
  void recover();
  void keep(const TalkBook::Changed& changed);
  void keep_spans();
  void take_report(const ArchiveJob& job);
  void tick();
  void act_by_clock();
  void tell(std::string_view level, std::string text);
  Result<TalkOutcome> done(const Result<TalkBook::Changed>& changed, std::string said);

  Room& room_;
  ScheduleClock clock_;
  SteadyTimer timer_;
  TalkBook book_;
  JobOrders jobs_{room_, book_};
  bool loaded_ = false;
  bool clock_acts_ = false; // an automatic start or stop is under way
  std::string spans_;
  std::shared_ptr<Archive*> self_; // null when gone: late callbacks become no-ops
};

} // namespace pult::control
