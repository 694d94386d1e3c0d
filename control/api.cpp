#include "control/api.hpp"

#include "base/clock.hpp"
#include "base/nearest.hpp"
#include "control/api_answer.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

namespace pult::control {
namespace {

using http::Response;
using http::Status;
using http::Verb;
using Kind = Member::Kind;

constexpr std::chrono::milliseconds kOpeningPatience{2000};

bool is_loopback(std::string_view peer) {
  return peer == "::1" || peer.starts_with("127.") || peer.starts_with("::ffff:127.");
}

bool is_read(Verb method) {
  return method == Verb::get || method == Verb::head;
}

Response no_such_call(const std::string& path, const std::vector<CallDescription>& calls) {
  std::vector<std::string> paths;
  for (const auto& call : calls)
    paths.push_back(call.path);
  return refusal(Status::not_found, "not_found",
                 fmt::format("no such call: {}{}", harmless(path, 100), did_you_mean(path.substr(0, 100), paths)));
}

Response wrong_method(Verb other) {
  auto response = refusal(Status::method_not_allowed, "wrong_method",
                          fmt::format("this call is a {}", std::string(http::beast::http::to_string(other))));
  response.headers.emplace_back("Allow", std::string(http::beast::http::to_string(other)));
  return response;
}

} // namespace

Api::Api(Room& room) : room_(room), started_(monotonic_now()) {}

const std::vector<Api::Call>& Api::calls() {
  static const Member fade{"fade_ms", Kind::kInteger, "0 (a cut, when missing) to 5000"};
  static const Member feed{"feed", Kind::kText, "its name in the config", true};
  static const std::vector<Call> all{
      {{Verb::get, "/healthz", Role::kView, "Whether pultd answers; no token needed"}, &Api::healthz},
      {{Verb::get, "/metrics", Role::kView, "Prometheus text: every number that the programs report"}, &Api::metrics},
      {{Verb::get, "/api/v1/openapi.json", Role::kView, "This description"}, &Api::openapi},
      {{Verb::get, "/api/v1/status", Role::kView, "The room at a glance"}, &Api::status},
      {{Verb::get, "/api/v1/scenes", Role::kView, "All scenes, and which is on air"}, &Api::scenes},
      {{Verb::get,
        "/api/v1/events",
        Role::kView,
        "The last events",
        {{"after", Kind::kInteger, "only those with a higher id"},
         {"limit", Kind::kInteger, "1 to 500; 200 when missing"},
         {"wait_ms", Kind::kInteger, "waits so long for one; 20000 at most"}}},
       &Api::events},
      {{Verb::post,
        "/api/v1/take",
        Role::kOperate,
        "Puts a scene on air",
        {},
        {{"scene", Kind::kText, "when missing, preview and on air change places"}, fade}},
       &Api::take},
      {{Verb::post,
        "/api/v1/preview",
        Role::kOperate,
        "Puts a scene into preview",
        {},
        {{"scene", Kind::kText, "when missing, nothing is in preview"}}},
       &Api::preview},
      {{Verb::post, "/api/v1/undo", Role::kOperate, "Back to the scene that was on air before", {}, {fade}},
       &Api::undo},
      {{Verb::post,
        "/api/v1/lower-third",
        Role::kGraphics,
        "Shows a lower third",
        {},
        {{"name", Kind::kText, "1 to 300 characters", true},
         {"function", Kind::kText, "the line beneath the name, 300 characters at most"},
         {"template", Kind::kText, "one of the config's; the first when missing"},
         {"for_s", Kind::kNumber, "hides by itself after 1 to 3600 seconds; when missing, stays until it is hidden"}}},
       &Api::lower_third},
      {{Verb::post, "/api/v1/lower-third/hide", Role::kGraphics, "Hides the lower third"}, &Api::lower_third_hide},
      {{Verb::post,
        "/api/v1/slate",
        Role::kOperate,
        "Lays a slate over the stream; the recording goes on clean",
        {},
        {{"kind", Kind::kText, "start, pause, fault, end, or off", true},
         {"until", Kind::kText, "HH:MM in the room's time zone: for viewers to read, and when it ends by itself"}}},
       &Api::slate},
      {{Verb::post, "/api/v1/show/start", Role::kOperate, "Opens the stream to viewers"}, &Api::show_start},
      {{Verb::post, "/api/v1/show/end", Role::kOperate, "Ends the show"}, &Api::show_end},
      {{Verb::post,
        "/api/v1/audio",
        Role::kOperate,
        "Sets a feed's gain, or mutes it",
        {},
        {feed, {"gain_db", Kind::kNumber, "-60 to +20"}, {"muted", Kind::kFlag, "true or false"}}},
       &Api::audio},
      {{Verb::post,
        "/api/v1/feed/delay",
        Role::kOperate,
        "Picture and sound of a feed come later by so much",
        {},
        {feed, {"delay_ms", Kind::kInteger, "0 to 5000", true}}},
       &Api::feed_delay},
      {{Verb::post,
        "/api/v1/feed/restart",
        Role::kOperate,
        "Drops a feed's connection; its sender redials",
        {},
        {feed}},
       &Api::feed_restart},
      {{Verb::get, "/api/v1/tokens", Role::kAdmin, "Who may call over TCP"}, &Api::tokens},
      {{Verb::post,
        "/api/v1/tokens",
        Role::kAdmin,
        "Makes a token; it is shown this once",
        {},
        {{"name", Kind::kText, "letters, digits, - _ and ., 64 at most", true},
         {"role", Kind::kText, "view, graphics, operate (when missing), organise or admin"}}},
       &Api::token_add},
      {{Verb::post,
        "/api/v1/tokens/revoke",
        Role::kAdmin,
        "Takes a token away",
        {},
        {{"name", Kind::kText, "of the token", true}}},
       &Api::token_revoke},
  };
  return all;
}

std::vector<CallDescription> Api::descriptions() {
  return {calls().begin(), calls().end()};
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
                 fmt::format("token \"{}\" has role {}; this needs {}", holder->name, holder->role, name_of(needed))};
  return holder->name;
}

Task<Response> Api::answer(const http::Request& request) {
  const Call* found = nullptr;
  const Call* other_method = nullptr;
  for (const auto& call : calls()) {
    if (call.path != request.path) continue;
    other_method = &call;
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
  if (other_method == nullptr) co_return no_such_call(request.path, descriptions());
  if (found == nullptr) co_return wrong_method(other_method->method);
  auto query = parse_query(request.query, found->query);
  if (!query) co_return refusal(query.error());
  auto body = Body::parse(is_read(request.method) ? std::string_view() : request.body, found->body);
  if (!body) co_return refusal(body.error());
  const Ask ask{request, std::move(*query), std::move(*body), *by};
  co_return co_await (this->*found->handler)(ask);
}

StatusInput Api::status_input() const {
  std::vector<std::string> trouble;
  for (const auto& text : {room_.store_trouble(), port_trouble_})
    if (!text.empty()) trouble.push_back(text);
  return {room_.place().config,
          room_.kept(),
          room_.workers().all(),
          room_.programs(),
          fmt::format("{}", fmt::join(trouble, "; ")),
          ::getpid(),
          wall_now(),
          monotonic_now(),
          started_,
          room_.picture_now()};
}

} // namespace pult::control
