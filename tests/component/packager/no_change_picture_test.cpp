// The no-change picture, judged by libavcodec: bit-identical to its predecessor, without a complaint.
#include <gtest/gtest.h>

#include "packager/no_change_picture.hpp"
#include "test_media.hpp"

namespace pult::packager {
namespace {

using test::EncodedVideo;
using test::EncoderSettings;

struct Case {
  std::string name;
  EncoderSettings settings;
};

std::string case_name(const testing::TestParamInfo<Case>& tested) {
  return tested.param.name;
}

void PrintTo(const Case& value, std::ostream* out) {
  *out << value.name;
}

std::vector<Case> ladder_cases() {
  std::vector<Case> cases;
  for (const auto& [width, height, kbps] :
       {std::tuple{1920, 1080, 4500}, {1280, 720, 2500}, {854, 480, 1200}, {640, 360, 700}, {320, 180, 300}})
    for (const int fps : {25, 30, 50, 60}) {
      Case one{"H" + std::to_string(height) + "Fps" + std::to_string(fps), {}};
      one.settings.width = width;
      one.settings.height = height;
      one.settings.fps = fps;
      one.settings.kbps = kbps;
      cases.push_back(one);
    }
  return cases;
}

std::vector<Case> tool_cases() {
  std::vector<Case> cases{{"Ultrafast", {}},  {"Baseline", {}},       {"CavlcHigh", {}},  {"NoWeights", {}},
                          {"WeightsTwo", {}}, {"Main", {}},           {"FourSlices", {}}, {"OrderCount", {}},
                          {"Medium", {}},     {"OrderCountCavlc", {}}};
  cases[0].settings.preset = "ultrafast";
  cases[1].settings.profile = "baseline";
  cases[2].settings.extra = "cabac=0";
  cases[3].settings.extra = "weightp=0";
  cases[4].settings.extra = "weightp=2";
  cases[5].settings.profile = "main";
  cases[6].settings.extra = "slices=4";
  cases[7].settings.order_count = true;
  cases[8].settings.preset = "medium";
  cases[9].settings.order_count = true;
  cases[9].settings.extra = "cabac=0";
  return cases;
}

constexpr int kPictures = 14;
constexpr std::size_t kSecondIdr = 10;

class NoChangePictureDecoded : public testing::TestWithParam<Case> {
 protected:
  void SetUp() override {
    video_ = test::encode_video(GetParam().settings, kPictures, {static_cast<int>(kSecondIdr)});
    auto format = parse_video_format(video_.avcc);
    ASSERT_TRUE(format) << format.error().message;
    format_ = *format;
    auto writer = NoChangePicture::create(format_);
    ASSERT_TRUE(writer) << writer.error().message;
    writer_.emplace(std::move(*writer));
    plain_ = test::decode_video(video_.avcc, video_.samples).pictures;
    ASSERT_EQ(plain_.size(), video_.samples.size());
  }

  // Pictures 0..last, then `count` no-change pictures, then from the second IDR on.
  void expect_held(std::size_t last, int count) {
    std::vector<Bytes> stream(video_.samples.begin(), video_.samples.begin() + static_cast<std::ptrdiff_t>(last) + 1);
    std::vector<Bytes> expected(plain_.begin(), plain_.begin() + static_cast<std::ptrdiff_t>(last) + 1);
    auto header = parse_sample_header(stream.back(), format_);
    ASSERT_TRUE(header) << header.error().message;
    ASSERT_TRUE(header->reference);
    for (int i = 0; i < count; ++i) {
      *header = writer_->next_header(*header);
      stream.push_back(writer_->sample(*header));
      expected.push_back(plain_[last]);
    }
    stream.insert(stream.end(), video_.samples.begin() + kSecondIdr, video_.samples.end());
    expected.insert(expected.end(), plain_.begin() + kSecondIdr, plain_.end());
    const auto decoded = test::decode_video(video_.avcc, stream);
    EXPECT_EQ(decoded.complaints, 0);
    ASSERT_EQ(decoded.pictures.size(), expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i)
      EXPECT_TRUE(decoded.pictures[i] == expected[i]) << "picture " << i;
  }

