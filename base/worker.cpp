#include "base/worker.hpp"

#include "base/file.hpp"
#include "base/messages/state_link.hpp"

#include <boost/asio/post.hpp>
#include <boost/json.hpp>
#include <spdlog/spdlog.h>
#include <unistd.h>

namespace pult {
namespace {

namespace json = boost::json;
constexpr std::chrono::seconds kReportPause{1};
constexpr Link::Bounds kBounds{state_link::kMaxBytes, 4u << 20};

Bytes bytes_of(std::string_view text) {
  return {text.begin(), text.end()};
}

std::string_view text_of(ByteView payload) {
  return {reinterpret_cast<const char*>(payload.data()), payload.size()};
}

void log_event(std::string_view level, const std::string& text) {
  if (level == "error") return spdlog::error("{}", text);
  if (level == "warning") return spdlog::warn("{}", text);
  spdlog::info("{}", text);
}

} // namespace

Worker::Worker(asio::io_context& io, RunDir run_dir, std::string program, Callbacks callbacks)
    : io_(io), run_dir_(std::move(run_dir)), program_(std::move(program)), callbacks_(std::move(callbacks)),
      timer_(io.get_executor()), self_(std::make_shared<Worker*>(this)) {}

Worker::~Worker() {
  close();
}

Result<std::unique_ptr<Worker>> Worker::open(asio::io_context& io, const RunDir& run_dir, std::string program,
                                             Callbacks callbacks) {
  std::unique_ptr<Worker> worker(new Worker(io, run_dir, std::move(program), std::move(callbacks)));
  auto listener = LinkListener::open(io, run_dir.socket_path(socket_name::state(worker->program_)), kBounds,
                                     [w = worker.get()](auto link) { w->on_link(std::move(link)); });
  if (!listener) return listener.error();
  worker->listener_ = std::move(*listener);
  worker->load_last();
  worker->tick();
  return worker;
}

void Worker::close() {
  *self_ = nullptr;
  if (listener_) listener_->close();
  timer_.cancel();
  for (const auto& link : std::exchange(links_, {}))
    link->close({Errc::kUnavailable, "the program ends"});
}

void Worker::load_last() {
  auto text = read_file(run_dir_.path() / "state" / (program_ + ".json"));
  if (!text) return;
  auto state = wanted_state_from_json(*text);
  if (!state) return;
  // Not from inside open(): the callback wants the Worker that open() has yet to return.
  asio::post(io_, [self = self_, last = *state] {
    if (*self != nullptr && last.newer_than((*self)->wanted_)) (*self)->take(last);
  });
}

void Worker::on_link(std::shared_ptr<Link> link) {
  links_.push_back(link);
  link->start(
      [self = self_](std::uint16_t type, ByteView payload, UniqueFd) -> Result<void> {
        return *self != nullptr ? (*self)->on_frame(type, payload) : Result<void>{};
      },
      [self = self_, raw = link.get()](const Error&) {
        if (*self != nullptr) std::erase_if((*self)->links_, [raw](const auto& l) { return l.get() == raw; });
      });
  if (!last_applied_.empty()) link->send(state_link::kApplied, bytes_of(last_applied_));
  report_now();
}

Result<void> Worker::on_frame(std::uint16_t type, ByteView payload) {
  if (type == state_link::kWanted) {
    auto state = wanted_state_from_json(text_of(payload));
    if (!state) return state.error();
    if (state->newer_than(wanted_)) take(*state);
    return {};
  }
  if (type != state_link::kCommand) return Error{Errc::kCorrupt, "state link: unknown message"};
  json::error_code failed;
  const auto command = json::parse(text_of(payload), failed);
  if (failed || !command.is_object()) return Error{Errc::kCorrupt, "state link: malformed command"};
  if (callbacks_.command) callbacks_.command(command.get_object());
  return {};
}

void Worker::take(const WantedState& state) {
  wanted_ = state;
  callbacks_.wanted(wanted_);
}

void Worker::applied(const WantedState& state, PictureIndex picture) {
  const json::object message{
      {"program", program_}, {"epoch", state.epoch}, {"number", state.number}, {"picture", picture}};
  last_applied_ = json::serialize(message);
  send(state_link::kApplied, message);
  const auto path = run_dir_.path() / "state" / (program_ + ".json");
  if (auto kept = replace_file(path, json::serialize(to_json(state))); !kept) spdlog::warn("{}", kept.error().message);
}

void Worker::event(std::string_view level, std::string text, json::object details) {
  log_event(level, text);
  details["level"] = level;
  details["text"] = std::move(text);
  details["program"] = program_;
  asio::post(io_, [self = self_, details = std::move(details)] {
    if (*self != nullptr) (*self)->send(state_link::kEvent, details);
  });
}

void Worker::report_now() {
  if (links_.empty()) return;
  auto report = callbacks_.report ? callbacks_.report() : json::object{};
  report["program"] = program_;
  report["pid"] = ::getpid();
  send(state_link::kReport, report);
}

void Worker::send(std::uint16_t type, const json::object& message) {
  const auto payload = share(bytes_of(json::serialize(message)));
  for (const auto& link : links_)
    link->send({type, payload});
}

void Worker::tick() {
  report_now();
  timer_.expires_after(kReportPause);
  timer_.async_wait([self = self_](ErrorCode cancelled) {
    if (!cancelled && *self != nullptr) (*self)->tick();
  });
}

} // namespace pult
