#include "control/event_stream.hpp"

#include <boost/json.hpp>

namespace pult::control {
namespace {

namespace json = boost::json;

constexpr std::chrono::milliseconds kPause{100};
constexpr std::size_t kEventsAtFirst = 50;
constexpr std::size_t kEventsAtOnce = 100;

// These run by themselves; they are told with the others, and are no change.
bool is_a_clock(std::string_view member) {
  return member == "time" || member == "picture";
}

json::object changed_members(const json::object& before, const json::object& now) {
  json::object changed;
  for (const auto& [key, value] : now) {
    const auto* old = before.if_contains(key);
    if (!is_a_clock(key) && (old == nullptr || *old != value)) changed[key] = value;
  }
  if (changed.empty()) return changed;
  for (const auto* clock : {"time", "picture"})
    if (const auto* value = now.if_contains(clock)) changed[clock] = *value;
  return changed;
}

} // namespace

EventStream::EventStream(asio::io_context& io, Room& room, std::function<json::object()> status)
    : room_(room), status_of_room_(std::move(status)), timer_(io.get_executor()) {}

void EventStream::stop() {
  stopped_ = true;
  timer_.cancel();
  for (const auto& listener : listeners_)
    listener.socket->close();
}

void EventStream::drop(const std::string& name) {
  for (const auto& listener : listeners_)
    if (listener.name == name) listener.socket->close();
}

Task<> EventStream::serve(std::shared_ptr<http::WebSocket> socket, std::string name) {
  if (listeners_.empty()) { // nobody was told anything: begin with what is
    status_ = status_of_room_();
    last_event_ = room_.journal().last_id();
    look_again();
  } else {
    look(); // the others are told first, so that the snapshot is theirs, too
  }
  socket->send(snapshot());
  const auto here = listeners_.insert(listeners_.end(), {socket, std::move(name)});
  while (co_await socket->read()) { // what a listener says is not looked at; its end is
  }
  listeners_.erase(here);
}

std::string EventStream::snapshot() {
  json::array events;
  for (const auto& event :
       room_.journal().after(last_event_ - static_cast<std::int64_t>(kEventsAtFirst), kEventsAtFirst))
    if (event.id <= last_event_) events.push_back(to_json(event));
  return json::serialize(
      json::object{{"type", "snapshot"}, {"seq", seq_}, {"status", status_}, {"events", std::move(events)}});
}

void EventStream::look_again() {
  timer_.expires_after(kPause);
  timer_.async_wait([this](ErrorCode cancelled) {
    if (cancelled || stopped_ || listeners_.empty()) return;
    look();
    look_again();
  });
}

void EventStream::look() {
  if (std::exchange(looked_at_, room_.changes()) == room_.changes()) return;
  publish_status();
  publish_events();
}

void EventStream::publish_status() {
  auto now = status_of_room_();
  auto changed = changed_members(status_, now);
  status_ = std::move(now);
  if (!changed.empty()) publish({{"type", "change"}, {"seq", ++seq_}, {"status", std::move(changed)}});
}

void EventStream::publish_events() {
  for (const auto& event : room_.journal().after(last_event_, kEventsAtOnce)) {
    last_event_ = event.id;
    publish({{"type", "event"}, {"seq", ++seq_}, {"event", to_json(event)}});
  }
}

void EventStream::publish(json::object message) {
  const auto text = std::make_shared<const std::string>(json::serialize(message));
  for (const auto& listener : listeners_)
    listener.socket->send(text);
}

} // namespace pult::control
