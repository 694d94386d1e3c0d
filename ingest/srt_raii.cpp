#include "ingest/srt_raii.hpp"

#include <arpa/inet.h>
#include <cstring>
#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <spdlog/spdlog.h>

namespace pult::ingest {
namespace {

// libsrt's own lines are for its developers; the crew reads our words.
void log_line(void*, int level, const char*, int, const char*, const char* message) {
  if (level <= LOG_CRIT) spdlog::error("libsrt: {}", message);
}

const sockaddr_in* v4(const PeerAddress& address) {
  return address.storage.ss_family == AF_INET ? reinterpret_cast<const sockaddr_in*>(&address.storage) : nullptr;
}

const sockaddr_in6* v6(const PeerAddress& address) {
  return address.storage.ss_family == AF_INET6 ? reinterpret_cast<const sockaddr_in6*>(&address.storage) : nullptr;
}

Result<PeerAddress> look_up(const std::string& host, int port, int flags) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_DGRAM;
  hints.ai_flags = flags;
  addrinfo* found = nullptr;
  const int failed = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
  if (failed != 0) return Error{Errc::kUnavailable, fmt::format("address of {}: {}", host, ::gai_strerror(failed))};
  auto address = PeerAddress::of(found->ai_addr);
  ::freeaddrinfo(found);
  return address;
}

} // namespace

SrtLibrary::SrtLibrary() {
  srt_startup();
  srt_setloghandler(nullptr, log_line);
  srt_setloglevel(LOG_CRIT);
}

SrtLibrary::~SrtLibrary() {
  srt_cleanup();
}

void SrtSocket::reset(SRTSOCKET socket) {
  if (socket_ != SRT_INVALID_SOCK) srt_close(socket_);
  socket_ = socket;
}

SrtEpoll::SrtEpoll() : id_(srt_epoll_create()) {
  srt_epoll_set(id_, SRT_EPOLL_ENABLE_EMPTY); // a port that could not be bound yet has nothing to wait for
}

SrtEpoll::~SrtEpoll() {
  srt_epoll_release(id_);
}

Result<void> SrtEpoll::add(SRTSOCKET socket, int events) {
  if (srt_epoll_add_usock(id_, socket, &events) == SRT_ERROR) return srt_error("srt epoll");
  return {};
}

PeerAddress PeerAddress::of(const sockaddr* address) {
  PeerAddress peer;
  peer.length = address->sa_family == AF_INET6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in);
  std::memcpy(&peer.storage, address, static_cast<std::size_t>(peer.length));
  return peer;
}

std::string PeerAddress::host() const {
  char text[INET6_ADDRSTRLEN] = "?";
  if (const auto* a = v4(*this)) ::inet_ntop(AF_INET, &a->sin_addr, text, sizeof text);
  if (const auto* a = v6(*this)) {
    const bool mapped = IN6_IS_ADDR_V4MAPPED(&a->sin6_addr);
    ::inet_ntop(mapped ? AF_INET : AF_INET6, a->sin6_addr.s6_addr + (mapped ? 12 : 0), text, sizeof text);
  }
  return text;
}

std::string PeerAddress::text() const {
  const auto name = host();
  return name.find(':') == std::string::npos ? fmt::format("{}:{}", name, port())
                                             : fmt::format("[{}]:{}", name, port());
}

int PeerAddress::port() const {
  if (const auto* a = v4(*this)) return ntohs(a->sin_port);
  if (const auto* a = v6(*this)) return ntohs(a->sin6_port);
  return 0;
}

std::uint64_t PeerAddress::host_hash() const {
  const std::uint8_t* bytes = nullptr;
  std::size_t count = 0;
  if (const auto* a = v4(*this)) {
    bytes = reinterpret_cast<const std::uint8_t*>(&a->sin_addr);
    count = 4;
  } else if (const auto* b = v6(*this)) {
    const bool mapped = IN6_IS_ADDR_V4MAPPED(&b->sin6_addr);
    bytes = b->sin6_addr.s6_addr + (mapped ? 12 : 0);
    count = mapped ? 4 : 8;
  }
  std::uint64_t hash = 14695981039346656037u; // FNV-1a
  for (std::size_t i = 0; i < count; ++i)
    hash = (hash ^ bytes[i]) * 1099511628211u;
  return hash;
}

Result<PeerAddress> numeric_address(const std::string& host, int port) {
  return look_up(host, port, AI_NUMERICHOST | AI_NUMERICSERV);
}

Result<PeerAddress> resolve_address(const std::string& host, int port) {
  return look_up(host, port, AI_NUMERICSERV | AI_ADDRCONFIG);
}

Error srt_error(std::string_view what) {
  int system_error = 0;
  const int code = srt_getlasterror(&system_error);
  // libsrt hides the system's reason behind its own; the system's is the one to act on.
  const auto text =
      fmt::format("{}: {}", what, system_error != 0 ? std::strerror(system_error) : srt_getlasterror_str());
  srt_clearlasterror();
  if (code == SRT_ETIMEOUT || code == SRT_ENOSERVER) return {Errc::kTimeout, text};
  if (code == SRT_ECONNREJ) return {Errc::kRefused, text};
  return {Errc::kLibrary, text};
}

std::string reject_reason_text(int reason) {
  switch (reason) {
  case SRT_REJ_BADSECRET:
    return "wrong passphrase";
  case SRT_REJ_UNSECURE:
    return "one side has a passphrase and the other has none";
  case SRT_REJ_TIMEOUT:
    return "no answer";
  case SRT_REJ_VERSION:
    return "SRT version too old (1.3 is the least)";
  case 1400:
    return "the stream id is malformed (1400)";
  case 1401:
    return "not authorised (1401)";
  case 1402:
    return "too many attempts (1402)";
  case 1404:
    return "there is no such stream (1404)";
  case 1405:
    return "this mode is not offered (1405)";
  case 1409:
    return "somebody else sends there already (1409)";
  default:
    return fmt::format("{} ({})", srt_rejectreason_str(reason), reason);
  }
}

Result<void> set_text_option(SRTSOCKET socket, SRT_SOCKOPT option, std::string_view text, std::string_view name) {
  if (srt_setsockflag(socket, option, text.data(), static_cast<int>(text.size())) == SRT_ERROR)
    return srt_error("srt option " + std::string(name));
  return {};
}

} // namespace pult::ingest
