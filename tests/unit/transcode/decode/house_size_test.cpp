#include "transcode/decode/house_format.hpp"

#include <gtest/gtest.h>

using pult::PictureSize;
using pult::transcode::decode::house_size;

namespace {
constexpr PictureSize kFullHd{1920, 1080};
}

TEST(HouseSize, WhatFitsStays) {
  EXPECT_EQ(house_size({1920, 1080}, 1, 1, kFullHd), (PictureSize{1920, 1080}));
  EXPECT_EQ(house_size({640, 360}, 1, 1, kFullHd), (PictureSize{640, 360}));
}

TEST(HouseSize, OddSizesLoseTheLastColumn) {
  EXPECT_EQ(house_size({853, 481}, 1, 1, kFullHd), (PictureSize{852, 480}));
  EXPECT_EQ(house_size({3, 3}, 1, 1, kFullHd), (PictureSize{2, 2}));
}

TEST(HouseSize, LargerIsScaledWithItsAspect) {
  EXPECT_EQ(house_size({3840, 2160}, 1, 1, kFullHd), (PictureSize{1920, 1080}));
  EXPECT_EQ(house_size({4096, 2160}, 1, 1, kFullHd), (PictureSize{1920, 1012}));
  EXPECT_EQ(house_size({1080, 1920}, 1, 1, kFullHd), (PictureSize{608, 1080}));
}

TEST(HouseSize, PixelsBecomeSquare) {
  EXPECT_EQ(house_size({720, 576}, 64, 45, kFullHd), (PictureSize{1024, 576}));
  EXPECT_EQ(house_size({1440, 1080}, 4, 3, kFullHd), (PictureSize{1920, 1080}));
}

TEST(HouseSize, BrokenAspectsStayInBounds) {
  for (const auto& [n, d] : {std::pair{1, 100000}, {100000, 1}, {0, 1}, {1, 0}, {-3, 2}}) {
    const auto size = house_size({1920, 1080}, n, d, kFullHd);
    EXPECT_GE(size.width, 2);
    EXPECT_GE(size.height, 2);
    EXPECT_LE(size.width, 1920);
    EXPECT_LE(size.height, 1080);
    EXPECT_EQ(size.width % 2 + size.height % 2, 0);
  }
}
