#include "raw_caller.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>

namespace pult::ingest::test {
namespace {

constexpr std::size_t kHeaderBytes = 16;
constexpr std::size_t kHandshakeBytes = 48;
constexpr std::uint32_t kHandshakePacket = 0x80000000u;
constexpr std::uint32_t kInduction = 1;
constexpr std::uint32_t kConclusion = 0xffffffffu;
constexpr std::uint32_t kReasonsFrom = 1000;
constexpr std::uint32_t kDatagrams = 2; // the type field of version 4 and of every induction
constexpr std::uint32_t kHasRequestAndConfig = 1 | 4;
constexpr int kAnswerWithinMs = 1000;

void put(Bytes& out, std::uint32_t value) {
  for (const int shift : {24, 16, 8, 0})
    out.push_back(static_cast<std::uint8_t>(value >> shift));
}

std::uint32_t get(const Bytes& in, std::size_t at) {
  return std::uint32_t{in[at]} << 24 | std::uint32_t{in[at + 1]} << 16 | std::uint32_t{in[at + 2]} << 8 | in[at + 3];
}

Bytes handshake(std::uint32_t version, std::uint32_t field, std::uint32_t type, std::uint32_t cookie) {
  Bytes packet;
  for (const std::uint32_t word : {kHandshakePacket, 0u, 0u, 0u}) // to socket 0: the listener
    put(packet, word);
  for (const std::uint32_t word : {version, field, 1234u, 1500u, 8192u, type, 4711u, cookie})
    put(packet, word);
  for (const std::uint32_t word : {0x0100007fu, 0u, 0u, 0u})
    put(packet, word);
  return packet;
}

// The stream id goes in words, each with its bytes turned round.
void put_extensions(Bytes& packet, std::string stream_id) {
  for (const std::uint32_t word : {0x00010003u, 0x00010501u, 0x000000bfu, 0x00780078u}) // HSREQ: 1.5.1, 120 ms
    put(packet, word);
  stream_id.resize((stream_id.size() + 3) / 4 * 4, '\0');
  put(packet, 0x00050000u | static_cast<std::uint32_t>(stream_id.size() / 4));
  for (std::size_t at = 0; at < stream_id.size(); at += 4)
    for (std::size_t i = 4; i-- > 0;)
      packet.push_back(static_cast<std::uint8_t>(stream_id[at + i]));
}

sockaddr_in address(const std::string& host, int port) {
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<std::uint16_t>(port));
  ::inet_pton(AF_INET, host.c_str(), &to.sin_addr);
  return to;
}

} // namespace

RawCaller::RawCaller(const std::string& from, int port) : fd_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
  const auto own = address(from, 0);
  const auto to = address("127.0.0.1", port);
  EXPECT_EQ(::bind(fd_.get(), reinterpret_cast<const sockaddr*>(&own), sizeof own), 0) << from;
  EXPECT_EQ(::connect(fd_.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to), 0);
}

std::optional<RawCaller::Answer> RawCaller::ask(const Bytes& packet) {
  EXPECT_EQ(::send(fd_.get(), packet.data(), packet.size(), 0), static_cast<ssize_t>(packet.size()));
  pollfd readable{fd_.get(), POLLIN, 0};
  while (::poll(&readable, 1, kAnswerWithinMs) == 1) {
    Bytes answer(1500);
    const auto n = ::recv(fd_.get(), answer.data(), answer.size(), 0);
    if (n < static_cast<ssize_t>(kHeaderBytes + kHandshakeBytes) || get(answer, 0) != kHandshakePacket) continue;
    return Answer{get(answer, kHeaderBytes + 28), static_cast<std::int32_t>(get(answer, kHeaderBytes + 20))};
  }
  return std::nullopt;
}

std::optional<int> RawCaller::knock(std::uint32_t version, const std::string& stream_id) {
  const auto induction = ask(handshake(4, kDatagrams, kInduction, 0));
  if (!induction) return std::nullopt;
  auto packet = handshake(version, version == 4 ? kDatagrams : kHasRequestAndConfig, kConclusion, induction->cookie);
  if (version != 4) put_extensions(packet, stream_id);
  const auto conclusion = ask(packet);
  if (!conclusion) return std::nullopt;
  return conclusion->type < static_cast<std::int32_t>(kReasonsFrom) ? 0
                                                                    : conclusion->type - static_cast<int>(kReasonsFrom);
}

} // namespace pult::ingest::test
