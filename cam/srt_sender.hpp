// One SRT connection out: dialled, sent on, closed by its destructor. Never blocks longer than a tenth of a second.
//
// When libsrt's send buffer is full (a line that is too narrow), the payload is dropped and counted: a camera does not
// wait. One thread.
#pragma once

#include "base/result.hpp"
#include "cam/srt_raii.hpp"
#include "cam/srt_url.hpp"

#include <cstdint>
#include <functional>
#include <span>

namespace pult::cam {

// True when the program shall end.
using Stopped = std::function<bool()>;

class SrtSender {
 public:
  // Errc::kRefused: they said no, with the reason and its code; kUnavailable: nobody answered, or `stopped`.
  [[nodiscard]] static Result<SrtSender> dial(const SrtTarget& target, const Stopped& stopped);

  // Payloads of 1,316 bytes, the last one shorter. kUnavailable: the connection is lost.
  [[nodiscard]] Result<void> send(std::span<const uint8_t> transport_packets);

  [[nodiscard]] uint64_t dropped_payloads() const { return dropped_; }

 private:
  explicit SrtSender(SrtSocket socket) : socket_(std::move(socket)) {}
  [[nodiscard]] Result<void> send_payload(std::span<const uint8_t> payload);

  SrtSocket socket_;
  uint64_t dropped_ = 0;
};

// "wrong passphrase" for SRT_REJ_BADSECRET and so on; for people.
[[nodiscard]] std::string reject_reason(int code);

} // namespace pult::cam
