#include "transcode/decode/psi_watch.hpp"

#include <gtest/gtest.h>

using pult::Bytes;
using pult::ByteView;
using pult::transcode::decode::PsiWatch;

namespace {

std::uint32_t crc_of(const Bytes& bytes) {
  std::uint32_t crc = 0xffffffffu;
  for (const auto byte : bytes)
    for (int bit = 7; bit >= 0; --bit) {
      const bool top = (crc >> 31 & 1) != (byte >> bit & 1u);
      crc = crc << 1 ^ (top ? 0x04c11db7u : 0u);
    }
  return crc;
}

Bytes packet(int pid, Bytes section) {
  const auto length = section.size() - 3 + 4;
  section[1] = static_cast<std::uint8_t>(0xb0 | length >> 8);
  section[2] = static_cast<std::uint8_t>(length);
  const auto crc = crc_of(section);
  for (int shift = 24; shift >= 0; shift -= 8)
    section.push_back(static_cast<std::uint8_t>(crc >> shift));
  Bytes out{0x47, static_cast<std::uint8_t>(0x40 | pid >> 8), static_cast<std::uint8_t>(pid), 0x10, 0};
  out.insert(out.end(), section.begin(), section.end());
  out.resize(PsiWatch::kPacket, 0xff);
  return out;
}

Bytes pat(int map_pid) {
  return packet(0, {0x00, 0, 0, 0, 1, 0xc1, 0, 0, 0, 1, static_cast<std::uint8_t>(0xe0 | map_pid >> 8),
                    static_cast<std::uint8_t>(map_pid)});
}

Bytes map(int pid, std::uint8_t type, int video_pid) {
  return packet(pid, {0x02, 0, 0, 0, 1, 0xc1, 0, 0, 0xe1, 0, 0xf0, 0, type,
                      static_cast<std::uint8_t>(0xe0 | video_pid >> 8), static_cast<std::uint8_t>(video_pid), 0xf0, 0});
}

Bytes media(int pid) {
  Bytes out{0x47, static_cast<std::uint8_t>(pid >> 8), static_cast<std::uint8_t>(pid), 0x10};
  out.resize(PsiWatch::kPacket, 0x47); // full of false syncs
  return out;
}

Bytes join(std::initializer_list<Bytes> parts) {
  Bytes all;
  for (const auto& part : parts)
    all.insert(all.end(), part.begin(), part.end());
  return all;
}

} // namespace

TEST(PsiWatch, TheFirstMapIsNoChange) {
  PsiWatch watch;
  EXPECT_FALSE(watch.scan(join({pat(0x1000), map(0x1000, 0x1b, 0x100), media(0x100), map(0x1000, 0x1b, 0x100)})));
  EXPECT_TRUE(watch.has_map());
  EXPECT_EQ(watch.tables(), join({pat(0x1000), map(0x1000, 0x1b, 0x100)}));
}

TEST(PsiWatch, AnotherMapIsSeenAtItsPlace) {
  PsiWatch watch;
  const auto stream =
      join({pat(0x1000), map(0x1000, 0x1b, 0x100), media(0x100), map(0x1000, 0x24, 0x101), media(0x101)});
  const auto at = watch.scan(stream);
  ASSERT_TRUE(at);
  EXPECT_EQ(*at, 4 * PsiWatch::kPacket);
  EXPECT_FALSE(watch.scan(ByteView(stream).subspan(*at)));
  EXPECT_EQ(watch.tables(), join({pat(0x1000), map(0x1000, 0x24, 0x101)}));
}

TEST(PsiWatch, TornPacketsAndGarbageInFront) {
  PsiWatch watch;
  const auto stream = join({Bytes{1, 2, 3}, pat(0x1000), map(0x1000, 0x1b, 0x100), media(0x100)});
  for (std::size_t i = 0; i < stream.size(); i += 50)
    EXPECT_FALSE(watch.scan(ByteView(stream).subspan(i, std::min<std::size_t>(50, stream.size() - i))));
  EXPECT_TRUE(watch.has_map());
}

TEST(PsiWatch, AMapOnAnotherPidIsAChange) {
  PsiWatch watch;
  EXPECT_FALSE(watch.scan(join({pat(0x1000), map(0x1000, 0x1b, 0x100)})));
  EXPECT_TRUE(watch.scan(join({pat(0x20), map(0x20, 0x1b, 0x40)})));
}

TEST(PsiWatch, BrokenTablesAreIgnored) {
  PsiWatch watch;
  auto broken = map(0x1000, 0x24, 0x101);
  broken[20] ^= 1;
  EXPECT_FALSE(watch.scan(join({pat(0x1000), map(0x1000, 0x1b, 0x100), broken})));
  for (std::uint8_t length = 0; length < 60; ++length) {
    auto odd = map(0x1000, 0x24, 0x101);
    odd[7] = length;
    odd[4] = length * 5;
    EXPECT_FALSE(watch.scan(odd));
  }
}
