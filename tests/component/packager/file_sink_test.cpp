// A file that libavformat's own output functions write into, with bytes that are lent and bytes that are not.
#include "packager/jobs/file_sink.hpp"

#include "base/file.hpp"
#include "temp_folder.hpp"

#include <gtest/gtest.h>
#include <numeric>

namespace pult::packager::jobs {
namespace {

std::string text_of(ByteView bytes) {
  return {bytes.begin(), bytes.end()};
}

Bytes counted(std::size_t size) {
  Bytes bytes(size);
  std::iota(bytes.begin(), bytes.end(), std::uint8_t{1});
  return bytes;
}

class FileSinkTest : public testing::Test {
 protected:
  void open() {
    auto made = FileSink::create(file);
    ASSERT_TRUE(made) << made.error().message;
    sink = std::move(*made);
  }
  void write(ByteView bytes) { avio_write(sink->io(), bytes.data(), static_cast<int>(bytes.size())); }
  [[nodiscard]] std::string written() const { return read_file(file).value(); }

  test::TempFolder folder;
  std::filesystem::path file = folder.path() / "out";
  std::unique_ptr<FileSink> sink;
};

TEST_F(FileSinkTest, KeepsTheOrderOfLentAndOwnBytes) {
  open();
  const auto part = counted(300'000); // larger than any buffer
  const ByteView lent(part);
  avio_wb32(sink->io(), 0x61626364);
  sink->lend(lent);
  write(lent.subspan(0, 1000));
  write(lent.subspan(1000, 200'000)); // follows
  avio_w8(sink->io(), 'x');           // of the muxer's own
  write(lent.subspan(201'000, 5));
  write(lent.subspan(10, 7)); // back, and not in a row
  ASSERT_TRUE(sink->take_back());
  ASSERT_TRUE(sink->sync());
  const auto expected = "abcd" + text_of(lent.subspan(0, 201'000)) + "x" + text_of(lent.subspan(201'000, 5)) +
                        text_of(lent.subspan(10, 7));
  EXPECT_EQ(written(), expected);
}

TEST_F(FileSinkTest, WhatIsTakenBackMayChange) {
  open();
  auto part = counted(5000);
  const auto before = text_of(part);
  sink->lend(part);
  write(part);
  ASSERT_TRUE(sink->take_back());
  std::fill(part.begin(), part.end(), std::uint8_t{0});
  write(part); // not lent: written as it is now
  part[0] = 9;
  ASSERT_TRUE(sink->sync());
  EXPECT_EQ(written(), before + std::string(5000, '\0'));
}

// The space for the moov in front is filled in at the end.
TEST_F(FileSinkTest, GoesBackIntoTheFileAndOn) {
  open();
  const auto part = counted(70'000);
  write(Bytes(16, '.'));
  sink->lend(part);
  write(part);
  EXPECT_EQ(avio_seek(sink->io(), 4, SEEK_SET), 4);
  avio_wb32(sink->io(), 0x6d6f6f76);
  EXPECT_EQ(avio_seek(sink->io(), 70'016, SEEK_SET), 70'016);
  avio_w8(sink->io(), '!');
  ASSERT_TRUE(sink->take_back());
  ASSERT_TRUE(sink->sync());
  EXPECT_EQ(written(), "....moov........" + text_of(part) + "!");
}

TEST_F(FileSinkTest, AFullDiskIsSaid) {
  file = "/dev/full";
  open();
  const auto part = counted(1000);
  sink->lend(part);
  write(part);
  const auto taken = sink->take_back();
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().message, "write /dev/full: No space left on device");
}

TEST_F(FileSinkTest, AFolderThatIsNotThereIsSaid) {
  const auto made = FileSink::create(folder.path() / "none" / "out");
  ASSERT_FALSE(made);
  EXPECT_NE(made.error().message.find("none/out"), std::string::npos) << made.error().message;
}

} // namespace
} // namespace pult::packager::jobs
