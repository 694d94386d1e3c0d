#include "control/api.hpp"

#include "base/clock.hpp"
#include "control/api_request.hpp"
#include "control/room_time.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <fmt/format.h>
#include <unistd.h>

namespace pult::control {
namespace {

namespace json = boost::json;
using http::Response;
using http::Status;
using http::Verb;
using std::chrono::milliseconds;

constexpr milliseconds kTakePatience{1000}; // of the contract
constexpr milliseconds kOpeningPatience{2000};
constexpr milliseconds kLongestEventWait{20000}; // below any proxy's patience
constexpr std::int64_t kMostEvents = 500;
constexpr std::int64_t kUsualEvents = 200;

const char* name_of(Errc code) {
  switch (code) {
  case Errc::kInvalidArgument:
    return "invalid";
  case Errc::kNotFound:
    return "not_found";
  case Errc::kAlreadyExists:
    return "already_exists";
  case Errc::kRefused:
    return "refused";
  case Errc::kUnavailable:
    return "unavailable";
  case Errc::kTimeout:
    return "timeout";
  case Errc::kLimit:
    return "limit";
  default:
    return "fault";
  }
}

Status status_of(Errc code) {
  switch (code) {
  case Errc::kInvalidArgument:
    return Status::bad_request;
  case Errc::kNotFound:
    return Status::not_found;
  case Errc::kAlreadyExists:
  case Errc::kRefused:
    return Status::conflict;
  case Errc::kUnavailable:
    return Status::service_unavailable;
  case Errc::kTimeout:
    return Status::gateway_timeout;
  case Errc::kLimit:
    return Status::too_many_requests;
  default:
    return Status::internal_server_error;
  }
}

Response json_answer(Status status, const json::object& object) {
  auto response = Response::text(status, "application/json", json::serialize(object) + "\n");
  response.headers.emplace_back("Cache-Control", "no-store");
  response.headers.emplace_back("X-Content-Type-Options", "nosniff");
  return response;
}

Response refusal(Status status, std::string_view code, std::string_view message) {
  return json_answer(status, {{"error", {{"code", code}, {"message", message}}}});
}

Response refusal(const Error& error) {
  return refusal(status_of(error.code), name_of(error.code), error.message);
}

bool is_loopback(std::string_view peer) {
  return peer == "::1" || peer.starts_with("127.") || peer.starts_with("::ffff:127.");
}

bool is_read(Verb method) {
  return method == Verb::get || method == Verb::head;
}

std::string fade_text(milliseconds fade) {
  return fade.count() == 0 ? "" : fmt::format(" (fade {} ms)", fade.count());
}

} // namespace

Api::Api(Room& room) : room_(room), started_(monotonic_now()) {}

const std::vector<Api::Call>& Api::calls() {
  static const std::vector<Call> all{
      {Verb::get, "/healthz", Role::kView, &Api::healthz},
      {Verb::get, "/metrics", Role::kView, &Api::metrics},
      {Verb::get, "/api/v1/status", Role::kView, &Api::status},
      {Verb::get, "/api/v1/scenes", Role::kView, &Api::scenes},
      {Verb::get, "/api/v1/events", Role::kView, &Api::events},
      {Verb::post, "/api/v1/take", Role::kOperate, &Api::take},
      {Verb::post, "/api/v1/preview", Role::kOperate, &Api::preview},
      {Verb::post, "/api/v1/undo", Role::kOperate, &Api::undo},
      {Verb::post, "/api/v1/slate", Role::kOperate, &Api::slate},
      {Verb::post, "/api/v1/show/start", Role::kOperate, &Api::show_start},
      {Verb::post, "/api/v1/show/end", Role::kOperate, &Api::show_end},
      {Verb::get, "/api/v1/tokens", Role::kAdmin, &Api::tokens},
      {Verb::post, "/api/v1/tokens", Role::kAdmin, &Api::token_add},
      {Verb::post, "/api/v1/tokens/revoke", Role::kAdmin, &Api::token_revoke},
  };
  return all;
}

// Who asks; an error when they may not. Guesses are told nothing but no.
Result<std::string> Api::who(const http::Request& request, Role needed) const {
  if (request.local_socket) return std::string("crew");
  if (request.path == "/healthz" || (request.path == "/metrics" && is_loopback(request.peer))) return request.peer;
  const auto holder = holder_of(request.headers[http::beast::http::field::authorization], room_.tokens());
  if (!holder)
    return Error{Errc::kRefused,
                 "over TCP every call needs a token (Authorization: Bearer …); `pult token add NAME` on "
                 "the room's machine makes one"};
  const auto role = role_named(holder->role);
  if (!role || *role < needed)
    return Error{Errc::kUnavailable,
                 fmt::format("token \"{}\" has role {}; this needs more", holder->name, holder->role)};
  return holder->name;
}

Task<Response> Api::answer(const http::Request& request) {
  const Call* found = nullptr;
  bool path_known = false;
  for (const auto& call : calls()) {
    if (call.path != request.path) continue;
    path_known = true;
    if (call.method == request.method || (is_read(call.method) && is_read(request.method))) found = &call;
  }
  // Until pult.db was read neither the room's state nor its tokens are known.
  if (request.path != "/healthz" && !co_await room_.opened(kOpeningPatience))
    co_return refusal({Errc::kUnavailable, "pultd is still reading pult.db"});
  // Whoever has no token learns nothing about which calls there are.
  auto by = who(request, found != nullptr ? found->role : Role::kView);
  if (!by && by.error().code == Errc::kRefused) {
    auto response = refusal(Status::unauthorized, "no_token", by.error().message);
    response.headers.emplace_back("WWW-Authenticate", "Bearer");
    co_return response;
  }
  if (!by) co_return refusal(Status::forbidden, "forbidden", by.error().message);
  if (!path_known) co_return refusal(Status::not_found, "not_found", "no such call: " + harmless(request.path, 100));
  if (found == nullptr) co_return refusal(Status::method_not_allowed, "wrong_method", "this call has another method");
  const std::string name = *by;
  co_return co_await (this->*found->handler)(request, name);
}

StatusInput Api::status_input() const {
  std::vector<std::string> trouble;
  for (const auto& text : {room_.store_trouble(), port_trouble_})
    if (!text.empty()) trouble.push_back(text);
  const auto now = room_.place().epoch.now();
  return {room_.place().config,
          room_.kept(),
          room_.workers().all(),
          room_.programs(),
          trouble.empty()       ? ""
          : trouble.size() == 1 ? trouble[0]
                                : trouble[0] + "; " + trouble[1],
          ::getpid(),
          wall_now(),
          monotonic_now(),
          started_,
          room_.place().config.grid().picture_at(now)};
}

Task<Response> Api::healthz(const http::Request&, const std::string&) {
  co_return Response::text(Status::ok, "text/plain", "ok\n");
}

Task<Response> Api::metrics(const http::Request&, const std::string&) {
  co_return Response::text(Status::ok, "text/plain; version=0.0.4",
                           room_metrics(status_input(), room_.journal().total()));
}

Task<Response> Api::status(const http::Request&, const std::string&) {
  auto status = room_status(status_input());
  if (!port_address_.empty()) status["control"] = port_address_;
  co_return json_answer(Status::ok, status);
}

Task<Response> Api::scenes(const http::Request&, const std::string&) {
  const auto& wanted = room_.kept().wanted;
  json::array list;
  for (const auto& scene : room_.place().config.scenes)
    list.push_back(json::object{{"name", scene.name},
                                {"layout", scene.layout},
                                {"feeds", json::array(scene.feeds.begin(), scene.feeds.end())},
                                {"audio", scene.audio},
                                {"on_air", scene.name == wanted.on_air.name},
                                {"preview", scene.name == wanted.preview}});
  co_return json_answer(Status::ok, {{"scenes", std::move(list)}});
}

Task<Response> Api::events(const http::Request& request, const std::string&) {
  auto query = parse_query(request.query, {"after", "limit", "wait_ms"});
  if (!query) co_return refusal(query.error());
  const auto after = (*query)["after"];
  const auto limit =
      query->contains("limit") ? std::clamp<std::int64_t>((*query)["limit"], 1, kMostEvents) : kUsualEvents;
  const auto wait = std::clamp(milliseconds((*query)["wait_ms"]), milliseconds(0), kLongestEventWait);
  const auto deadline = std::chrono::steady_clock::now() + wait;
  while (room_.journal().last_id() <= after)
    if (!co_await room_.journal().changed().wait(deadline)) break;
  json::array list;
  for (const auto& event : room_.journal().after(after, static_cast<std::size_t>(limit)))
    list.push_back(to_json(event));
  co_return json_answer(Status::ok, {{"events", std::move(list)}, {"last", room_.journal().last_id()}});
}

// `name` and `what` stand in the answer: {"scene": "stage", …}.
Task<Response> Api::command(Room::Command command, std::string what, std::string name) {
  const bool waits = !command.shows_in.empty();
  auto outcome = co_await room_.run(std::move(command));
  if (!outcome) co_return refusal(outcome.error());
  json::object answer{{"accepted", true}, {"changed", outcome->changed}, {"number", outcome->number}};
  const auto& wanted = room_.kept().wanted;
  answer[what] = name.empty() && what == "scene" ? wanted.on_air.name : name;
  if (waits && outcome->shown) {
    answer["picture"] = outcome->picture;
    answer["shown_at"] = iso_time(room_.wall_of(outcome->picture));
  }
  if (outcome->shown) co_return json_answer(Status::ok, answer);
  answer["error"] = {{"code", "not_shown"}, {"message", "accepted, not shown yet: " + outcome->why_not}};
  co_return json_answer(Status::gateway_timeout, answer);
}

Task<Response> Api::take(const http::Request& request, const std::string& by) {
  auto body = Body::parse(request.body);
  if (!body) co_return refusal(body.error());
  const TakeOrder order{body->text("scene"), milliseconds(body->integer("fade_ms", 0))};
  if (auto fine = body->finish(); !fine) co_return refusal(fine.error());
  const auto scene = order.scene.empty() ? room_.kept().wanted.preview : order.scene;
  Room::Command command;
  command.change = [order, scenes = room_.scenes()](const auto& now) { return control::take(now, scenes, order); };
  command.shows_in = "pult-transcode";
  command.patience = kTakePatience;
  command.event = fmt::format("take {}{}, by {}", scene, fade_text(order.fade), by);
  auto answer = this->command(std::move(command), "scene", scene);
  co_return co_await std::move(answer);
}

Task<Response> Api::undo(const http::Request& request, const std::string& by) {
  auto body = Body::parse(request.body);
  if (!body) co_return refusal(body.error());
  const milliseconds fade(body->integer("fade_ms", 0));
  if (auto fine = body->finish(); !fine) co_return refusal(fine.error());
  const auto scene = room_.kept().wanted.on_air.before;
  Room::Command command;
  command.change = [fade, scenes = room_.scenes()](const auto& now) { return control::undo(now, scenes, fade); };
  command.shows_in = "pult-transcode";
  command.patience = kTakePatience;
  command.event = fmt::format("undo: back to {}{}, by {}", scene, fade_text(fade), by);
  auto answer = this->command(std::move(command), "scene", scene);
  co_return co_await std::move(answer);
}

Task<Response> Api::preview(const http::Request& request, const std::string& by) {
  auto body = Body::parse(request.body);
  if (!body) co_return refusal(body.error());
  const auto scene = body->text("scene");
  if (auto fine = body->finish(); !fine) co_return refusal(fine.error());
  Room::Command command;
  command.change = [scene, scenes = room_.scenes()](const auto& now) { return control::preview(now, scenes, scene); };
  command.event = fmt::format("preview {}, by {}", scene.empty() ? "empty" : scene, by);
  auto answer = this->command(std::move(command), "preview", scene);
  co_return co_await std::move(answer);
}

Task<Response> Api::slate(const http::Request& request, const std::string& by) {
  auto body = Body::parse(request.body);
  if (!body) co_return refusal(body.error());
  const auto kind = body->text("kind");
  const auto until = body->text("until");
  if (auto fine = body->finish(); !fine) co_return refusal(fine.error());
  Room::Command command;
  command.change = [kind, until](const auto& now) { return control::slate(now, kind, until); };
  command.shows_in = "pult-packager";
  command.patience = kTakePatience;
  command.event = fmt::format("slate {}{}, by {}", kind, until.empty() ? "" : " until " + until, by);
  auto answer = this->command(std::move(command), "slate", kind);
  co_return co_await std::move(answer);
}

// A show begins and ends on a segment: the next one may be a whole segment away.
Task<Response> Api::show_start(const http::Request& request, const std::string& by) {
  auto body = Body::parse(request.body);
  auto fine = body ? body->finish() : Result<void>(body.error());
  if (!fine) co_return refusal(fine.error());
  const auto id = new_show_id();
  Room::Command command;
  command.change = [id](const auto& now) { return control::show_start(now, id); };
  command.shows_in = "pult-packager";
  command.patience = kTakePatience + room_.place().config.segment;
  command.event = fmt::format("show {} starts, by {}", id, by);
  auto answer = this->command(std::move(command), "show", id);
  co_return co_await std::move(answer);
}

Task<Response> Api::show_end(const http::Request& request, const std::string& by) {
  auto body = Body::parse(request.body);
  auto fine = body ? body->finish() : Result<void>(body.error());
  if (!fine) co_return refusal(fine.error());
  const auto id = room_.kept().wanted.show.id;
  Room::Command command;
  command.change = [](const auto& now) { return control::show_end(now); };
  command.shows_in = "pult-packager";
  command.patience = kTakePatience + room_.place().config.segment;
  command.event = fmt::format("show {} ends, by {}", id, by);
  auto answer = this->command(std::move(command), "show", id);
  co_return co_await std::move(answer);
}

Task<Response> Api::tokens(const http::Request&, const std::string&) {
  json::array list;
  for (const auto& token : room_.tokens())
    list.push_back(json::object{{"name", token.name}, {"role", token.role}, {"created", iso_time(token.created)}});
  co_return json_answer(Status::ok, {{"tokens", std::move(list)}});
}

Task<Response> Api::token_add(const http::Request& request, const std::string& by) {
  auto body = Body::parse(request.body);
  if (!body) co_return refusal(body.error());
  const auto name = body->text("name");
  auto role = body->text("role");
  if (role.empty()) role = "operate";
  if (auto fine = body->finish(); !fine) co_return refusal(fine.error());
  auto added = add_token(room_.tokens(), name, role, wall_now());
  if (!added) co_return refusal(added.error());
  room_.keep_tokens(std::move(added->tokens));
  room_.journal().add("info", "pultd", fmt::format("token {} ({}) added, by {}", name, role, by));
  co_return json_answer(Status::ok, {{"name", name}, {"role", role}, {"token", added->secret}});
}

Task<Response> Api::token_revoke(const http::Request& request, const std::string& by) {
  auto body = Body::parse(request.body);
  if (!body) co_return refusal(body.error());
  const auto name = body->text("name");
  if (auto fine = body->finish(); !fine) co_return refusal(fine.error());
  auto left = revoke_token(room_.tokens(), name);
  if (!left) co_return refusal(left.error());
  room_.keep_tokens(std::move(*left));
  room_.journal().add("info", "pultd", fmt::format("token {} revoked, by {}", name, by));
  co_return json_answer(Status::ok, {{"name", name}});
}

} // namespace pult::control