  EncodedVideo video_;
  VideoFormat format_;
  std::optional<NoChangePicture> writer_;
  std::vector<Bytes> plain_;
};

TEST_P(NoChangePictureDecoded, HoldsAMovingPicture) {
  expect_held(7, 2);
}
TEST_P(NoChangePictureDecoded, HoldsTheIdrItself) {
  expect_held(0, 1);
}
TEST_P(NoChangePictureDecoded, ManyInARowOverTheWrapOfFrameNum) {
  ASSERT_LE(format_.sps.frame_num_bits, 5) << "40 pictures do not wrap frame_num";
  expect_held(3, 40);
}

TEST_P(NoChangePictureDecoded, IsReadBackByTheSliceHeaderParser) {
  SliceHeader last;
  last.reference = true;
  last.frame_num = (1U << format_.sps.frame_num_bits) - 1;
  last.poc_lsb = (1U << format_.sps.poc_lsb_bits) - 2;
  const SliceHeader next = writer_->next_header(last);
  EXPECT_EQ(next.frame_num, 0U);
  EXPECT_EQ(next.poc_lsb, 0U);
  auto read = parse_sample_header(writer_->sample(next), format_);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(*read, next);
}

TEST_P(NoChangePictureDecoded, TwoIdrsInARowWithANewIdrPicId) {
  auto header = parse_sample_header(video_.samples[0], format_);
  ASSERT_TRUE(header && header->idr);
  for (const std::uint32_t id : {header->idr_pic_id + 1, 300U, 65535U}) {
    auto again = with_idr_pic_id(video_.samples[0], format_, id);
    ASSERT_TRUE(again) << again.error().message;
    auto changed = parse_sample_header(*again, format_);
    ASSERT_TRUE(changed);
    EXPECT_EQ(changed->idr_pic_id, id);
    const auto decoded = test::decode_video(video_.avcc, {video_.samples[0], *again, video_.samples[1]});
    EXPECT_EQ(decoded.complaints, 0);
    ASSERT_EQ(decoded.pictures.size(), 3U);
    EXPECT_TRUE(decoded.pictures[1] == plain_[0]);
    EXPECT_TRUE(decoded.pictures[2] == plain_[1]);
  }
}

TEST_P(NoChangePictureDecoded, TheSameIdrPicIdGivesTheSameBytes) {
  auto header = parse_sample_header(video_.samples[kSecondIdr], format_);
  auto again = with_idr_pic_id(video_.samples[kSecondIdr], format_, header->idr_pic_id);
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_TRUE(*again == video_.samples[kSecondIdr]);
}

INSTANTIATE_TEST_SUITE_P(Ladder, NoChangePictureDecoded, testing::ValuesIn(ladder_cases()), case_name);
INSTANTIATE_TEST_SUITE_P(Tools, NoChangePictureDecoded, testing::ValuesIn(tool_cases()), case_name);

TEST(NoChangePicture, ToolsAreReallyDifferent) {
  const auto format = [](const char* extra, bool order_count) {
    EncoderSettings settings;
    settings.extra = extra;
    settings.order_count = order_count;
    return *parse_video_format(test::encode_video(settings, 1, {}).avcc);
  };
  EXPECT_TRUE(format("", false).pps.cabac);
  EXPECT_TRUE(format("", false).pps.weighted_pred);
  EXPECT_EQ(format("", false).sps.poc_type, 2U);
  EXPECT_FALSE(format("cabac=0", false).pps.cabac);
  EXPECT_FALSE(format("weightp=0", false).pps.weighted_pred);
  EXPECT_EQ(format("", true).sps.poc_type, 0U);
}

TEST(NoChangePicture, RefusesInterlacedEncoders) {
  EncoderSettings settings;
  settings.interlaced = true;
  auto format = parse_video_format(test::encode_video(settings, 1, {}).avcc);
  ASSERT_TRUE(format);
  auto writer = NoChangePicture::create(*format);
  ASSERT_FALSE(writer);
  EXPECT_EQ(writer.error().code, Errc::kRefused);
  EXPECT_NE(writer.error().message.find("does not know"), std::string::npos);
}

} // namespace
} // namespace pult::packager
