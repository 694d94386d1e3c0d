#include "srt_receiver.hpp"

#include "base/clock.hpp"
#include "wait.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>

namespace pult::cam::test {
namespace {

template <typename T>
void set(SRTSOCKET socket, SRT_SOCKOPT option, const T& value) {
  ASSERT_EQ(srt_setsockflag(socket, option, &value, sizeof value), 0) << srt_getlasterror_str();
}

// As ingest does it: what the caller may do is decided here, in libsrt's receive thread.
int decide(void* opaque, SRTSOCKET socket, int, const sockaddr*, const char*) {
  const auto& rules = *static_cast<SrtReceiver::Rules*>(opaque);
  if (rules.reject_code == 0) return 0;
  srt_setrejectreason(socket, rules.reject_code);
  return -1;
}

} // namespace

SrtReceiver::SrtReceiver(Rules rules) : rules_(std::move(rules)), listener_(srt_create_socket()) {
  set(listener_.get(), SRTO_RCVSYN, false);
  set(listener_.get(), SRTO_LATENCY, 20);
  if (!rules_.passphrase.empty())
    srt_setsockflag(listener_.get(), SRTO_PASSPHRASE, rules_.passphrase.data(),
                    static_cast<int>(rules_.passphrase.size()));
  srt_listen_callback(listener_.get(), decide, &rules_);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(rules_.port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(srt_bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0)
      << srt_getlasterror_str();
  EXPECT_EQ(srt_listen(listener_.get(), 4), 0);
  int size = sizeof address;
  srt_getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&address), &size);
  port_ = ntohs(address.sin_port);
}

SrtReceiver::~SrtReceiver() = default;

std::string SrtReceiver::url(const std::string& more) const {
  return "srt://127.0.0.1:" + std::to_string(port_) + "?streamid=#!::r=cam1,m=publish&latency=20" + more;
}

bool SrtReceiver::waits_for_connection() {
  const bool came = wait_for([this] {
    connection_ = SrtSocket(srt_accept(listener_.get(), nullptr, nullptr));
    return connection_.get() != SRT_INVALID_SOCK;
  });
  if (!came) return false;
  char id[512] = {};
  int size = sizeof id;
  srt_getsockflag(connection_.get(), SRTO_STREAMID, id, &size);
  stream_id_.assign(id, static_cast<size_t>(size));
  return true;
}

Payload SrtReceiver::receive_one(bool& over) {
  char bytes[1500];
  const int got = srt_recvmsg2(connection_.get(), bytes, sizeof bytes, nullptr);
  if (got > 0) return {wall_now(), {bytes, bytes + got}};
  over = srt_getlasterror(nullptr) != SRT_EASYNCRCV;
  srt_clearlasterror();
  return {};
}

std::vector<Payload> SrtReceiver::receive(std::chrono::milliseconds span) {
  std::vector<Payload> all;
  bool over = false;
  wait_for([&] {
    for (Payload one = receive_one(over); !one.bytes.empty(); one = receive_one(over))
      all.push_back(std::move(one));
    return over || (!all.empty() && all.back().arrived - all.front().arrived >= span);
  });
  return all;
}

bool SrtReceiver::waits_for_end() {
  bool over = false;
  return wait_for([&] {
    while (!receive_one(over).bytes.empty()) {
    }
    return over;
  });
}

} // namespace pult::cam::test
