#include "packager/h264_bits.hpp"

#include <bit>
#include <cassert>

namespace pult::packager {

bool BitReader::load_byte() {
  if (zeros_ >= 2 && next_ < data_.size() && data_[next_] == 3) { // emulation_prevention_three_byte
    ++next_;
    zeros_ = 0;
  }
  if (next_ >= data_.size()) {
    failed_ = true;
    return false;
  }
  byte_ = data_[next_++];
  zeros_ = byte_ == 0 ? zeros_ + 1 : 0;
  bit_ = 8;
  return true;
}

std::uint32_t BitReader::u(int bits) {
  assert(bits >= 0 && bits <= 32);
  std::uint32_t value = 0;
  for (; bits > 0; --bits) {
    if (failed_ || (bit_ == 0 && !load_byte())) return 0;
    --bit_;
    value = value << 1 | (byte_ >> bit_ & 1U);
  }
  return value;
}

std::uint32_t BitReader::ue() {
  int zeros = 0;
  while (!failed_ && !flag()) {
    if (++zeros > 31) failed_ = true; // longer codes stand for nothing that H.264 allows (9.1)
  }
  if (failed_) return 0;
  return (1U << zeros) - 1 + u(zeros);
}

std::int32_t BitReader::se() {
  const std::uint32_t code = ue();
  const auto half = static_cast<std::int32_t>((code >> 1) + (code & 1U));
  return (code & 1U) != 0 ? half : -half;
}

Bytes BitReader::following_bytes() {
  Bytes bytes;
  bytes.reserve(data_.size() - next_);
  while (load_byte())
    bytes.push_back(byte_);
  failed_ = bytes.empty();
  bit_ = 0;
  return bytes;
}

bool BitReader::more_data() const {
  BitReader ahead = *this;
  if (!ahead.flag() && ahead.ok()) return true;
  while (ahead.ok()) {
    if (ahead.flag()) return true;
  }
  return false;
}

void BitWriter::u(int bits, std::uint32_t value) {
  assert(bits >= 0 && bits <= 32);
  while (bits-- > 0) {
    if (used_ == 0) bytes_.push_back(0);
    bytes_.back() = static_cast<std::uint8_t>(bytes_.back() | (value >> bits & 1U) << (7 - used_));
    used_ = (used_ + 1) & 7;
  }
}

void BitWriter::ue(std::uint32_t value) {
  assert(value < UINT32_MAX);
  const int width = std::bit_width(value + 1);
  u(width - 1, 0);
  u(width, value + 1);
}

void BitWriter::se(std::int32_t value) {
  ue(value > 0 ? 2 * static_cast<std::uint32_t>(value) - 1 : 2 * static_cast<std::uint32_t>(-value));
}

void BitWriter::align(bool fill) {
  while (used_ != 0)
    flag(fill);
}

void BitWriter::trailing() {
  flag(true);
  align(false);
}

void BitWriter::append(ByteView whole_bytes) {
  assert(byte_aligned());
  bytes_.insert(bytes_.end(), whole_bytes.begin(), whole_bytes.end());
}

Bytes make_nal(std::uint8_t header, ByteView rbsp) {
  Bytes nal;
  nal.reserve(rbsp.size() + rbsp.size() / 64 + 8);
  nal.push_back(header);
  int zeros = 0;
  for (const std::uint8_t byte : rbsp) {
    if (zeros >= 2 && byte <= 3) {
      nal.push_back(3);
      zeros = 0;
    }
    nal.push_back(byte);
    zeros = byte == 0 ? zeros + 1 : 0;
  }
  if (zeros > 0) nal.push_back(3); // after a cabac_zero_word
  return nal;
}

} // namespace pult::packager
