// Reads and writes the bits of one H.264 NAL unit (ITU-T H.264 7.2, 7.4.1).
//
// The reader skips emulation prevention bytes as it goes and never reads past the end: what is missing reads as zero
// and is remembered, so a parser asks ok() once when it is done instead of after each field. Any thread, one owner.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/bytes.hpp"

namespace pult::packager {

class BitReader {
 public:
  // `payload` is the NAL unit behind its header byte, emulation prevention still in it.
  explicit BitReader(ByteView payload) : data_(payload) {}

  [[nodiscard]] std::uint32_t u(int bits); // at most 32
  [[nodiscard]] bool flag() { return u(1) != 0; }
  [[nodiscard]] std::uint32_t ue();
  [[nodiscard]] std::int32_t se();
  void skip(int bits) { (void)u(bits); }

  [[nodiscard]] bool ok() const { return !failed_; }
  // The whole bytes behind the byte being read.
  [[nodiscard]] Bytes following_bytes();
  // True while bits follow beyond the trailing stop bit (more_rbsp_data, 7.2).
  [[nodiscard]] bool more_data() const;

 private:
  bool load_byte();

  ByteView data_;
  std::size_t next_ = 0;  // the next byte to load
  int zeros_ = 0;         // zero bytes just before `next_`
  std::uint8_t byte_ = 0; // the byte being read
  int bit_ = 0;           // bits of byte_ not yet read
  bool failed_ = false;
};

class BitWriter {
 public:
  void u(int bits, std::uint32_t value);
  void flag(bool value) { u(1, value ? 1 : 0); }
  void ue(std::uint32_t value);
  void se(std::int32_t value);
  void align(bool fill); // up to the next byte with this bit
  void trailing();       // rbsp_trailing_bits: a one, then zeros
  void append(ByteView whole_bytes);

  [[nodiscard]] bool byte_aligned() const { return used_ == 0; }
  [[nodiscard]] const Bytes& rbsp() const { return bytes_; }

 private:
  Bytes bytes_;
  int used_ = 0; // bits used in the last byte; 0 when it is full
};

// A NAL unit: header byte, then the RBSP with emulation prevention put in (7.4.1.1).
[[nodiscard]] Bytes make_nal(std::uint8_t header, ByteView rbsp);

} // namespace pult::packager
