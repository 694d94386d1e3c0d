// The calls that read.
#include "control/api.hpp"
#include "control/api_answer.hpp"
#include "control/openapi.hpp"
#include "control/room_time.hpp"

#include <algorithm>
#include <boost/json.hpp>

namespace pult::control {
namespace {

namespace json = boost::json;
using http::Response;
using http::Status;
using std::chrono::milliseconds;

constexpr milliseconds kLongestEventWait{20000}; // below any proxy's patience
constexpr std::int64_t kMostEvents = 500;
constexpr std::int64_t kUsualEvents = 200;

std::int64_t value_of(const Query& query, const std::string& name, std::int64_t fallback) {
  const auto found = query.find(name);
  return found == query.end() ? fallback : found->second;
}

} // namespace

Task<Response> Api::healthz(const Ask&) {
  co_return Response::text(Status::ok, "text/plain", "ok\n");
}

Task<Response> Api::metrics(const Ask&) {
  co_return Response::text(Status::ok, "text/plain; version=0.0.4",
                           room_metrics(status_input(), room_.journal().total(), guesses_.total()));
}

Task<Response> Api::openapi(const Ask&) {
  co_return json_answer(Status::ok, openapi_of(descriptions()));
}

json::object Api::whole_status() const {
  auto status = room_status(status_input());
  if (!port_address_.empty()) status["control"] = port_address_;
  return status;
}

Task<Response> Api::status(const Ask&) {
  co_return json_answer(Status::ok, whole_status());
}

Task<Response> Api::scenes(const Ask&) {
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

Task<Response> Api::events(const Ask& ask) {
  if (!ask.request.headers[http::beast::http::field::upgrade].empty()) {
    if (stream_.full()) co_return refusal({Errc::kLimit, "too many listen already"});
    Response response;
    response.websocket = [this, by = ask.by](std::shared_ptr<http::WebSocket> socket) {
      return stream_.serve(std::move(socket), by);
    };
    co_return response;
  }
  const auto after = value_of(ask.query, "after", 0);
  const auto limit = std::clamp<std::int64_t>(value_of(ask.query, "limit", kUsualEvents), 1, kMostEvents);
  const auto wait = std::clamp(milliseconds(value_of(ask.query, "wait_ms", 0)), milliseconds(0), kLongestEventWait);
  const auto deadline = std::chrono::steady_clock::now() + wait;
  while (room_.journal().last_id() <= after)
    if (!co_await room_.journal().changed().wait(deadline)) break;
  json::array list;
  for (const auto& event : room_.journal().after(after, static_cast<std::size_t>(limit)))
    list.push_back(to_json(event));
  co_return json_answer(Status::ok, {{"events", std::move(list)}, {"last", room_.journal().last_id()}});
}

Task<Response> Api::tokens(const Ask&) {
  json::array list;
  for (const auto& token : room_.tokens())
    list.push_back(json::object{{"name", token.name}, {"role", token.role}, {"created", iso_time(token.created)}});
  co_return json_answer(Status::ok, {{"tokens", std::move(list)}});
}

} // namespace pult::control
