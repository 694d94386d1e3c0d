// libsrt's handles, each owned by one small type, and its errors as values. Private to ingest.
//
// SrtLibrary once per process, before everything else. libsrt is thread-safe per call; each socket here has one owner.
#pragma once

#include "base/result.hpp"

#include <cstdint>
#include <srt/srt.h>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <utility>

namespace pult::ingest {

class SrtLibrary {
 public:
  SrtLibrary();
  ~SrtLibrary();
  SrtLibrary(const SrtLibrary&) = delete;
  SrtLibrary& operator=(const SrtLibrary&) = delete;
};

class SrtSocket {
 public:
  SrtSocket() = default;
  explicit SrtSocket(SRTSOCKET socket) : socket_(socket) {}
  SrtSocket(SrtSocket&& other) noexcept : socket_(std::exchange(other.socket_, SRT_INVALID_SOCK)) {}
  SrtSocket& operator=(SrtSocket&& other) noexcept {
    reset(std::exchange(other.socket_, SRT_INVALID_SOCK));
    return *this;
  }
  SrtSocket(const SrtSocket&) = delete;
  SrtSocket& operator=(const SrtSocket&) = delete;
  ~SrtSocket() { reset(); }

  [[nodiscard]] SRTSOCKET get() const { return socket_; }
  explicit operator bool() const { return socket_ != SRT_INVALID_SOCK; }
  // Closing tells the peer at once. Leaves every epoll.
  void reset(SRTSOCKET socket = SRT_INVALID_SOCK);

 private:
  SRTSOCKET socket_ = SRT_INVALID_SOCK;
};

class SrtEpoll {
 public:
  SrtEpoll();
  ~SrtEpoll();
  SrtEpoll(const SrtEpoll&) = delete;
  SrtEpoll& operator=(const SrtEpoll&) = delete;
  [[nodiscard]] int get() const { return id_; }
  Result<void> add(SRTSOCKET socket, int events);

 private:
  int id_;
};

// An address of the other side, as small as it can be copied.
struct PeerAddress {
  sockaddr_storage storage{};
  int length = 0;

  static PeerAddress of(const sockaddr* address);
  [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
  [[nodiscard]] std::string host() const; // "10.0.0.5", "fe80::1"; IPv4 mapped into IPv6 as IPv4
  [[nodiscard]] std::string text() const; // with the port: "10.0.0.5:40000", "[fe80::1]:40000"
  [[nodiscard]] int port() const;
  // Of the address without its port; of an IPv6 address the /64, because a host has all of it. No allocation.
  [[nodiscard]] std::uint64_t host_hash() const;
};

// A numeric address; host without brackets.
Result<PeerAddress> numeric_address(const std::string& host, int port);
// May take seconds (DNS): never in a media thread.
Result<PeerAddress> resolve_address(const std::string& host, int port);

// "srt bind [::]:9000: …", from libsrt's last error of this thread.
Error srt_error(std::string_view what);
// Why a connection was refused, in words for the crew; for libsrt's codes and for ours.
std::string reject_reason_text(int reason);

template <typename T>
Result<void> set_option(SRTSOCKET socket, SRT_SOCKOPT option, const T& value, std::string_view name) {
  if (srt_setsockflag(socket, option, &value, sizeof value) == SRT_ERROR)
    return srt_error("srt option " + std::string(name));
  return {};
}
Result<void> set_text_option(SRTSOCKET socket, SRT_SOCKOPT option, std::string_view text, std::string_view name);

} // namespace pult::ingest
