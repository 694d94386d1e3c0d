#include "transcode/decode/coded_unit.hpp"

#include <gtest/gtest.h>

using pult::Bytes;
using pult::transcode::decode::count_pictures;
using pult::transcode::decode::PictureCodec;

TEST(CodedUnit, AWholeH264PictureWithItsParameterSets) {
  // AUD, SPS, PPS, SEI, IDR slice with first_mb_in_slice 0 and a second one with 1
  const Bytes unit{0, 0, 0, 1,    9, 0x10, 0, 0,    1,    0x67, 0x80, 0, 0, 1,    0x68, 0x80, 0,
                   0, 1, 6, 0x80, 0, 0,    1, 0x65, 0x88, 1,    0,    0, 1, 0x65, 0x40, 1};
  EXPECT_EQ(count_pictures(PictureCodec::kH264, unit), 1);
}

TEST(CodedUnit, TwoPicturesAndNone) {
  EXPECT_EQ(count_pictures(PictureCodec::kH264, Bytes{0, 0, 1, 0x41, 0x9a, 7, 0, 0, 1, 0x41, 0x9b}), 2);
  EXPECT_EQ(count_pictures(PictureCodec::kH264, Bytes{0, 0, 1, 0x41, 0x5a, 7}), 0);
  EXPECT_EQ(count_pictures(PictureCodec::kH264, Bytes{}), 0);
}

TEST(CodedUnit, H265) {
  EXPECT_EQ(count_pictures(PictureCodec::kH265, Bytes{0, 0, 1, 0x40, 1, 0x80, 0, 0, 1, 0x26, 1, 0xaf}), 1);
  EXPECT_EQ(count_pictures(PictureCodec::kH265, Bytes{0, 0, 1, 0x02, 1, 0x2f}), 0);
}

TEST(CodedUnit, TornEndsAreReadWithinTheirBounds) {
  const Bytes unit{0, 0, 1, 0x65, 0x88, 0, 0, 1, 0x65};
  for (std::size_t size = 0; size <= unit.size(); ++size)
    EXPECT_LE(count_pictures(PictureCodec::kH264, pult::ByteView(unit).first(size)), 1);
  EXPECT_EQ(count_pictures(PictureCodec::kH265, Bytes{0, 0, 1, 0x26}), 0);
  EXPECT_EQ(count_pictures(PictureCodec::kH264, Bytes{1, 1, 1, 1, 1, 1, 0, 0, 1}), 0);
}
