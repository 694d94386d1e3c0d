// Headers of real x264 streams (veryfast, zerolatency), read, and cut and bent in every way.
#include <gtest/gtest.h>

#include <random>

#include "packager/h264_headers.hpp"
#include "packager/no_change_picture.hpp"
#include "real_headers.hpp"

namespace pult::packager {
namespace {

using namespace test;

Bytes avcc() {
  return *make_avcc({4, {kSps}, {kPps}});
}

TEST(H264Bits, WhatIsWrittenIsRead) {
  BitWriter writer;
  for (std::uint32_t value = 0; value < 300; ++value)
    writer.ue(value);
  for (std::int32_t value = -150; value < 150; ++value)
    writer.se(value);
  writer.u(32, 0xDEADBEEF);
  writer.trailing();
  const Bytes nal = make_nal(0x41, writer.rbsp());
  BitReader reader(ByteView(nal).subspan(1));
  for (std::uint32_t value = 0; value < 300; ++value)
    EXPECT_EQ(reader.ue(), value);
  for (std::int32_t value = -150; value < 150; ++value)
    EXPECT_EQ(reader.se(), value);
  EXPECT_EQ(reader.u(32), 0xDEADBEEF);
  EXPECT_TRUE(reader.ok());
  EXPECT_FALSE(reader.more_data());
}

TEST(H264Bits, EmulationPreventionIsPutInAndTakenOut) {
  const Bytes rbsp{0, 0, 0, 0, 0, 1, 0, 0, 2, 0, 0, 3, 0, 0, 4, 0, 0};
  const Bytes nal = make_nal(0x41, rbsp);
  for (std::size_t i = 0; i + 2 < nal.size(); ++i)
    EXPECT_FALSE(nal[i] == 0 && nal[i + 1] == 0 && nal[i + 2] < 3) << "start code inside, at " << i;
  EXPECT_NE(nal.back(), 0);
  BitReader reader(ByteView(nal).subspan(1));
  for (const std::uint8_t byte : rbsp)
    EXPECT_EQ(reader.u(8), byte);
  EXPECT_TRUE(reader.ok());
  (void)reader.u(1);
  EXPECT_FALSE(reader.ok());
}

TEST(H264Bits, TheEndReadsAsZeroAndIsRemembered) {
  const Bytes one{0xFF};
  BitReader reader(one);
  EXPECT_EQ(reader.u(8), 0xFFU);
  EXPECT_EQ(reader.u(32), 0U);
  EXPECT_EQ(reader.ue(), 0U);
  EXPECT_FALSE(reader.ok());
  const Bytes zeros(64, 0);
  BitReader endless(zeros);
  EXPECT_EQ(endless.ue(), 0U);
  EXPECT_FALSE(endless.ok());
}

TEST(H264Headers, RealParameterSets) {
  auto sps = parse_sps(kSps);
  ASSERT_TRUE(sps) << sps.error().message;
  EXPECT_EQ(sps->profile_idc, 100);
  EXPECT_EQ(sps->width_mbs, 120U);
  EXPECT_EQ(sps->height_map_units, 68U);
  EXPECT_EQ(sps->poc_type, 2U);
  EXPECT_EQ(sps->frame_num_bits, 4);
  auto pps = parse_pps(kPps);
  ASSERT_TRUE(pps) << pps.error().message;
  EXPECT_TRUE(pps->cabac);
  EXPECT_TRUE(pps->weighted_pred);
  EXPECT_TRUE(pps->deblocking_control);
  auto idr = parse_slice_header(kIdr, *sps, *pps);
  ASSERT_TRUE(idr) << idr.error().message;
  EXPECT_TRUE(idr->idr && idr->reference);
  EXPECT_EQ(idr->frame_num, 0U);
  auto slice = parse_slice_header(kSlice, *sps, *pps);
  ASSERT_TRUE(slice) << slice.error().message;
  EXPECT_FALSE(slice->idr);
  EXPECT_EQ(slice->frame_num, 1U);
  EXPECT_EQ(slice->slice_type % 5, 0U);
}

TEST(H264Headers, AvccComesBack) {
  auto config = parse_avcc(avcc());
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->length_size, 4);
  EXPECT_EQ(config->sps, std::vector<Bytes>{kSps});
  EXPECT_EQ(config->pps, std::vector<Bytes>{kPps});
  EXPECT_EQ(*make_avcc(*config), avcc());
}

TEST(H264Headers, SamplesAndAnnexBComeBack) {
  const Bytes sample = join_sample({kIdr, kSlice});
  auto nals = split_sample(sample, 4);
  ASSERT_TRUE(nals);
  ASSERT_EQ(nals->size(), 2U);
  EXPECT_TRUE(std::equal((*nals)[1].begin(), (*nals)[1].end(), kSlice.begin(), kSlice.end()));
  Bytes stream{0, 0, 0, 1};
  stream.insert(stream.end(), kSps.begin(), kSps.end());
  stream.insert(stream.end(), {0, 0, 1});
  stream.insert(stream.end(), kPps.begin(), kPps.end());
  const auto units = split_annex_b(stream);
  ASSERT_EQ(units.size(), 2U);
  EXPECT_EQ(units[0].size(), kSps.size());
  EXPECT_EQ(units[1].size(), kPps.size());
  EXPECT_TRUE(split_annex_b({}).empty());
}

// Copies of their own size, so that a sanitizer sees each read behind the end.
template <typename Parse>
void cut_everywhere(const Bytes& whole, Parse parse) {
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    (void)parse(cut);
  }
}

