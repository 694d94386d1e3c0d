#include "base/wire.hpp"

#include <fmt/format.h>

namespace pult::wire {

void encode_header(const FrameHeader& header, std::uint8_t out[kHeaderBytes]) {
  for (int i = 0; i < 4; ++i)
    out[i] = static_cast<std::uint8_t>(header.payload_bytes >> (8 * i));
  for (int i = 0; i < 2; ++i)
    out[4 + i] = static_cast<std::uint8_t>(header.type >> (8 * i));
  out[6] = header.carries_fd ? 1 : 0;
  out[7] = 0;
}

Result<FrameHeader> decode_header(ByteView bytes, std::size_t max_payload_bytes) {
  Reader reader(bytes);
  FrameHeader header;
  header.payload_bytes = reader.get<std::uint32_t>();
  header.type = reader.get<std::uint16_t>();
  const auto flags = reader.get<std::uint16_t>();
  header.carries_fd = flags == 1;
  if (!reader.done() || flags > 1) return Error{Errc::kCorrupt, "wire: not a frame header"};
  if (header.payload_bytes > max_payload_bytes)
    return Error{Errc::kLimit,
                 fmt::format("wire: frame of {} bytes, at most {}", header.payload_bytes, max_payload_bytes)};
  return header;
}

Writer& Writer::put_bytes(ByteView bytes) {
  put(static_cast<std::uint32_t>(bytes.size()));
  return put_tail(bytes);
}

Writer& Writer::put_text(std::string_view text) {
  return put_bytes({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

Writer& Writer::put_tail(ByteView bytes) {
  bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
  return *this;
}

ByteView Reader::take(std::size_t count) {
  if (!ok_ || bytes_.size() - position_ < count) {
    ok_ = false;
    return {};
  }
  const auto view = bytes_.subspan(position_, count);
  position_ += count;
  return view;
}

ByteView Reader::get_bytes(std::size_t max_bytes) {
  const auto count = get<std::uint32_t>();
  if (count > max_bytes) ok_ = false;
  return take(count);
}

std::string Reader::get_text(std::size_t max_bytes) {
  const auto view = get_bytes(max_bytes);
  return {view.begin(), view.end()};
}

ByteView Reader::get_tail() {
  return take(ok_ ? bytes_.size() - position_ : 0);
}

} // namespace pult::wire
