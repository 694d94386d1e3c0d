#include "ingest/srt_listener.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace pult::ingest {
namespace {

using std::chrono::milliseconds;

// Flow window in packets; the receive buffer may not be larger. 32,768 × 1,456 bytes are 8 s at 47 Mbit/s.
constexpr int kFlowPackets = 32768;
// What the receive buffer is laid out for: the latency and a second more, at 40 Mbit/s.
constexpr int kBytesPerMs = 40'000'000 / 8 / 1000;
constexpr int kPayloadBytes = 1456;
// We send nothing but control packets.
constexpr int kSendBufferBytes = 64 * kPayloadBytes;
// Packets overtake each other on Wi-Fi and LTE: so many may, before a gap is reported as loss.
constexpr int kReorderPackets = 64;
constexpr int kLeastVersion = 0x010300; // handshake version 5: stream ids
constexpr int kBacklog = 32;
// libsrt checks the key within the same call that ran the callback and closes the socket if it is wrong; a right one is
// there to be accepted by then.
constexpr Nanoseconds kKeyCheckTakes = milliseconds(100);

} // namespace

Result<void> set_receive_options(SRTSOCKET socket, milliseconds latency) {
  const int buffer = std::min(kFlowPackets * kPayloadBytes, static_cast<int>(latency.count() + 1000) * kBytesPerMs);
  // SRTO_FC before SRTO_RCVBUF: the buffer is cut to the window.
  if (auto set = set_option(socket, SRTO_FC, kFlowPackets, "fc"); !set) return set;
  if (auto set = set_option(socket, SRTO_RCVBUF, buffer, "rcvbuf"); !set) return set;
  if (auto set = set_option(socket, SRTO_SNDBUF, kSendBufferBytes, "sndbuf"); !set) return set;
  if (auto set = set_option(socket, SRTO_LOSSMAXTTL, kReorderPackets, "lossmaxttl"); !set) return set;
  if (auto set = set_option(socket, SRTO_MINVERSION, kLeastVersion, "minversion"); !set) return set;
  if (auto set = set_option(socket, SRTO_RCVLATENCY, static_cast<int>(latency.count()), "rcvlatency"); !set) return set;
  return set_option(socket, SRTO_RCVSYN, false, "rcvsyn");
}

Result<void> SrtListener::open(const ListenAddress& address) {
  auto at = numeric_address(address.host, address.port);
  if (!at) return at.error();
  socket_.reset(srt_create_socket());
  auto fail = [this](Error error) -> Result<void> {
    socket_.reset();
    return error;
  };
  if (auto set = set_options(at->storage.ss_family == AF_INET6); !set) return fail(set.error());
  if (srt_bind(socket_.get(), at->get(), at->length) == SRT_ERROR) return fail(srt_error("srt bind " + address.text()));
  srt_listen_callback(socket_.get(), &SrtListener::on_knock, this);
  if (srt_listen(socket_.get(), kBacklog) == SRT_ERROR) return fail(srt_error("srt listen " + address.text()));
  return {};
}

Result<void> SrtListener::set_options(bool ipv6) {
  if (ipv6) {
    if (auto set = set_option(socket_.get(), SRTO_IPV6ONLY, 0, "ipv6only"); !set) return set;
  }
  return set_receive_options(socket_.get(), access_.longest_latency());
}

int SrtListener::port() const {
  PeerAddress bound;
  bound.length = sizeof bound.storage;
  srt_getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&bound.storage), &bound.length);
  return bound.port();
}

// In libsrt's receive thread. 0 lets the sender through to the key; -1 refuses with the reason that was set.
int SrtListener::on_knock(void* opaque, SRTSOCKET socket, int handshake_version, const sockaddr* peer,
                          const char* stream_id) {
  auto& self = *static_cast<SrtListener*>(opaque);
  Attempt attempt;
  attempt.socket = socket;
  attempt.peer = PeerAddress::of(peer);
  attempt.stream_id = stream_id != nullptr ? stream_id : "";
  attempt.at = monotonic_now();
  attempt.refusal = self.judge(attempt, handshake_version, attempt.at);
  const int answer = attempt.refusal ? -1 : 0;
  if (attempt.refusal) srt_setrejectreason(socket, static_cast<int>(attempt.refusal->code));
  self.attempts_.push(std::move(attempt));
  return answer;
}

