#include "ingest/srt_caller.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <thread>

namespace pult::ingest {
namespace {

constexpr Nanoseconds kStoodWell = std::chrono::seconds(10);

Result<void> set_caller_options(SRTSOCKET socket, const SrtUrl& url) {
  if (auto set = set_receive_options(socket, url.latency.value_or(std::chrono::milliseconds(200))); !set) return set;
  if (!url.stream_id.empty())
    if (auto set = set_text_option(socket, SRTO_STREAMID, url.stream_id, "streamid"); !set) return set;
  if (!url.passphrase.empty())
    if (auto set = set_text_option(socket, SRTO_PASSPHRASE, url.passphrase, "passphrase"); !set) return set;
  return {};
}

} // namespace

Result<SrtCaller> SrtCaller::of(const RoomConfig& config, std::size_t feed) {
  const auto& wanted = config.feeds[feed];
  auto url = parse_srt_url(wanted.url);
  if (!url) return Error{url.error().code, fmt::format("feed {}: {}", wanted.name, url.error().message)};
  if (!wanted.passphrase.empty()) url->passphrase = wanted.passphrase;
  if (wanted.latency) url->latency = wanted.latency;
  if (!url->latency) url->latency = config.srt_latency;
  return SrtCaller(feed, std::move(*url));
}

std::optional<Error> SrtCaller::tick(Nanoseconds now, SrtEpoll& epoll) {
  if (step_ == Step::kPause && now >= next_) begin_lookup();
  if (step_ != Step::kLookup) return std::nullopt;
  if (lookup_.wait_for(std::chrono::seconds(0)) != std::future_status::ready) return std::nullopt;
  auto found = lookup_.get();
  if (!found) return fail(found.error(), now);
  peer_ = *found;
  if (auto failed = connect(epoll)) return fail(std::move(*failed), now);
  step_ = Step::kConnect;
  return std::nullopt;
}

// Detached, because getaddrinfo cannot be cancelled and must not hold up the end of the program; it owns all it
// touches.
void SrtCaller::begin_lookup() {
  step_ = Step::kLookup;
  std::promise<Result<PeerAddress>> promise;
  lookup_ = promise.get_future();
  if (auto numeric = numeric_address(url_.host, url_.port)) return promise.set_value(std::move(numeric));
  std::thread([promise = std::move(promise), host = url_.host, port = url_.port]() mutable {
    promise.set_value(resolve_address(host, port));
  }).detach();
}

std::optional<Error> SrtCaller::connect(SrtEpoll& epoll) {
  connecting_.reset(srt_create_socket());
  if (auto set = set_caller_options(connecting_.get(), url_); !set) return set.error();
  if (auto added = epoll.add(connecting_.get(), SRT_EPOLL_OUT | SRT_EPOLL_ERR); !added) return added.error();
  if (srt_connect(connecting_.get(), peer_.get(), peer_.length) == SRT_ERROR)
    return srt_error("srt connect " + peer_.text());
  return std::nullopt;
}

std::optional<SrtSocket> SrtCaller::on_event(int events, Nanoseconds now, std::optional<Error>& failed) {
  if (step_ != Step::kConnect) return std::nullopt;
  const auto state = srt_getsockstate(connecting_.get());
  if (state == SRTS_CONNECTED) {
    step_ = Step::kConnected;
    connected_at_ = now;
    return std::move(connecting_);
  }
  if ((events & SRT_EPOLL_ERR) == 0 && state == SRTS_CONNECTING) return std::nullopt;
  const int reason = srt_getrejectreason(connecting_.get());
  failed = fail({Errc::kRefused, fmt::format("srt connect {}: {}", peer_.text(), reject_reason_text(reason))}, now);
  return std::nullopt;
}

void SrtCaller::lost(Nanoseconds now) {
  if (step_ == Step::kConnected && now - connected_at_ >= kStoodWell) pause_ = kFirstPause;
  step_ = Step::kPause;
  next_ = now + pause_;
  pause_ = std::min(pause_ * 2, kLongestPause);
}

void SrtCaller::dial_at_once() {
  pause_ = kFirstPause;
  next_ = {};
}

Error SrtCaller::fail(Error error, Nanoseconds now) {
  connecting_.reset();
  lost(now);
  error.message += fmt::format("; again in {:.1f} s", std::chrono::duration<double>(next_ - now).count());
  return error;
}

} // namespace pult::ingest
