// Pages of the real kernel: when a buffer gets them, that they hold its bytes, and that they are few.
#include "base/send_pages.hpp"

#include <gtest/gtest.h>

#include <sys/stat.h>
#include <unistd.h>

namespace pult::http {
namespace {

SharedBytes some(std::size_t size, std::uint8_t value) {
  return share(Bytes(size, value));
}

constexpr std::size_t kPart = 100'000;

TEST(SendPages, AreMadeWhenABufferIsAskedForAgain) {
  SendPages pages;
  const auto part = some(kPart, 7);
  EXPECT_EQ(pages.of(part), nullptr);
  const auto made = pages.of(part);
  ASSERT_NE(made, nullptr);
  EXPECT_EQ(pages.of(part), made);
  EXPECT_EQ(pages.held_bytes(), kPart);
  Bytes read(kPart + 1);
  EXPECT_EQ(::pread(made->get(), read.data(), read.size(), 0), static_cast<ssize_t>(kPart));
  read.resize(kPart);
  EXPECT_EQ(read, *part);
}

TEST(SendPages, CannotBeChanged) {
  SendPages pages;
  const auto part = some(kPart, 7);
  (void)pages.of(part);
  const auto made = pages.of(part);
  ASSERT_NE(made, nullptr);
  EXPECT_LT(::pwrite(made->get(), "x", 1, 0), 0);
  EXPECT_LT(::ftruncate(made->get(), 0), 0);
}

TEST(SendPages, AreNotForWhatIsSmall) {
  SendPages pages;
  const auto playlist = some(SendPages::kLeastBytes - 1, 7);
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(pages.of(playlist), nullptr);
}

TEST(SendPages, AreFew) {
  SendPages pages;
  std::vector<SharedBytes> parts;
  for (std::size_t i = 0; i < 3 * SendPages::kMostPages; ++i) {
    parts.push_back(some(200'000, static_cast<std::uint8_t>(i)));
    (void)pages.of(parts.back());
    ASSERT_NE(pages.of(parts.back()), nullptr) << "the newest always has its pages";
    ASSERT_LE(pages.held_bytes(), SendPages::kMostBytes);
  }
}

TEST(SendPages, AnotherBufferAtTheSameAddressGetsItsOwn) {
  SendPages pages;
  for (std::uint8_t value = 0; value < 100; ++value) { // the allocator gives the same place again and again
    const auto part = some(kPart, value);
    EXPECT_EQ(pages.of(part), nullptr);
    const auto made = pages.of(part);
    ASSERT_NE(made, nullptr);
    std::uint8_t first = 0;
    ASSERT_EQ(::pread(made->get(), &first, 1, 0), 1);
    EXPECT_EQ(first, value);
  }
}

TEST(SendPages, GoWithTheirBuffers) {
  SendPages pages;
  for (std::size_t i = 0; i < 10 * SendPages::kMostPages; ++i) {
    const auto part = some(SendPages::kLeastBytes, 1);
    (void)pages.of(part);
    (void)pages.of(part);
  }
  EXPECT_LE(pages.held_bytes(), SendPages::kMostPages * SendPages::kLeastBytes);
}

} // namespace
} // namespace pult::http
