// The calls that change something. Each answers with the programme time at which it showed.
#include "control/api.hpp"
#include "control/api_answer.hpp"
#include "control/lower_third.hpp"
#include "control/room_time.hpp"
#include "control/run/program_spec.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <fmt/format.h>

namespace pult::control {
namespace {

namespace json = boost::json;
using http::Response;
using http::Status;
using std::chrono::milliseconds;

constexpr milliseconds kTakePatience{1000}; // of the contract
constexpr const char* kMixer = "pult-transcode";
constexpr const char* kPackager = "pult-packager";

std::string fade_text(milliseconds fade) {
  return fade.count() == 0 ? "" : fmt::format(" (fade {} ms)", fade.count());
}

LowerThirdOrder lower_third_order(const Body& body) {
  LowerThirdOrder order{body.text("name"), body.text("function"), body.text("template"), std::nullopt};
  // Bounded before it is whole milliseconds: a double may be anything.
  if (const auto seconds = body.number("for_s"))
    order.showing_for = milliseconds(static_cast<std::int64_t>(std::clamp(*seconds, 0.0, 1e6) * 1000));
  return order;
}

std::string quoted(const LowerThirdOrder& order) {
  return order.function.empty() ? fmt::format("\"{}\"", order.name)
                                : fmt::format("\"{}\", \"{}\"", order.name, order.function);
}

std::string audio_event(const FeedOrder& order, std::string_view by) {
  std::string what;
  if (order.gain_db) what += fmt::format(" gain {:+.1f} dB", *order.gain_db);
  if (order.muted) what += *order.muted ? " muted" : " unmuted";
  return fmt::format("audio: {}{}, by {}", order.feed, what, by);
}

} // namespace

Room::Command Api::order(std::string shows_in, std::string event) const {
  Room::Command command;
  command.shows_in = std::move(shows_in);
  command.patience = kTakePatience;
  command.event = std::move(event);
  return command;
}

// `names` stand in the answer: {"scene": "stage"}.
Task<Response> Api::command(Room::Command command, json::object names) {
  const bool waits = !command.shows_in.empty();
  auto outcome = co_await room_.run(std::move(command));
  if (!outcome) co_return refusal(outcome.error());
  json::object answer{{"accepted", true}, {"changed", outcome->changed}, {"number", outcome->number}};
  for (auto& [name, value] : names)
    answer[name] = std::move(value);
  if (waits && outcome->shown) {
    answer["picture"] = outcome->picture;
    answer["shown_at"] = iso_time(room_.wall_of(outcome->picture));
  }
  if (outcome->shown) co_return json_answer(Status::ok, answer);
  answer["error"] = {{"code", "not_shown"}, {"message", "accepted, not shown yet: " + outcome->why_not}};
  co_return json_answer(Status::gateway_timeout, answer);
}

Task<Response> Api::take(const Ask& ask) {
  const TakeOrder what{ask.body.text("scene"), milliseconds(ask.body.integer("fade_ms", 0))};
  const auto scene = what.scene.empty() ? room_.kept().wanted.preview : what.scene;
  auto command = order(kMixer, fmt::format("take {}{}, by {}", scene, fade_text(what.fade), ask.by));
  command.change = [what, scenes = room_.scenes()](const auto& now) { return control::take(now, scenes, what); };
  auto answer = this->command(std::move(command), {{"scene", scene}});
  co_return co_await std::move(answer);
}

Task<Response> Api::undo(const Ask& ask) {
  const milliseconds fade(ask.body.integer("fade_ms", 0));
  const auto scene = room_.kept().wanted.on_air.before;
  auto command = order(kMixer, fmt::format("undo: back to {}{}, by {}", scene, fade_text(fade), ask.by));
  command.change = [fade, scenes = room_.scenes()](const auto& now) { return control::undo(now, scenes, fade); };
  auto answer = this->command(std::move(command), {{"scene", scene}});
  co_return co_await std::move(answer);
}

Task<Response> Api::preview(const Ask& ask) {
  const auto scene = ask.body.text("scene");
  auto command = order("", fmt::format("preview {}, by {}", scene.empty() ? "empty" : scene, ask.by));
  command.change = [scene, scenes = room_.scenes()](const auto& now) { return control::preview(now, scenes, scene); };
  auto answer = this->command(std::move(command), {{"preview", scene}});
  co_return co_await std::move(answer);
}

Task<Response> Api::lower_third(const Ask& ask) {
  auto what = lower_third_order(ask.body);
  if (ask.body.has("speaker")) {
    const auto* talk = archive_.book().running();
    const auto number = ask.body.integer("speaker", 0);
    if (talk == nullptr)
      co_return refusal(
          {Errc::kRefused, "no talk is running, so it has no speakers; name them: pult lt show NAME [FUNCTION]"});
    if (number < 1 || number > static_cast<std::int64_t>(talk->speakers.size()))
      co_return refusal({Errc::kNotFound, fmt::format("\"{}\" has {} speakers: {}", talk->title, talk->speakers.size(),
                                                      joined(talk->speakers))});
    what.name = talk->speakers[static_cast<std::size_t>(number - 1)];
  }
  auto command = order(kMixer, fmt::format("lower third {}, by {}", quoted(what), ask.by));
  command.change = [what, templates = room_.templates(), grid = room_.place().config.grid(), now = room_.picture_now()](
                       const auto& state) { return show_lower_third(state, what, templates, grid, now); };
  json::object names{{"lower_third", what.name}};
  if (what.showing_for) names["for_s"] = static_cast<double>(what.showing_for->count()) / 1000;
  auto answer = this->command(std::move(command), std::move(names));
  co_return co_await std::move(answer);
}

Task<Response> Api::lower_third_hide(const Ask& ask) {
  auto command = order(kMixer, fmt::format("lower third hidden, by {}", ask.by));
  command.change = [](const auto& state) { return Result<WantedState>(hide_lower_third(state)); };
  auto answer = this->command(std::move(command), {{"lower_third", nullptr}});
  co_return co_await std::move(answer);
}

Task<Response> Api::slate(const Ask& ask) {
  const auto kind = ask.body.text("kind");
  const auto until = ask.body.text("until");
  auto command =
      order(kPackager, fmt::format("slate {}{}, by {}", kind, until.empty() ? "" : " until " + until, ask.by));
  command.change = [kind, until](const auto& now) { return control::slate(now, kind, until); };
  json::object names{{"slate", kind}};
  if (is_clock_time(until)) names["ends_at"] = iso_time(next_clock_time(until, wall_now()));
  auto answer = this->command(std::move(command), std::move(names));
  co_return co_await std::move(answer);
}

// A show begins and ends on a segment: the next one may be a whole segment away.
Task<Response> Api::show_start(const Ask& ask) {
  const auto id = new_show_id();
  auto command = order(kPackager, fmt::format("show {} starts, by {}", id, ask.by));
  command.change = [id](const auto& now) { return control::show_start(now, id); };
  command.patience += room_.place().config.segment;
  auto answer = this->command(std::move(command), {{"show", id}});
  co_return co_await std::move(answer);
}

Task<Response> Api::show_end(const Ask& ask) {
  const auto id = room_.kept().wanted.show.id;
  auto command = order(kPackager, fmt::format("show {} ends, by {}", id, ask.by));
  command.change = [](const auto& now) { return control::show_end(now); };
  command.patience += room_.place().config.segment;
  auto answer = this->command(std::move(command), {{"show", id}});
  co_return co_await std::move(answer);
}

Task<Response> Api::set_feed(FeedOrder what, std::string event) {
  auto command = order(kMixer, std::move(event));
  command.change = [what, feeds = room_.feeds()](const auto& now) { return control::set_feed(now, feeds, what); };
  json::object names{{"feed", what.feed}};
  if (what.gain_db) names["gain_db"] = *what.gain_db;
  if (what.muted) names["muted"] = *what.muted;
  if (what.delay) names["delay_ms"] = what.delay->count();
  auto answer = this->command(std::move(command), std::move(names));
  co_return co_await std::move(answer);
}

Task<Response> Api::audio(const Ask& ask) {
  const FeedOrder what{ask.body.text("feed"), ask.body.number("gain_db"), ask.body.flag("muted"), std::nullopt};
  auto answer = set_feed(what, audio_event(what, ask.by));
  co_return co_await std::move(answer);
}

Task<Response> Api::feed_delay(const Ask& ask) {
  const milliseconds delay(ask.body.integer("delay_ms", 0));
  const FeedOrder what{ask.body.text("feed"), std::nullopt, std::nullopt, delay};
  auto answer = set_feed(what, fmt::format("feed {}: delay {} ms, by {}", what.feed, delay.count(), ask.by));
  co_return co_await std::move(answer);
}

// One shot: its decoder begins anew; whoever holds its connection drops it when that helps (ingest/README.md).
Task<Response> Api::feed_restart(const Ask& ask) {
  const auto feed = ask.body.text("feed");
  if (auto known = check_feed(feed, room_.feeds()); !known) co_return refusal(known.error());
  const auto ingest = ingest_of(*room_.place().config.feed(feed));
  const json::object command{{"command", "restart-feed"}, {"feed", feed}};
  if (!room_.tell_worker(ingest, command))
    co_return refusal({Errc::kUnavailable, ingest + " does not answer; `pult status` says more"});
  room_.tell_worker("pult-decode@" + feed, command);
  room_.journal().add("info", "pultd", fmt::format("feed {} restarts, by {}", feed, ask.by));
  co_return json_answer(Status::ok, {{"accepted", true}, {"feed", feed}});
}

// Where the crew's browsers find us; a wildcard address is no name.
std::string Api::desk_address() const {
  const auto& listen = room_.place().config.control;
  if (listen.host != "::" && listen.host != "0.0.0.0") return port_address_;
  return fmt::format("{}:{}", own_names_.front(), port_address_.substr(port_address_.rfind(':') + 1));
}

Task<Response> Api::desk_link(const Ask& ask) {
  const auto name = ask.body.text("role");
  const auto role = role_named(name.empty() ? "operate" : name);
  if (!role) co_return refusal(role.error());
  if (*role > ask.role) co_return refusal(Status::forbidden, "forbidden", "nobody gives more than they may themselves");
  if (port_address_.empty()) co_return refusal({Errc::kUnavailable, "the control port is not open: " + port_trouble_});
  const auto secret = links_.add(*role, monotonic_now());
  if (!secret) co_return refusal(secret.error());
  room_.journal().add("info", "pultd", fmt::format("a link to the desk ({}), for {}", name_of(*role), ask.by));
  const auto* page = *role == Role::kOrganise ? "organiser" : "desk"; // where that role is at home
  co_return json_answer(Status::ok, {{"url", fmt::format("http://{}/{}/#{}", desk_address(), page, *secret)},
                                     {"role", name_of(*role)},
                                     {"good_until", iso_time(wall_now() + kLinkLife)}});
}

// The link's secret comes in the body, so that it is in nobody's log, and is exchanged for a cookie that no script
// reads.
Task<Response> Api::desk_session(const Ask& ask) {
  const auto origin = ask.request.headers[http::beast::http::field::origin];
  const auto host = ask.request.headers[http::beast::http::field::host];
  if (!origin.empty() && !is_own_origin({origin.data(), origin.size()}, {host.data(), host.size()}))
    co_return refusal(Status::forbidden, "forbidden", "this request comes from another site's page");
  const auto role = links_.take(ask.body.text("link"), monotonic_now());
  if (!role) co_return refuse_guess(ask.request, "this link is used up or too old; `pult desk` makes another");
  auto session = add_desk_session(room_.tokens(), *role, wall_now());
  if (!session) co_return refusal(session.error());
  const auto name = session->tokens.back().name;
  room_.keep_tokens(std::move(session->tokens));
  room_.journal().add("info", "pultd", fmt::format("{} ({}) opened, at {}", name, name_of(*role), ask.request.peer));
  auto response = json_answer(Status::ok, {{"name", name}, {"role", name_of(*role)}});
  response.headers.emplace_back("Set-Cookie", desk_cookie(session->secret, false));
  co_return response;
}

Task<Response> Api::token_add(const Ask& ask) {
  const auto name = ask.body.text("name");
  auto role = ask.body.text("role");
  if (role.empty()) role = "operate";
  auto added = add_token(room_.tokens(), name, role, wall_now());
  if (!added) co_return refusal(added.error());
  room_.keep_tokens(std::move(added->tokens));
  room_.journal().add("info", "pultd", fmt::format("token {} ({}) added, by {}", name, role, ask.by));
  co_return json_answer(Status::ok, {{"name", name}, {"role", role}, {"token", added->secret}});
}

Task<Response> Api::token_revoke(const Ask& ask) {
  const auto name = ask.body.text("name");
  auto left = revoke_token(room_.tokens(), name);
  if (!left) co_return refusal(left.error());
  room_.keep_tokens(std::move(*left));
  stream_.drop(name);
  room_.journal().add("info", "pultd", fmt::format("token {} revoked, by {}", name, ask.by));
  co_return json_answer(Status::ok, {{"name", name}});
}

} // namespace pult::control
