// A caller that speaks SRT's handshake by hand, for what libsrt's own callers cannot do: an old version, thousands of
// knocks a second, addresses of one's choice. SRT draft, 3.2.1 (handshake) and 4.3.1 (caller-listener).
#pragma once

#include "base/bytes.hpp"
#include "base/unique_fd.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace pult::ingest::test {

class RawCaller {
 public:
  // From a loopback address ("127.0.0.7") to 127.0.0.1:port.
  RawCaller(const std::string& from, int port);

  // One knock: the reject reason that the listener answers; 0 when it lets the caller in; nothing when it does not
  // answer within a second. Version 4 is SRT before 1.3, which has no stream id.
  std::optional<int> knock(std::uint32_t version, const std::string& stream_id);

 private:
  struct Answer {
    std::uint32_t cookie = 0;
    std::int32_t type = 0; // 1: induction; −1: conclusion; above 1000: a reject reason
  };
  std::optional<Answer> ask(const Bytes& packet);
  UniqueFd fd_;
};

} // namespace pult::ingest::test
