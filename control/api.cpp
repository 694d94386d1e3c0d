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

constexpr std::string_view kId = "{id}";

// What stands where the call's path has "{id}" at its end, "" where it has none; nothing when it is another path.
std::optional<std::string> id_in(std::string_view path, std::string_view call) {
  if (!call.ends_with(kId)) return path == call ? std::optional(std::string()) : std::nullopt;
  const auto head = call.substr(0, call.size() - kId.size());
  if (!path.starts_with(head)) return std::nullopt;
  const auto id = path.substr(head.size());
  return !id.empty() && id.find('/') == std::string_view::npos ? std::optional(std::string(id)) : std::nullopt;
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

Api::Api(asio::io_context& io, Room& room, Archive& archive, ScheduleKeeper& schedule)
    : room_(room), archive_(archive), schedule_(schedule), files_(io, room.place().config.data_dir),
      started_(monotonic_now()), own_names_(own_names(room.place().config)),
      stream_(io, room, [this] { return whole_status(); }) {}

const std::vector<Api::Call>& Api::calls() {
  static const Member fade{"fade_ms", Kind::kInteger, "0 (a cut, when missing) to 5000"};
  static const Member ago{"ago_s", Kind::kNumber, "so many seconds ago: 0 (when missing) to 3600"};
  static const Member talk_id{"id", Kind::kText, "the talk's id or slug", true};
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
        {{"name", Kind::kText, "1 to 300 characters; or a speaker"},
         {"speaker", Kind::kInteger, "of the running talk: 1 is the first"},
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
      {{Verb::get, "/api/v1/talks", Role::kView, "All talks, which runs, which comes next"}, &Api::talks},
      {{Verb::get, "/api/v1/talks/{id}", Role::kView, "All of one talk, by id or slug"}, &Api::talk},
      {{Verb::post,
        "/api/v1/talks/start",
        Role::kOperate,
        "A talk begins: its recording, its scene as preview, its consent",
        {},
        {{"id", Kind::kText, "the next one when missing; one of its own when none is planned"}, ago}},
       &Api::talk_start},
      {{Verb::post, "/api/v1/talks/stop", Role::kOperate, "The talk ends; its files are made", {}, {ago}},
       &Api::talk_stop},
      {{Verb::post, "/api/v1/talks/next", Role::kOperate, "What runs ends, what comes begins"}, &Api::talk_next},
      {{Verb::post,
        "/api/v1/talks/mark",
        Role::kOperate,
        "A chapter begins",
        {},
        {{"text", Kind::kText, "its title", true}}},
       &Api::talk_mark},
      {{Verb::post,
        "/api/v1/talks/extend",
        Role::kOperate,
        "The running talk overruns: it may end later",
        {},
        {{"minutes", Kind::kNumber, "after its planned end, or after now where that is past; 5 when missing"}}},
       &Api::talk_extend},
      {{Verb::post,
        "/api/v1/talks/swap",
        Role::kOperate,
        "Two planned talks change places",
        {},
        {{"a", Kind::kText, "a talk", true}, {"b", Kind::kText, "the other", true}}},
       &Api::talk_swap},
      {{Verb::post, "/api/v1/talks/cancel", Role::kOperate, "A planned talk does not take place", {}, {talk_id}},
       &Api::talk_cancel},
      {{Verb::post,
        "/api/v1/talks/edit",
        Role::kOrganise,
        "Changes a talk by hand; an import leaves that as it is",
        {},
        {talk_id,
         {"title", Kind::kText, "its title"},
         {"subtitle", Kind::kText, "the line beneath it"},
         {"speakers", Kind::kText, "separated by commas"},
         {"language", Kind::kText, "three letters, ISO 639-2"},
         {"track", Kind::kText, "what it belongs to"},
         {"abstract", Kind::kText, "what it is about"},
         {"scene", Kind::kText, "put into preview when the talk begins"},
         {"start", Kind::kText, "like 2026-11-26T10:30"},
         {"duration_s", Kind::kInteger, "seconds"},
         {"record", Kind::kFlag, "false: nothing of it is kept"}}},
       &Api::talk_edit},
      {{Verb::post,
        "/api/v1/hold",
        Role::kOperate,
        "Consent is withdrawn: hides the stream, writes nothing; both when nothing is named",
        {},
        {{"stream", Kind::kFlag, "viewers see the pause slate"}, {"archive", Kind::kFlag, "nothing is written"}}},
       &Api::hold},
      {{Verb::post, "/api/v1/hold/off", Role::kOperate, "The stream is seen, and the archive written, again"},
       &Api::hold_off},
      {{Verb::post,
        "/api/v1/schedule/import",
        Role::kOrganise,
        "Reads a schedule: says what it changes, and changes it when asked to",
        {},
        {{"text", Kind::kText, "the schedule itself"},
         {"source", Kind::kText, "an http(s) address; over the room's socket also a file"},
         {"apply", Kind::kFlag, "false when missing: only says what it would change"}}},
       &Api::schedule_import},
      {{Verb::get, "/api/v1/archive", Role::kView, "All talks that ran, their files, what is being done"},
       &Api::archive_list},
      {{Verb::post,
        "/api/v1/archive/trim",
        Role::kOrganise,
        "Moves the marks of a talk that ended; it is cut again",
        {},
        {talk_id,
         {"in_s", Kind::kNumber, "the in mark moves by so many seconds"},
         {"out_s", Kind::kNumber, "the out mark moves by so many seconds"},
         {"feed", Kind::kText, "with the pictures of this feed's own recording; \"programme\": as it was on air"},
         {"sound_offset_ms", Kind::kInteger, "the sound comes so much later"}}},
       &Api::archive_trim},
      {{Verb::post,
        "/api/v1/archive/publish",
        Role::kOrganise,
        "Makes a draft public",
        {},
        {talk_id, {"to", Kind::kText, "and copies the public talks there: as export"}}},
       &Api::archive_publish},
      {{Verb::post, "/api/v1/archive/withdraw", Role::kOrganise, "Removes every copy of a talk", {}, {talk_id}},
       &Api::archive_withdraw},
      {{Verb::post, "/api/v1/archive/retry", Role::kOrganise, "What failed for a talk is tried again", {}, {talk_id}},
       &Api::archive_retry},
      {{Verb::post,
        "/api/v1/archive/export",
        Role::kOrganise,
        "Copies the public talks elsewhere",
        {},
        {{"to", Kind::kText, "a folder, host:path (rsync), or rclone:remote:path", true}}},
       &Api::archive_export},
      {{Verb::get, "/api/v1/jobs", Role::kView, "What is being done for the archive, and what was, the newest first"},
       &Api::jobs},
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
    if (!id_in(request.path, call.path)) continue;
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
  const bool media = OrganiserFiles::is_media(request.path);
  if (OrganiserFiles::is_page(request.path)) {
    auto answering = files_.page(request);
    auto response = co_await std::move(answering);
    co_return response;
  }
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
  if (media && asker->role < Role::kOrganise)
    co_return refusal(Status::forbidden, "forbidden", "the archive's files are for the role organise");
  if (media && is_read(request.method)) {
    auto answering = files_.media(request);
    auto response = co_await std::move(answering);
    co_return response;
  }
  if (call == nullptr) co_return allowed.empty() ? no_such_call(request.path, descriptions()) : wrong_method(allowed);
  auto query = parse_query(request.query, call->query);
  if (!query) co_return refusal(query.error());
  auto body = Body::parse(is_read(request.method) ? std::string_view() : request.body, call->body);
  if (!body) co_return refusal(body.error());
  const Ask ask{request,     std::move(*query), std::move(*body),
                asker->name, asker->role,       id_in(request.path, call->path).value_or("")};
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
          room_.picture_now(),
          archive_.talk_status(),
          archive_.hold_status(),
          archive_.jobs().failed()};
}

} // namespace pult::control
