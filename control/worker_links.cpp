#include "control/worker_links.hpp"

#include "base/clock.hpp"
#include "base/messages/state_link.hpp"

#include <boost/json.hpp>

namespace pult::control {
namespace {

namespace json = boost::json;

// A worker that takes nothing for as long as it takes to queue this many states is dead; it gets the whole anew.
constexpr Link::Bounds kBounds{state_link::kMaxBytes, 1u << 20};

Bytes bytes_of(std::string_view text) {
  return {text.begin(), text.end()};
}

std::int64_t number_of(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value != nullptr && value->is_int64() ? value->get_int64() : 0;
}

} // namespace

struct WorkerLinks::Peer {
  WorkerView view;
  std::shared_ptr<Link> link;
  std::unique_ptr<LinkDialer> dialer;
};

WorkerLinks::WorkerLinks(asio::io_context& io, const RunDir& run_dir, const std::vector<std::string>& programs,
                         Callbacks callbacks)
    : run_dir_(run_dir), callbacks_(std::move(callbacks)), self_(std::make_shared<WorkerLinks*>(this)) {
  for (const auto& program : programs) {
    auto& peer = *peers_.emplace_back(std::make_unique<Peer>());
    peer.view.program = program;
    peer.view.link_changed = monotonic_now();
    peer.dialer = std::make_unique<LinkDialer>(io, run_dir_.socket_path(socket_name::state(program)), kBounds,
                                               [this, &peer](auto link) { on_link(peer, std::move(link)); });
    peer.dialer->dial();
  }
}

WorkerLinks::~WorkerLinks() {
  close();
}

void WorkerLinks::close() {
  *self_ = nullptr;
  for (const auto& peer : peers_) {
    peer->dialer->stop();
    if (const auto link = std::exchange(peer->link, nullptr)) link->close({Errc::kUnavailable, "pultd ends"});
  }
}

void WorkerLinks::on_link(Peer& peer, std::shared_ptr<Link> link) {
  peer.link = link;
  peer.view.linked = true;
  peer.view.link_changed = monotonic_now();
  link->start(
      [self = self_, &peer](std::uint16_t type, ByteView payload, UniqueFd) -> Result<void> {
        return *self != nullptr ? (*self)->on_frame(peer, type, payload) : Result<void>{};
      },
      [self = self_, &peer, raw = link.get()](const Error&) {
        if (*self != nullptr) (*self)->on_closed(peer, raw);
      });
  send_wanted(peer);
  callbacks_.changed(peer.view);
}

void WorkerLinks::on_closed(Peer& peer, const Link* link) {
  if (peer.link.get() != link) return;
  peer.link = nullptr;
  peer.view.linked = false;
  peer.view.link_changed = monotonic_now();
  callbacks_.changed(peer.view);
  peer.dialer->dial();
}

Result<void> WorkerLinks::on_frame(Peer& peer, std::uint16_t type, ByteView payload) {
  json::error_code failed;
  auto parsed = json::parse({reinterpret_cast<const char*>(payload.data()), payload.size()}, failed);
  if (failed || !parsed.is_object()) return Error{Errc::kCorrupt, peer.view.program + ": no JSON object"};
  auto& message = parsed.get_object();
  peer.view.last_heard = monotonic_now();
  if (type == state_link::kApplied) {
    on_applied(peer, message);
  } else if (type == state_link::kReport) {
    peer.view.report = std::move(message);
    peer.view.reported = peer.view.last_heard;
    callbacks_.changed(peer.view);
  } else if (type == state_link::kEvent) {
    callbacks_.event(peer.view.program, message);
  } else {
    return Error{Errc::kCorrupt, peer.view.program + ": unknown message"};
  }
  return {};
}

void WorkerLinks::on_applied(Peer& peer, const json::object& message) {
  peer.view.epoch = number_of(message, "epoch");
  peer.view.number = number_of(message, "number");
  peer.view.picture = number_of(message, "picture");
  callbacks_.applied(peer.view);
}

void WorkerLinks::send_wanted() {
  for (const auto& peer : peers_)
    send_wanted(*peer);
}

void WorkerLinks::send_wanted(Peer& peer) {
  if (peer.link == nullptr || !callbacks_.may_send()) return;
  const auto link = peer.link;
  if (!link->send(state_link::kWanted, bytes_of(json::serialize(to_json(callbacks_.wanted())))))
    link->close({Errc::kLimit, peer.view.program + " takes nothing"});
}

bool WorkerLinks::send_command(const std::string& program, const json::object& command) {
  for (const auto& peer : peers_)
    if (peer->view.program == program && peer->link != nullptr)
      return peer->link->send(state_link::kCommand, bytes_of(json::serialize(command)));
  return false;
}

const WorkerView* WorkerLinks::find(const std::string& program) const {
  for (const auto& peer : peers_)
    if (peer->view.program == program) return &peer->view;
  return nullptr;
}

std::vector<const WorkerView*> WorkerLinks::all() const {
  std::vector<const WorkerView*> views;
  for (const auto& peer : peers_)
    views.push_back(&peer->view);
  return views;
}

} // namespace pult::control
