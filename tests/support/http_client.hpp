// A plain blocking HTTP client over a raw socket, for tests: what it sends is exactly what the test wrote. Every wait
// ends after kPatience.
#pragma once

#include "base/unique_fd.hpp"

#include <arpa/inet.h>
#include <cctype>
#include <chrono>
#include <cstring>
#include <map>
#include <netinet/in.h>
#include <optional>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

namespace pult::test {

inline constexpr std::chrono::seconds kPatience{30};

struct Answer {
  int status = 0;                             // 0: the connection ended first
  std::map<std::string, std::string> headers; // names in lower case
  std::string body;
  [[nodiscard]] std::string header(const std::string& name) const {
    const auto found = headers.find(name);
    return found != headers.end() ? found->second : "";
  }
};

class Client {
 public:
  static Client tcp(int port, int receive_buffer = 0) {
    UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (receive_buffer > 0) ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return connected(std::move(fd), reinterpret_cast<const sockaddr*>(&address), sizeof address);
  }
  static Client unix(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
    return connected(UniqueFd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)),
                     reinterpret_cast<const sockaddr*>(&address), sizeof address);
  }

  [[nodiscard]] bool open() const { return static_cast<bool>(fd_); }
  [[nodiscard]] int fd() const { return fd_.get(); }

  bool send(std::string_view text) {
    while (!text.empty()) {
      const auto n = ::send(fd_.get(), text.data(), text.size(), MSG_NOSIGNAL);
      if (n <= 0) return false;
      text.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
  }

  // One answer; `head_only` when it was asked by HEAD.
  Answer receive(bool head_only = false) {
    Answer answer;
    std::size_t end = 0;
    while ((end = pending_.find("\r\n\r\n")) == std::string::npos)
      if (!receive_more()) return answer;
    parse_head(pending_.substr(0, end), answer);
    pending_.erase(0, end + 4);
    const auto length = head_only || answer.status < 200 ? 0 : std::stoul("0" + answer.header("content-length"));
    while (pending_.size() < length)
      if (!receive_more()) return {};
    answer.body = pending_.substr(0, length);
    pending_.erase(0, length);
    return answer;
  }

  Answer get(const std::string& target, const std::string& more_headers = "") {
    send("GET " + target + " HTTP/1.1\r\nHost: test\r\n" + more_headers + "\r\n");
    return receive();
  }

  // True when the other side closes within the patience; what comes before is dropped.
  bool closed_by_peer() {
    while (receive_more())
      pending_.clear();
    return !timed_out_;
  }

 private:
  static Client connected(UniqueFd fd, const sockaddr* address, socklen_t length) {
    const timeval patience{kPatience.count(), 0};
    ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ::setsockopt(fd.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    Client client;
    if (::connect(fd.get(), address, length) == 0) client.fd_ = std::move(fd);
    return client;
  }

  bool receive_more() {
    char chunk[65536];
    const auto n = ::recv(fd_.get(), chunk, sizeof chunk, 0);
    timed_out_ = n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
    if (n <= 0) return false;
    pending_.append(chunk, static_cast<std::size_t>(n));
    return true;
  }

  static void parse_head(std::string_view head, Answer& answer) {
    answer.status = std::stoi(std::string(head.substr(9, 3)));
    for (auto line = head.find("\r\n"); line != std::string_view::npos; line = head.find("\r\n", line + 2)) {
      const auto text = head.substr(line + 2, head.find("\r\n", line + 2) - line - 2);
      const auto colon = text.find(": ");
      std::string name(text.substr(0, colon));
      for (auto& c : name)
        c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
      answer.headers[name] = text.substr(colon + 2);
    }
  }

  UniqueFd fd_;
  std::string pending_;
  bool timed_out_ = false;
};

} // namespace pult::test
