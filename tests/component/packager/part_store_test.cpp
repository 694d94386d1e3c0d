// Live parts on a real (memory-backed) file system, killed at every byte.
#include <gtest/gtest.h>

#include <fstream>

#include "base/file.hpp"
#include "packager/part_store.hpp"
#include "temp_folder.hpp"

namespace pult::packager {
namespace {

namespace fs = std::filesystem;

constexpr int kPartsPerSegment = 6;

KeptPart make_part(int ordinal) {
  KeptPart kept;
  kept.part.sequence = 100 + ordinal / kPartsPerSegment;
  kept.part.number = ordinal % kPartsPerSegment;
  kept.part.last_of_segment = kept.part.number == kPartsPerSegment - 1;
  kept.part.independent = kept.part.number == 0;
  if (ordinal % 5 == 4) kept.part.filled = {{ordinal * 8, 3}, {ordinal * 8 + 5, 1}};
  kept.part.first_picture = 4800 + ordinal * 8;
  kept.part.begin = kept.part.first_picture * 3600;
  kept.part.duration = 8 * 3600;
  kept.part.discontinuity_before = ordinal == 0;
  kept.part.init_name = "init-0123456789abcdef.mp4";
  Bytes bytes;
  for (int i = 0; i < 40 + ordinal * 3; ++i)
    bytes.push_back(static_cast<std::uint8_t>(ordinal * 16 + i));
  kept.part.bytes = share(std::move(bytes));
  kept.span = {4800, 100};
  kept.state.started = true;
  kept.state.filling = !kept.part.filled.empty();
  kept.state.run = 0xFFFF'FFFF'0000'0001ULL;
  kept.state.last.reference = true;
  kept.state.last.idr = ordinal % 3 == 0;
  kept.state.last.frame_num = static_cast<std::uint32_t>(ordinal % 16);
  kept.state.filling_since = 4700;
  if (ordinal % 4 == 3) kept.state.slate = SlateKind::kPause;
  kept.usual = std::chrono::microseconds(123456);
  return kept;
}

IdrPlace idr_place(int ordinal) {
  return ordinal % kPartsPerSegment == 0 ? IdrPlace{10, 7} : IdrPlace{};
}

void write_parts(const fs::path& folder, int begin, int end, int keep = 100) {
  auto store = TrackStore::open(folder, keep);
  ASSERT_TRUE(store);
  ASSERT_TRUE(store->load());
  for (int ordinal = begin; ordinal < end; ++ordinal)
    ASSERT_TRUE(store->append(make_part(ordinal), idr_place(ordinal)));
}

void expect_parts(const std::vector<KeptPart>& kept, int begin, int end) {
  ASSERT_EQ(kept.size(), static_cast<std::size_t>(end - begin));
  for (int ordinal = begin; ordinal < end; ++ordinal) {
    const KeptPart& got = kept[static_cast<std::size_t>(ordinal - begin)];
    const KeptPart want = make_part(ordinal);
    EXPECT_EQ(*got.part.bytes, *want.part.bytes) << ordinal;
    EXPECT_EQ(got.state, want.state);
    EXPECT_EQ(got.part.sequence, want.part.sequence);
    EXPECT_EQ(got.part.number, want.part.number);
    EXPECT_EQ(got.part.first_picture, want.part.first_picture);
    EXPECT_EQ(got.part.begin, want.part.begin);
    EXPECT_EQ(got.part.duration, want.part.duration);
    EXPECT_EQ(got.part.last_of_segment, want.part.last_of_segment);
    EXPECT_EQ(got.part.independent, want.part.independent);
    EXPECT_EQ(got.part.filled, want.part.filled);
    EXPECT_EQ(got.part.discontinuity_before, want.part.discontinuity_before);
    EXPECT_EQ(got.part.init_name, want.part.init_name);
    EXPECT_EQ(got.usual, want.usual);
    EXPECT_EQ(got.span.first, want.span.first);
    EXPECT_EQ(got.span.first_sequence, want.span.first_sequence);
  }
}

std::vector<KeptPart> load(const fs::path& folder) {
  auto store = TrackStore::open(folder, 100);
  EXPECT_TRUE(store);
  auto kept = store->load();
  EXPECT_TRUE(kept) << kept.error().message;
  return kept ? *kept : std::vector<KeptPart>{};
}

TEST(TrackStore, WhatWasAppendedComesBack) {
  const test::TempFolder folder;
  write_parts(folder.path(), 0, 20);
  expect_parts(load(folder.path()), 0, 20);
}

TEST(TrackStore, AReopenedStoreGoesOnInTheSameSegment) {
  const test::TempFolder folder;
  write_parts(folder.path(), 0, 8);
  write_parts(folder.path(), 8, 9);
  write_parts(folder.path(), 9, 15);
  expect_parts(load(folder.path()), 0, 15);
}

TEST(TrackStore, TheLastIdrIsFoundInTheParts) {
  const test::TempFolder folder;
  write_parts(folder.path(), 0, 10);
  const SharedBytes idr = TrackStore::last_idr(load(folder.path()));
  ASSERT_NE(idr, nullptr);
  const Bytes part = *make_part(6).part.bytes;
  EXPECT_EQ(*idr, Bytes(part.begin() + 10, part.begin() + 17));
  EXPECT_EQ(TrackStore::last_idr({}), nullptr);
}

// A kill tears the files anywhere: in the media, or in the line behind it. What is whole stays, byte for byte, and the
// next life appends behind it.
TEST(TrackStore, AKillAtEveryByteLosesOnlyWhatWasNotPublished) {
  const test::TempFolder whole;
  write_parts(whole.path(), 0, 9);
  const auto media_before = make_part(6).part.bytes->size() + make_part(7).part.bytes->size();
  const auto index = read_file(whole.path() / "101.idx");
  ASSERT_TRUE(index);
  const auto last_line = index->rfind('\n', index->size() - 2) + 1;
  const auto try_cut = [&](std::uint64_t media_size, std::uint64_t index_size) {
    const test::TempFolder torn;
    fs::copy(whole.path(), torn.path(), fs::copy_options::recursive | fs::copy_options::overwrite_existing);
    fs::resize_file(torn.path() / "101.m4s", media_size);
    fs::resize_file(torn.path() / "101.idx", index_size);
    const bool published = index_size == index->size();
    expect_parts(load(torn.path()), 0, published ? 9 : 8);
    write_parts(torn.path(), published ? 9 : 8, 14);
    expect_parts(load(torn.path()), 0, 14);
  };
  const auto media_whole = media_before + make_part(8).part.bytes->size();
  for (std::uint64_t size = media_before; size <= media_whole; ++size)
    try_cut(size, last_line);
  for (std::uint64_t size = last_line; size <= index->size(); ++size)
    try_cut(media_whole, size);
}

TEST(TrackStore, AKillInTheFirstLineOfASegmentForgetsTheSegment) {
  const test::TempFolder whole;
  write_parts(whole.path(), 0, 7);
  const auto index = read_file(whole.path() / "101.idx");
  const auto lines_end = index->find('\n') + 1;
  for (std::uint64_t size = 0; size <= lines_end; ++size) {
    const test::TempFolder torn;
    fs::copy(whole.path(), torn.path(), fs::copy_options::recursive | fs::copy_options::overwrite_existing);
    fs::resize_file(torn.path() / "101.idx", size);
    expect_parts(load(torn.path()), 0, 6);
    write_parts(torn.path(), 6, 8);
    expect_parts(load(torn.path()), 0, 8);
  }
}

TEST(TrackStore, LinesThatDoNotHoldAreCutOff) {
  for (const char* bad : {"part 3 1 2\n", "garbage\n", "part 3 4824 9999999 5 0 0 0 0 0 0 0 0 0 -1 0 0 0\n", "\n",
                          "part 3 4824 0 5 0 0 0 0 0 0 0 0 0 -1 0 0 0\n"}) {
    const test::TempFolder folder;
    write_parts(folder.path(), 0, 3);
    std::ofstream(folder.path() / "100.idx", std::ios::app) << bad;
    expect_parts(load(folder.path()), 0, 3);
    write_parts(folder.path(), 3, 5);
    expect_parts(load(folder.path()), 0, 5);
  }
}

TEST(TrackStore, OldSegmentsGoAndAGapForgetsWhatIsBeforeIt) {
  const test::TempFolder folder;
  write_parts(folder.path(), 0, 60, 4);
  expect_parts(load(folder.path()), 36, 60);
  fs::remove(folder.path() / "107.idx");
  expect_parts(load(folder.path()), 48, 60);
}

} // namespace
} // namespace pult::packager