std::optional<Refusal> SrtListener::judge(Attempt& attempt, int handshake_version, Nanoseconds now) {
  if (handshake_version < 5) return Refusal{RejectCode::kVersion, "SRT older than 1.3 has no stream id"};
  auto found = access_.find(attempt.stream_id);
  if (auto* refusal = std::get_if<Refusal>(&found)) return std::move(*refusal);
  attempt.entry = std::get<const FeedAccess::Entry*>(found);
  const auto& entry = *attempt.entry;
  if (!seats_[entry.feed].open_to(entry.policy, now))
    return Refusal{RejectCode::kBusy, fmt::format("somebody else sends {} already", entry.name)};
  if (auto refusal = spend(attempt, now)) return refusal;
  if (!set_option(attempt.socket, SRTO_RCVLATENCY, static_cast<int>(entry.latency.count()), "rcvlatency"))
    return Refusal{RejectCode::kOverload, "libsrt refused the latency"};
  if (!entry.passphrase.empty() && !set_text_option(attempt.socket, SRTO_PASSPHRASE, entry.passphrase, "passphrase"))
    return Refusal{RejectCode::kUnauthorised, "libsrt refused the configured passphrase"};
  return std::nullopt;
}

std::optional<Refusal> SrtListener::spend(const Attempt& attempt, Nanoseconds now) {
  switch (budget_.take(budget_key(attempt.peer, attempt.entry->feed), now)) {
  case GuessBudget::Answer::kTaken:
    return std::nullopt;
  case GuessBudget::Answer::kOverOwn:
    return Refusal{RejectCode::kUnauthorised, "too many attempts from this address, none with the right passphrase"};
  case GuessBudget::Answer::kOverPort:
    break;
  }
  return Refusal{RejectCode::kOverload, "too many attempts at this port"};
}

std::uint64_t SrtListener::budget_key(const PeerAddress& peer, std::size_t feed) {
  return peer.host_hash() * 1099511628211u + feed + 1;
}

std::optional<SrtListener::Accepted> SrtListener::accept() {
  PeerAddress peer;
  peer.length = sizeof peer.storage;
  SrtSocket socket(srt_accept(socket_.get(), reinterpret_cast<sockaddr*>(&peer.storage), &peer.length));
  if (!socket) {
    srt_clearlasterror();
    return std::nullopt;
  }
  drain_attempts();
  answered(socket.get());
  char stream_id[512 + 1] = {};
  int length = sizeof stream_id;
  srt_getsockflag(socket.get(), SRTO_STREAMID, stream_id, &length);
  auto found = access_.find(std::string_view(stream_id, static_cast<std::size_t>(std::clamp(length, 0, 512))));
  // The callback found it, and the lookup never changes; a socket that is gone again has no id to read.
  const auto* const* entry = std::get_if<const FeedAccess::Entry*>(&found);
  if (entry == nullptr) return accept();
  budget_.give_back(budget_key(peer, (*entry)->feed));
  return Accepted{std::move(socket), peer, *entry};
}

std::vector<Attempt> SrtListener::take_refused(Nanoseconds now) {
  drain_attempts();
  const auto old = std::partition(pending_.begin(), pending_.end(), [now](const auto& attempt) {
    return now - attempt.at < kKeyCheckTakes || srt_getsockstate(attempt.socket) < SRTS_BROKEN;
  });
  for (auto it = old; it != pending_.end(); ++it) {
    const bool open = it->entry->passphrase.empty();
    it->refusal =
        Refusal{RejectCode::kUnauthorised, open ? "it has a passphrase, and the feed is open, or it sends in file mode"
                                                : "wrong passphrase, or none, or it sends in file mode"};
    refused_.push_back(std::move(*it));
  }
  pending_.erase(old, pending_.end());
  return std::exchange(refused_, {});
}

void SrtListener::drain_attempts() {
  while (auto attempt = attempts_.pop())
    (attempt->refusal ? refused_ : pending_).push_back(std::move(*attempt));
}

void SrtListener::answered(SRTSOCKET socket) {
  std::erase_if(pending_, [socket](const auto& attempt) { return attempt.socket == socket; });
}

} // namespace pult::ingest
