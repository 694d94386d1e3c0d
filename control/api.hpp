// The crew's API: one table of calls, each with the role that it needs and what it takes; described in docs/cli.md.
//
// Over the room's Unix socket everybody may everything (who may open it is the system's matter). Over TCP every call
// needs a token, loopback too; /healthz and, on loopback, /metrics excepted. A refusal is
// {"error":{"code","message"}}. Handlers run in the io thread and never block. The table (api.cpp) is also what
// /api/v1/openapi.json is made of; calls that read are in api_reads.cpp, orders in api_orders.cpp, talks and archive in
// api_talks.cpp.
#pragma once

#include "base/http_server.hpp"
#include "control/api_request.hpp"
#include "control/crew_access.hpp"
#include "control/event_stream.hpp"
#include "control/guess_watch.hpp"
#include "control/organiser_files.hpp"
#include "control/room.hpp"
#include "control/room_status.hpp"
#include "control/schedule/keeper.hpp"
#include "control/talks/archive.hpp"
#include "control/talks/talk_lines.hpp"
#include "control/tokens.hpp"

#include <string>
#include <vector>

namespace pult::control {

struct CallDescription {
  http::Verb method;
  std::string path;
  Role role;
  std::string what; // one line for people
  std::vector<Member> query = {};
  std::vector<Member> body = {};
  bool open = false; // needs no token
};

class Api {
 public:
  Api(asio::io_context& io, Room& room, Archive& archive, ScheduleKeeper& schedule);
  // May be called for many requests at once.
  Task<http::Response> answer(const http::Request& request);
  void stop() { stream_.stop(); }
  // Every call, for those who describe or test them.
  static std::vector<CallDescription> descriptions();
  // Where TCP is served ("" when it is not), and what is wrong with it ("" when nothing is): both for status.
  void set_port(std::string address, std::string trouble) {
    port_address_ = std::move(address);
    port_trouble_ = std::move(trouble);
  }

 private:
  // What somebody asks, read and found right.
  struct Ask {
    const http::Request& request;
    Query query;
    Body body;
    std::string by;
    Role role;
    std::string id; // of a path that ends with "/{id}"
  };
  using Handler = Task<http::Response> (Api::*)(const Ask&);
  struct Call : CallDescription {
    Handler handler;
  };
  static const std::vector<Call>& calls();
  // Null when there is none; `allowed` is then the method that the path has, if any.
  static const Call* find_call(const http::Request& request, std::string& allowed);
  Result<std::optional<Nanoseconds>> mark_of(const Ask& ask) const;
  Result<Asker> who(const http::Request& request, const Call* call) const;
  http::Response refuse_guess(const http::Request& request, std::string_view why);
  [[nodiscard]] boost::json::object whole_status() const;
  [[nodiscard]] std::string desk_address() const;
  [[nodiscard]] StatusInput status_input() const;
  [[nodiscard]] Room::Command order(std::string shows_in, std::string event) const;
  Task<http::Response> command(Room::Command command, boost::json::object names);
  Task<http::Response> set_feed(FeedOrder order, std::string event);

  Task<http::Response> healthz(const Ask&);
  Task<http::Response> metrics(const Ask&);
  Task<http::Response> openapi(const Ask&);
  Task<http::Response> status(const Ask&);
  Task<http::Response> scenes(const Ask&);
  Task<http::Response> events(const Ask&);
  Task<http::Response> tokens(const Ask&);

  Task<http::Response> talks(const Ask&);
  Task<http::Response> talk(const Ask&);
  Task<http::Response> talk_start(const Ask&);
  Task<http::Response> talk_stop(const Ask&);
  Task<http::Response> talk_next(const Ask&);
  Task<http::Response> talk_mark(const Ask&);
  Task<http::Response> talk_extend(const Ask&);
  Task<http::Response> talk_swap(const Ask&);
  Task<http::Response> talk_cancel(const Ask&);
  Task<http::Response> talk_edit(const Ask&);
  Task<http::Response> hold(const Ask&);
  Task<http::Response> hold_off(const Ask&);
  Task<http::Response> schedule_import(const Ask&);
  Task<http::Response> archive_list(const Ask&);
  Task<http::Response> archive_trim(const Ask&);
  Task<http::Response> archive_publish(const Ask&);
  Task<http::Response> archive_withdraw(const Ask&);
  Task<http::Response> archive_retry(const Ask&);
  Task<http::Response> archive_export(const Ask&);
  Task<http::Response> jobs(const Ask&);

  Task<http::Response> take(const Ask&);
  Task<http::Response> preview(const Ask&);
  Task<http::Response> undo(const Ask&);
  Task<http::Response> lower_third(const Ask&);
  Task<http::Response> lower_third_hide(const Ask&);
  Task<http::Response> slate(const Ask&);
  Task<http::Response> show_start(const Ask&);
  Task<http::Response> show_end(const Ask&);
  Task<http::Response> audio(const Ask&);
  Task<http::Response> feed_delay(const Ask&);
  Task<http::Response> feed_restart(const Ask&);
  Task<http::Response> desk_link(const Ask&);
  Task<http::Response> desk_session(const Ask&);
  Task<http::Response> token_add(const Ask&);
  Task<http::Response> token_revoke(const Ask&);

  Room& room_;
  Archive& archive_;
  ScheduleKeeper& schedule_;
  OrganiserFiles files_;
  ArchiveList archive_list_;
  std::string port_address_, port_trouble_;
  Nanoseconds started_;
  std::vector<std::string> own_names_; // by which browsers may know us; the first is this machine's
  GuessWatch guesses_;
  DeskLinks links_;
  EventStream stream_;
};

} // namespace pult::control
