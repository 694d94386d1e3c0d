#include "ingest/srt_poller.hpp"

#include <algorithm>
#include <pthread.h>
#include <random>

namespace pult::ingest {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLongestWait{20};
constexpr milliseconds kGather{4};
constexpr Nanoseconds kDue = milliseconds(100);
// A predecessor that is being killed still holds the port for a moment.
constexpr Nanoseconds kListenAgain = milliseconds(200);
constexpr std::size_t kMaxReady = 64;

bool serves_callers(const std::optional<int>& own_port) {
  return !own_port; // the shared process dials
}

} // namespace

SrtPoller::SrtPoller(const RoomConfig& config, Params params, std::shared_ptr<Handover> handover)
    : config_(config), params_(std::move(params)), handover_(std::move(handover)),
      access_(FeedAccess::of(config, params_.own_port)), seats_(config.feeds.size()), listener_(access_, seats_),
      address_(config.srt_listen) {
  if (params_.own_port) address_.port = *params_.own_port;
  std::random_device random;
  for (std::size_t i = 0; i < config_.feeds.size(); ++i)
    intakes_.emplace_back(i, seats_[i], random());
  for (std::size_t i = 0; i < config_.feeds.size() && serves_callers(params_.own_port); ++i) {
    if (config_.feeds[i].url.empty()) continue;
    auto caller = SrtCaller::of(config_, i);
    if (caller)
      callers_.push_back(std::move(*caller));
    else
      handover_->push(DialFailed{i, caller.error().message});
  }
}

SrtPoller::~SrtPoller() {
  stop();
}

void SrtPoller::start() {
  thread_ = std::jthread([this](const std::stop_token& stop) {
    ::pthread_setname_np(::pthread_self(), "srt-poll");
    run(stop);
  });
}

void SrtPoller::stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

void SrtPoller::restart_feed(std::size_t feed) {
  const std::lock_guard lock(commands_mutex_);
  restarts_.push_back(feed);
}

void SrtPoller::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    run_commands();
    keep_listening(monotonic_now());
    wait_for_events();
    const auto now = monotonic_now();
    accept_senders(now);
    serve_callers(now);
    const bool data = read_feeds(now);
    if (now >= next_due_) do_what_is_due(now);
    if (params_.on_progress && !handover_->stuck(now)) params_.on_progress();
    if (data) std::this_thread::sleep_for(kGather);
  }
  close_all();
}

void SrtPoller::run_commands() {
  std::vector<std::size_t> restarts;
  {
    const std::lock_guard lock(commands_mutex_);
    restarts.swap(restarts_);
  }
  for (const auto feed : restarts)
    if (feed < intakes_.size()) start_anew(feed);
}

void SrtPoller::start_anew(std::size_t feed) {
  report_gone(intakes_[feed].close("restarted by the crew"), monotonic_now());
  if (auto* caller = caller_of(feed)) caller->dial_at_once();
}

void SrtPoller::keep_listening(Nanoseconds now) {
  if (listener_.is_open() || access_.entries().empty() || now < next_listen_) return;
  next_listen_ = now + kListenAgain;
  auto opened = listener_.open(address_);
  if (opened) opened = epoll_.add(listener_.get(), SRT_EPOLL_IN | SRT_EPOLL_ERR);
  if (opened)
    handover_->push(PortState{listener_.port(), ""});
  else
    handover_->push(PortState{0, opened.error().message});
}

void SrtPoller::wait_for_events() {
  ready_.resize(kMaxReady);
  const int n = srt_epoll_uwait(epoll_.get(), ready_.data(), static_cast<int>(ready_.size()), kLongestWait.count());
  if (n == SRT_ERROR) srt_clearlasterror();
  // More than fit are told of in the next round.
  ready_.resize(static_cast<std::size_t>(std::clamp(n, 0, static_cast<int>(kMaxReady))));
}

void SrtPoller::accept_senders(Nanoseconds now) {
  if (!listener_.is_open()) return;
  while (auto accepted = listener_.accept())
    seat(std::move(*accepted), now);
}

// The callback judged a moment ago, and before the key was known: judged again here, where one thread decides.
void SrtPoller::seat(SrtListener::Accepted accepted, Nanoseconds now) {
  const auto& entry = *accepted.entry;
  if (!seats_[entry.feed].open_to(entry.policy, now)) {
    handover_->push(Refused{entry.feed, accepted.peer.host(), entry.name, static_cast<int>(RejectCode::kBusy),
                            "somebody else sends " + entry.name + " already"});
    return;
  }
  adopt(intakes_[entry.feed], std::move(accepted.socket), accepted.peer, now);
}

void SrtPoller::adopt(FeedIntake& intake, SrtSocket socket, const PeerAddress& peer, Nanoseconds now) {
  const int id = socket.get();
  handover_->push(intake.adopt(std::move(socket), peer, now));
  if (auto added = epoll_.add(id, SRT_EPOLL_IN | SRT_EPOLL_ERR); !added)
    report_gone(intake.close(added.error().message), now);
}

bool SrtPoller::read_feeds(Nanoseconds now) {
  bool any = false;
  for (auto& intake : intakes_) {
    if (!intake.is_connected()) continue;
    std::optional<Disconnected> gone;
    if (auto chunk = intake.read(gone)) {
      handover_->push(Arrived{intake.feed(), std::move(*chunk)});
      any = true;
    }
    report_gone(std::move(gone), now);
  }
  return any;
}

void SrtPoller::serve_callers(Nanoseconds now) {
  for (auto& caller : callers_) {
    auto failed = caller.tick(now, epoll_);
    for (const auto& event : ready_)
      if (event.fd == caller.get() && event.fd != SRT_INVALID_SOCK)
        if (auto socket = caller.on_event(event.events, now, failed)) {
          srt_epoll_remove_usock(epoll_.get(), socket->get());
          adopt(intakes_[caller.feed()], std::move(*socket), caller.peer(), now);
          break;
        }
    if (failed) handover_->push(DialFailed{caller.feed(), failed->message});
  }
}

void SrtPoller::do_what_is_due(Nanoseconds now) {
  next_due_ = now + kDue;
  for (auto& intake : intakes_)
    if (auto measured = intake.measure(now)) handover_->push(std::move(*measured));
  report_refused(now);
}

void SrtPoller::report_refused(Nanoseconds now) {
  for (auto& attempt : listener_.take_refused(now)) {
    const auto feed = attempt.entry != nullptr ? std::optional(attempt.entry->feed) : std::nullopt;
    handover_->push(Refused{feed, attempt.peer.host(), shown_stream_id(attempt.stream_id),
                            static_cast<int>(attempt.refusal->code), attempt.refusal->reason});
  }
}

void SrtPoller::report_gone(std::optional<Disconnected> gone, Nanoseconds now) {
  if (!gone) return;
  if (auto* caller = caller_of(gone->feed)) caller->lost(now);
  handover_->push(std::move(*gone));
}

SrtCaller* SrtPoller::caller_of(std::size_t feed) {
  const auto found = std::find_if(callers_.begin(), callers_.end(), [feed](const auto& c) { return c.feed() == feed; });
  return found == callers_.end() ? nullptr : &*found;
}

void SrtPoller::close_all() {
  for (auto& intake : intakes_)
    intake.close("");
  callers_.clear();
  listener_.close();
}

} // namespace pult::ingest
