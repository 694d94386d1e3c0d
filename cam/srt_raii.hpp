// Owners for libsrt: the library itself, a socket, an epoll. Private to cam.
#pragma once

#include <srt/srt.h>

#include <utility>

namespace pult::cam {

// One per program, in main, outliving every socket.
class SrtLibrary {
 public:
  SrtLibrary() {
    srt_startup();
    srt_setloglevel(0); // LOG_EMERG: what matters comes back as a value
  }
  ~SrtLibrary() { srt_cleanup(); }
  SrtLibrary(const SrtLibrary&) = delete;
  SrtLibrary& operator=(const SrtLibrary&) = delete;
};

// Closing sends a goodbye: the other side knows at once.
class SrtSocket {
 public:
  SrtSocket() = default;
  explicit SrtSocket(SRTSOCKET socket) : socket_(socket) {}
  SrtSocket(SrtSocket&& other) noexcept : socket_(std::exchange(other.socket_, SRT_INVALID_SOCK)) {}
  SrtSocket& operator=(SrtSocket&& other) noexcept {
    if (this != &other) {
      close();
      socket_ = std::exchange(other.socket_, SRT_INVALID_SOCK);
    }
    return *this;
  }
  ~SrtSocket() { close(); }
  [[nodiscard]] SRTSOCKET get() const { return socket_; }

 private:
  void close() {
    if (socket_ != SRT_INVALID_SOCK) srt_close(socket_);
    socket_ = SRT_INVALID_SOCK;
  }
  SRTSOCKET socket_ = SRT_INVALID_SOCK;
};

class SrtEpoll {
 public:
  SrtEpoll() : id_(srt_epoll_create()) {}
  ~SrtEpoll() { srt_epoll_release(id_); }
  SrtEpoll(const SrtEpoll&) = delete;
  SrtEpoll& operator=(const SrtEpoll&) = delete;
  [[nodiscard]] int get() const { return id_; }

 private:
  int id_;
};

} // namespace pult::cam
