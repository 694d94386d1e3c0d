#include "base/wire.hpp"

#include <gtest/gtest.h>

namespace pult::wire {
namespace {

TEST(Wire, ReadsWhatWasWritten) {
  Writer out;
  out.put<std::uint8_t>(7).put<std::int16_t>(-2).put<std::uint32_t>(0xdeadbeef).put<std::int64_t>(-5'000'000'000);
  out.put_bool(true).put_text("Müller & Söhne").put_tail(Bytes{1, 2, 3});
  const auto bytes = std::move(out).take();
  Reader in(bytes);
  EXPECT_EQ(in.get<std::uint8_t>(), 7);
  EXPECT_EQ(in.get<std::int16_t>(), -2);
  EXPECT_EQ(in.get<std::uint32_t>(), 0xdeadbeefu);
  EXPECT_EQ(in.get<std::int64_t>(), -5'000'000'000);
  EXPECT_TRUE(in.get_bool());
  EXPECT_EQ(in.get_text(), "Müller & Söhne");
  const auto tail = in.get_tail();
  EXPECT_EQ(Bytes(tail.begin(), tail.end()), (Bytes{1, 2, 3}));
  EXPECT_TRUE(in.done());
}

TEST(Wire, EveryTruncationIsNoticed) {
  Writer out;
  out.put<std::uint32_t>(1).put_text("abc").put_bool(false);
  const auto bytes = std::move(out).take();
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    Reader in(ByteView(bytes).first(length));
    (void)in.get<std::uint32_t>();
    (void)in.get_text();
    (void)in.get_bool();
    EXPECT_FALSE(in.done()) << length;
  }
}

TEST(Wire, WhatIsLeftOverIsNoticed) {
  const Bytes bytes{1, 0};
  Reader in(bytes);
  (void)in.get<std::uint8_t>();
  EXPECT_TRUE(in.ok());
  EXPECT_FALSE(in.done());
}

TEST(Wire, LengthsBeyondTheirBoundFail) {
  Writer out;
  out.put_text(std::string(100, 'x'));
  const auto bytes = std::move(out).take();
  Reader in(bytes);
  EXPECT_EQ(in.get_text(99), "");
  EXPECT_FALSE(in.ok());
}

TEST(Wire, ABooleanIsZeroOrOne) {
  const Bytes bytes{2};
  Reader in(bytes);
  (void)in.get_bool();
  EXPECT_FALSE(in.ok());
}

TEST(FrameHeaderTest, GoesAroundAndIsChecked) {
  std::uint8_t raw[kHeaderBytes];
  encode_header({1234, 17, true}, raw);
  const auto header = decode_header(raw);
  ASSERT_TRUE(header.ok());
  EXPECT_EQ(header->payload_bytes, 1234u);
  EXPECT_EQ(header->type, 17);
  EXPECT_TRUE(header->carries_fd);
  EXPECT_EQ(decode_header(raw, 1233).error().code, Errc::kLimit);
  raw[7] = 1;
  EXPECT_EQ(decode_header(raw).error().code, Errc::kCorrupt);
  EXPECT_FALSE(decode_header(ByteView(raw).first(7)).ok());
}

} // namespace
} // namespace pult::wire
