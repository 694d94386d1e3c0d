// A real libsrt listener on loopback, on a port that the system chooses. One connection at a time. One thread.
#pragma once

#include "cam/srt_raii.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace pult::cam::test {

struct Payload {
  std::chrono::nanoseconds arrived; // wall clock
  std::vector<uint8_t> bytes;
};

class SrtReceiver {
 public:
  struct Rules {
    std::string passphrase;
    int reject_code = 0; // 0: let in
    int port = 0;        // 0: the system's choice
  };
  explicit SrtReceiver(Rules rules);
  SrtReceiver() : SrtReceiver(Rules{}) {}
  ~SrtReceiver();

  [[nodiscard]] int port() const { return port_; }
  [[nodiscard]] std::string url(const std::string& more = "") const;
  [[nodiscard]] std::string stream_id() const { return stream_id_; }

  bool waits_for_connection();
  // Until so much media has arrived, by the number of payload bytes' arrival span.
  std::vector<Payload> receive(std::chrono::milliseconds span);
  // The connection's end, seen within the deadline.
  bool waits_for_end();

 private:
  // Empty when nothing came within 100 ms; `over` when the connection is gone.
  Payload receive_one(bool& over);

  Rules rules_;
  SrtLibrary library_;
  SrtSocket listener_;
  SrtSocket connection_;
  int port_ = 0;
  std::string stream_id_;
};

} // namespace pult::cam::test
