#include "control/api.hpp"

#include "base/clock.hpp"
#include "base/nearest.hpp"
#include "control/api_answer.hpp"
#include "control/desk_files.hpp"

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

Response wrong_method(const std::string& allowed) {
  auto response = refusal(Status::method_not_allowed, "wrong_method", fmt::format("this call is a {}", allowed));
  response.headers.emplace_back("Allow", allowed);
  return response;
}

// This machine's name, with and without a domain, and what the config adds.
std::vector<std::string> own_names(const RoomConfig& config) {
  char name[256] = "localhost";
  ::gethostname(name, sizeof name - 1);
  const std::string whole(name);
  std::vector<std::string> names{whole, whole.substr(0, whole.find('.')), whole.substr(0, whole.find('.')) + ".local"};
  names.insert(names.end(), config.control_names.begin(), config.control_names.end());
  return names;
}

} // namespace

Api::Api(asio::io_context& io, Room& room)
    : room_(room), started_(monotonic_now()), own_names_(own_names(room.place().config)),
      stream_(io, room, [this] { return whole_status(); }) {}

const std::vector<Api::Call>& Api::calls() {
  static const Member fade{"fade_ms", Kind::kInteger, "0 (a cut, when missing) to 5000"};
  static const Member feed{"feed", Kind::kText, "its name in the config", true};
  static const std::vector<Call> all{
      {{Verb::get, "/healthz", Role::kView, "Whether pultd answers", {}, {}, true}, &Api::healthz},
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
      {{Verb::post,
        "/api/v1/desk",
        Role::kOperate,
        "Makes a link to the desk: good once, for five minutes",
        {},
        {{"role", Kind::kText, "what the desk may; operate when missing"}}},
       &Api::desk_link},
      {{Verb::post,
        "/api/v1/session",
        Role::kView,
        "Takes a link's secret and sets the desk's cookie",
        {},
        {{"link", Kind::kText, "what stands behind the # of the link", true}},
        true},
       &Api::desk_session},
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

// Who asks; an error when they may not.
Result<Asker> Api::who(const http::Request& request, const Call* call) const {
  if (request.local_socket) return Asker{"crew", Role::kAdmin};
  const bool open = (call != nullptr && call->open) || (request.path == "/metrics" && is_loopback(request.peer));
  if (open) return Asker{request.peer, Role::kView};
  auto asker = asker_of(request, room_.tokens(), wall_now());
  if (!asker || call == nullptr || asker->role >= call->role) return asker;
  return Error{Errc::kUnavailable, fmt::format("\"{}\" has role {}; this needs {}", asker->name, name_of(asker->role),
                                               name_of(call->role))};
}

// Guesses are told nothing but no, and only so often.
Response Api::refuse_guess(const http::Request& request, std::string_view why) {
  const auto answer = guesses_.wrong(request.peer, monotonic_now());
  if (answer == GuessWatch::Answer::kOverAndTell)
    room_.journal().add("warning", "pultd",
                        fmt::format("{} guesses tokens: {} wrong so far", request.peer, guesses_.total()));
  if (answer == GuessWatch::Answer::kWithin) {
    auto response = refusal(Status::unauthorized, "no_token", why);
    response.headers.emplace_back("WWW-Authenticate", "Bearer");
    return response;
  }
  auto response = refusal(Status::too_many_requests, "limit", "too many wrong tokens from this address");
  response.headers.emplace_back("Retry-After", "5");
  response.close = true;
  return response;
}

const Api::Call* Api::find_call(const http::Request& request, std::string& allowed) {
  for (const auto& call : calls()) {
    if (call.path != request.path) continue;
    allowed = std::string(http::beast::http::to_string(call.method));
    if (call.method == request.method || (is_read(call.method) && is_read(request.method))) return &call;
  }
  return nullptr;
}

Task<Response> Api::answer(const http::Request& request) {
  const auto host = request.headers[http::beast::http::field::host];
  if (!request.local_socket && !names_us({host.data(), host.size()}, own_names_))
    co_return refusal(Status::misdirected_request, "wrong_host",
                      "this machine is not known by that name here; [control] names = [\"…\"] adds one");
  if (const auto* page = find_desk_file(request.path)) co_return desk_answer(*page, request);
  std::string allowed;
  const Call* call = find_call(request, allowed);
  // Until pult.db was read neither the room's state nor its tokens are known.
  if (request.path != "/healthz" && !co_await room_.opened(kOpeningPatience))
    co_return refusal({Errc::kUnavailable, "pultd is still reading pult.db"});
  // Whoever has no token learns nothing about which calls there are.
  auto asker = who(request, call);
  if (!asker && asker.error().code == Errc::kRefused)
    co_return refuse_guess(request,
                           "over TCP every call needs a token (Authorization: Bearer …); `pult token add NAME` "
                           "on the room's machine makes one, `pult desk` a link for a browser");
  if (!asker) co_return refusal(Status::forbidden, "forbidden", asker.error().message);
  if (call == nullptr) co_return allowed.empty() ? no_such_call(request.path, descriptions()) : wrong_method(allowed);
  auto query = parse_query(request.query, call->query);
  if (!query) co_return refusal(query.error());
  auto body = Body::parse(is_read(request.method) ? std::string_view() : request.body, call->body);
  if (!body) co_return refusal(body.error());
  const Ask ask{request, std::move(*query), std::move(*body), asker->name, asker->role};
  co_return co_await (this->*call->handler)(ask);
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
