#include "cam/srt_sender.hpp"

#include <fmt/format.h>
#include <netdb.h>
#include <srt/access_control.h>

#include <algorithm>
#include <memory>

namespace pult::cam {
namespace {

constexpr size_t kPayload = 1316;       // seven transport packets: what every receiver expects of SRT live mode
constexpr int kConnectTimeoutMs = 3000; // libsrt's own default; it repeats its handshake meanwhile
constexpr int kWaitSliceMs = 100;       // how long a signal may go unnoticed while dialling

Error unreachable(std::string what) {
  return {Errc::kUnavailable, std::move(what)};
}

Error srt_error(std::string_view what) {
  auto error = unreachable(fmt::format("{}: {}", what, srt_getlasterror_str()));
  srt_clearlasterror();
  return error;
}

struct AddressFree {
  void operator()(addrinfo* list) const { freeaddrinfo(list); }
};

Result<std::unique_ptr<addrinfo, AddressFree>> resolve(const SrtTarget& target) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_DGRAM;
  addrinfo* found = nullptr;
  const auto port = std::to_string(target.port);
  if (const int failed = getaddrinfo(target.host.c_str(), port.c_str(), &hints, &found); failed != 0)
    return unreachable(fmt::format("{}: {}", target.host, gai_strerror(failed)));
  return std::unique_ptr<addrinfo, AddressFree>(found);
}

template <typename T>
bool set(SRTSOCKET socket, SRT_SOCKOPT option, const T& value) {
  return srt_setsockflag(socket, option, &value, sizeof value) == 0;
}
bool set(SRTSOCKET socket, SRT_SOCKOPT option, const std::string& value) {
  return value.empty() || srt_setsockflag(socket, option, value.data(), static_cast<int>(value.size())) == 0;
}

Result<void> configure(SRTSOCKET socket, const SrtTarget& target) {
  const bool done = set(socket, SRTO_TRANSTYPE, SRTT_LIVE) && set(socket, SRTO_SNDSYN, false) &&
                    set(socket, SRTO_RCVSYN, false) && set(socket, SRTO_CONNTIMEO, kConnectTimeoutMs) &&
                    set(socket, SRTO_LATENCY, static_cast<int>(target.latency.count())) &&
                    set(socket, SRTO_STREAMID, target.stream_id) &&
                    (target.key_bytes == 0 || set(socket, SRTO_PBKEYLEN, target.key_bytes)) &&
                    set(socket, SRTO_PASSPHRASE, target.passphrase);
  if (!done) return srt_error("srt options");
  return {};
}

Error refusal(SRTSOCKET socket) {
  const int code = srt_getrejectreason(socket);
  if (code == SRT_REJ_TIMEOUT || code == SRT_REJ_UNKNOWN) return unreachable("no answer");
  return {Errc::kRefused, fmt::format("{} (code {})", reject_reason(code), code)};
}

// Waits until the handshake is over.
Result<void> wait_connected(SRTSOCKET socket, const Stopped& stopped) {
  const SrtEpoll epoll;
  const int events = SRT_EPOLL_OUT | SRT_EPOLL_ERR;
  if (srt_epoll_add_usock(epoll.get(), socket, &events) != 0) return srt_error("srt epoll");
  while (!stopped()) {
    SRT_EPOLL_EVENT ready{};
    srt_epoll_uwait(epoll.get(), &ready, 1, kWaitSliceMs);
    const auto state = srt_getsockstate(socket);
    if (state == SRTS_CONNECTED) return {};
    if (state != SRTS_CONNECTING) return refusal(socket);
  }
  return unreachable("stopped");
}

} // namespace

std::string reject_reason(int code) {
  switch (code) {
  case SRT_REJ_BADSECRET:
    return "wrong passphrase";
  case SRT_REJ_UNSECURE:
    return "a passphrase is wanted, or none is expected";
  case SRT_REJ_PEER:
    return "by the other side, without a reason";
  case SRT_REJX_BAD_REQUEST:
    return "stream id not understood";
  case SRT_REJX_UNAUTHORIZED:
    return "not authorised";
  case SRT_REJX_OVERLOAD:
    return "too many attempts";
  case SRT_REJX_FORBIDDEN:
    return "forbidden";
  case SRT_REJX_NOTFOUND:
    return "no such feed";
  case SRT_REJX_BAD_MODE:
    return "publishing is not possible there";
  case SRT_REJX_CONFLICT:
    return "busy, another sender is on this feed";
  default:
    return code < SRT_REJ_E_SIZE ? srt_rejectreason_str(code) : "for a reason of their own";
  }
}

Result<SrtSender> SrtSender::dial(const SrtTarget& target, const Stopped& stopped) {
  auto address = resolve(target);
  if (!address) return address.error();
  SrtSocket socket(srt_create_socket());
  if (auto configured = configure(socket.get(), target); !configured) return configured.error();
  if (srt_connect(socket.get(), (*address)->ai_addr, static_cast<int>((*address)->ai_addrlen)) == SRT_ERROR)
    return srt_error("srt connect " + target.where());
  if (auto connected = wait_connected(socket.get(), stopped); !connected) return connected.error();
  return SrtSender(std::move(socket));
}

Result<void> SrtSender::send(std::span<const uint8_t> transport_packets) {
  while (!transport_packets.empty()) {
    const auto payload = transport_packets.first(std::min(kPayload, transport_packets.size()));
    if (auto sent = send_payload(payload); !sent) return sent;
    transport_packets = transport_packets.subspan(payload.size());
  }
  return {};
}

Result<void> SrtSender::send_payload(std::span<const uint8_t> payload) {
  const auto* bytes = reinterpret_cast<const char*>(payload.data());
  if (srt_sendmsg2(socket_.get(), bytes, static_cast<int>(payload.size()), nullptr) != SRT_ERROR) return {};
  if (srt_getlasterror(nullptr) != SRT_EASYNCSND) return srt_error("srt send");
  srt_clearlasterror();
  ++dropped_;
  return {};
}

} // namespace pult::cam