TEST(H264Headers, TruncationsAreRefused) {
  const VideoFormat format{*parse_sps(kSps), *parse_pps(kPps)};
  for (std::size_t size = 0; size < 6; ++size)
    EXPECT_FALSE(parse_sps(ByteView(kSps).first(size)));
  for (std::size_t size = 0; size < 3; ++size)
    EXPECT_FALSE(parse_pps(ByteView(kPps).first(size)));
  for (std::size_t size = 0; size < 3; ++size)
    EXPECT_FALSE(parse_slice_header(ByteView(kIdr).first(size), format.sps, format.pps));
  const Bytes record = avcc();
  for (std::size_t size = 0; size + 4 < record.size(); ++size)
    EXPECT_FALSE(parse_avcc(ByteView(record).first(size))) << size;
  const Bytes sample = join_sample({kSlice});
  for (std::size_t size = 0; size < sample.size(); ++size)
    EXPECT_FALSE(split_sample(ByteView(sample).first(size), 4)) << size;
  cut_everywhere(kSps, [](const Bytes& cut) { return parse_sps(cut); });
  cut_everywhere(kPps, [](const Bytes& cut) { return parse_pps(cut); });
  cut_everywhere(join_sample({kIdr}), [&](const Bytes& cut) { return with_idr_pic_id(cut, format, 9); });
}

TEST(H264Headers, RandomlyBentBytesNeverReadPastTheEnd) {
  std::mt19937 random(7);
  const auto bend = [&](Bytes bytes) {
    for (int i = 0; i < 3; ++i)
      bytes[random() % bytes.size()] = static_cast<std::uint8_t>(random());
    bytes.resize(1 + random() % bytes.size());
    return bytes;
  };
  int taken = 0;
  for (int round = 0; round < 3000; ++round) {
    auto sps = parse_sps(bend(kSps));
    auto pps = parse_pps(bend(kPps));
    (void)parse_avcc(bend(avcc()));
    (void)split_sample(bend(join_sample({kIdr})), 4);
    if (!sps || !pps) continue;
    ++taken;
    EXPECT_LE(sps->width_mbs, 513U);
    EXPECT_LE(sps->frame_num_bits, 16);
    (void)parse_slice_header(bend(kSlice), *sps, *pps);
    (void)with_idr_pic_id(bend(join_sample({kIdr})), {*sps, *pps}, 3);
    if (round % 64 == 0) (void)NoChangePicture::create({*sps, *pps});
  }
  EXPECT_GT(taken, 50);
}

TEST(NoChangePicture, RefusesWhatItDoesNotKnow) {
  const VideoFormat known{*parse_sps(kSps), *parse_pps(kPps)};
  EXPECT_TRUE(NoChangePicture::create(known));
  for (const auto& bend : std::vector<void (*)(VideoFormat&)>{
           [](VideoFormat& format) { format.sps.poc_type = 1; },
           [](VideoFormat& format) { format.sps.frame_mbs_only = false; },
           [](VideoFormat& format) { format.sps.reference_frames = 0; },
           [](VideoFormat& format) { format.sps.separate_colour_planes = true; },
           [](VideoFormat& format) { format.pps.slice_groups = 2; },
       }) {
    VideoFormat unknown = known;
    bend(unknown);
    EXPECT_FALSE(NoChangePicture::create(unknown));
  }
}

TEST(NoChangePicture, IsSmall) {
  auto writer = NoChangePicture::create({*parse_sps(kSps), *parse_pps(kPps)});
  ASSERT_TRUE(writer);
  EXPECT_LE(writer->nal(writer->next_header({})).size(), 64U);
}

} // namespace
} // namespace pult::packager
