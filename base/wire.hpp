// The frames that cross between our programs: length-prefixed, little-endian, strictly checked.
//
// A frame is { u32 payload length, u16 type, u16 flags } and its payload; the one flag says that a descriptor comes
// with it. Types are per crossing (base/messages/). A frame that is longer than the crossing's bound, or a payload that
// does not parse to its end, closes the connection with a reason; nothing of it is used. Pure; any thread.
#pragma once

#include "base/bytes.hpp"
#include "base/result.hpp"

#include <bit>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pult::wire {

inline constexpr std::size_t kHeaderBytes = 8;
// The largest payload of any crossing: an IDR of a 4K programme at its worst is well below.
inline constexpr std::size_t kMaxPayloadBytes = 8u << 20;

struct FrameHeader {
  std::uint32_t payload_bytes = 0;
  std::uint16_t type = 0;
  bool carries_fd = false;
};

void encode_header(const FrameHeader& header, std::uint8_t out[kHeaderBytes]);
Result<FrameHeader> decode_header(ByteView bytes, std::size_t max_payload_bytes = kMaxPayloadBytes);

// One whole frame, ready to be sent. The payload is shared, so that one packet can wait in several queues.
struct Frame {
  std::uint16_t type = 0;
  SharedBytes payload;
};

template <typename T>
concept WireInteger = std::integral<T> && !std::same_as<T, bool>;

class Writer {
 public:
  template <WireInteger T>
  Writer& put(T value) {
    for (std::size_t i = 0; i < sizeof(T); ++i)
      bytes_.push_back(static_cast<std::uint8_t>(static_cast<std::make_unsigned_t<T>>(value) >> (8 * i)));
    return *this;
  }
  Writer& put_bool(bool value) { return put<std::uint8_t>(value ? 1 : 0); }
  Writer& put_bytes(ByteView bytes);       // u32 length, bytes
  Writer& put_text(std::string_view text); // the same
  Writer& put_tail(ByteView bytes);        // bytes to the end of the payload; must be the last

  [[nodiscard]] Bytes take() && { return std::move(bytes_); }

 private:
  Bytes bytes_;
};

// Reads what Writer wrote. After a failed read every further one fails; ask ok() once at the end, with done() to
// hold that nothing was left over.
class Reader {
 public:
  explicit Reader(ByteView bytes) : bytes_(bytes) {}

  template <WireInteger T>
  T get() {
    const auto raw = take(sizeof(T));
    std::make_unsigned_t<T> value = 0;
    for (std::size_t i = 0; i < raw.size(); ++i)
      value |= static_cast<std::make_unsigned_t<T>>(raw[i]) << (8 * i);
    return static_cast<T>(value);
  }
  bool get_bool() {
    const auto raw = get<std::uint8_t>();
    if (raw > 1) ok_ = false;
    return raw == 1;
  }
  ByteView get_bytes(std::size_t max_bytes = kMaxPayloadBytes); // a view into the payload
  std::string get_text(std::size_t max_bytes = 4096);
  ByteView get_tail();

  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] bool done() const { return ok_ && position_ == bytes_.size(); }
  void fail() { ok_ = false; }

 private:
  ByteView take(std::size_t count);
  ByteView bytes_;
  std::size_t position_ = 0;
  bool ok_ = true;
};

} // namespace pult::wire
