#include "packager/no_change_picture.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace pult::packager {

namespace {

// rangeTabLPS (H.264 table 9-44).
using LpsRow = std::array<std::uint8_t, 4>;
constexpr std::array<LpsRow, 64> kRangeLps{{
    {128, 176, 208, 240}, {128, 167, 197, 227}, {128, 158, 187, 216}, {123, 150, 178, 205}, {116, 142, 169, 195},
    {111, 135, 160, 185}, {105, 128, 152, 175}, {100, 122, 144, 166}, {95, 116, 137, 158},  {90, 110, 130, 150},
    {85, 104, 123, 142},  {81, 99, 117, 135},   {77, 94, 111, 128},   {73, 89, 105, 122},   {69, 85, 100, 116},
    {66, 80, 95, 110},    {62, 76, 90, 104},    {59, 72, 86, 99},     {56, 69, 81, 94},     {53, 65, 77, 89},
    {51, 62, 73, 85},     {48, 59, 69, 80},     {46, 56, 66, 76},     {43, 53, 63, 72},     {41, 50, 59, 69},
    {39, 48, 56, 65},     {37, 45, 54, 62},     {35, 43, 51, 59},     {33, 41, 48, 56},     {32, 39, 46, 53},
    {30, 37, 43, 50},     {29, 35, 41, 48},     {27, 33, 39, 45},     {26, 31, 37, 43},     {24, 30, 35, 41},
    {23, 28, 33, 39},     {22, 27, 32, 37},     {21, 26, 30, 35},     {20, 24, 29, 33},     {19, 23, 27, 31},
    {18, 22, 26, 30},     {17, 21, 25, 28},     {16, 20, 23, 27},     {15, 19, 22, 25},     {14, 18, 21, 24},
    {14, 17, 20, 23},     {13, 16, 19, 22},     {12, 15, 18, 21},     {12, 14, 17, 20},     {11, 14, 16, 19},
    {11, 13, 15, 18},     {10, 12, 15, 17},     {10, 12, 14, 16},     {9, 11, 13, 15},      {9, 11, 12, 14},
    {8, 10, 12, 14},      {8, 9, 11, 13},       {7, 9, 11, 12},       {7, 9, 10, 12},       {7, 8, 10, 11},
    {6, 8, 9, 11},        {6, 7, 9, 10},        {6, 7, 8, 9},         {2, 2, 2, 2},
}};

constexpr std::uint8_t kNalHeader = 0x41; // nal_ref_idc 2, coded slice of a non-IDR picture
constexpr int kSkipQp = 51;               // at QP 51 "skip" is the likely symbol of ctxIdx 11

// The arithmetic encoder of 9.3.4.2, for the two symbols that a slice of skipped macroblocks has.
class CabacSkipEncoder {
 public:
  // ctxIdx 11, cabac_init_idc 0: m = 23, n = 33 (table 9-13); state by 9.3.1.1.
  CabacSkipEncoder() : state_(std::clamp((23 * kSkipQp >> 4) + 33, 1, 126) - 64) {}

  Bytes slice(std::uint32_t macroblocks) {
    for (std::uint32_t i = 0; i + 1 < macroblocks; ++i) {
      skip_flag();
      range_ -= 2; // end_of_slice_flag 0
      renormalise();
    }
    skip_flag();
    finish();
    writer_.align(false);
    return writer_.rbsp();
  }

 private:
  void skip_flag() { // mb_skip_flag 1: the most probable symbol, by the choice of QP
    range_ -= kRangeLps[static_cast<std::size_t>(state_)][range_ >> 6 & 3U];
    state_ = std::min(state_ + 1, 62);
    renormalise();
  }

  void finish() { // end_of_slice_flag 1, EncodeFlush; its last bit is the rbsp_stop_one_bit
    range_ -= 2;
    low_ += range_;
    range_ = 2;
    renormalise();
    put(low_ >> 9 & 1U);
    writer_.u(2, (low_ >> 7 & 3U) | 1U);
  }

  void renormalise() {
    while (range_ < 256) {
      if (low_ < 256) {
        put(0);
      } else if (low_ >= 512) {
        low_ -= 512;
        put(1);
      } else {
        low_ -= 256;
        ++outstanding_;
      }
      range_ <<= 1;
      low_ <<= 1;
    }
  }

  void put(std::uint32_t bit) {
    if (first_) {
      first_ = false;
    } else {
      writer_.u(1, bit);
    }
    for (; outstanding_ > 0; --outstanding_)
      writer_.u(1, 1 - bit);
  }

  BitWriter writer_;
  int state_;
  std::uint32_t low_ = 0;
  std::uint32_t range_ = 510;
  int outstanding_ = 0;
  bool first_ = true;
};

Error unknown(const std::string& what) {
  return {Errc::kRefused, "no-change picture: the writer does not know parameter sets with " + what};
}

Result<void> check_known(const Sps& sps, const Pps& pps) {
  if (sps.poc_type == 1) return unknown("picture order count type 1");
  if (!sps.frame_mbs_only) return unknown("interlaced pictures");
  if (sps.separate_colour_planes) return unknown("separate colour planes");
  if (sps.reference_frames == 0) return unknown("no reference picture");
  if (pps.slice_groups != 1) return unknown("slice groups");
  return {};
}

} // namespace

Result<NoChangePicture> NoChangePicture::create(const VideoFormat& format) {
  if (auto known = check_known(format.sps, format.pps); !known) return known.error();
  return NoChangePicture(format);
}

NoChangePicture::NoChangePicture(const VideoFormat& format) : format_(format) {
  if (format.pps.cabac) cabac_payload_ = CabacSkipEncoder().slice(format.sps.width_mbs * format.sps.height_map_units);
}

SliceHeader NoChangePicture::next_header(const SliceHeader& last) const {
  SliceHeader next;
  next.reference = true;
  next.slice_type = 5; // P, and all slices of the picture are
  next.frame_num = (last.frame_num + 1) & ((1U << format_.sps.frame_num_bits) - 1);
  if (format_.sps.poc_type == 0) next.poc_lsb = (last.poc_lsb + 2) & ((1U << format_.sps.poc_lsb_bits) - 1);
  return next;
}

void NoChangePicture::write_slice_header(BitWriter& writer, const SliceHeader& header) const { // 7.3.3
  const auto& [sps, pps] = format_;
  writer.ue(0); // first_mb_in_slice
  writer.ue(header.slice_type);
  writer.ue(pps.id);
  writer.u(sps.frame_num_bits, header.frame_num);
  if (sps.poc_type == 0) {
    writer.u(sps.poc_lsb_bits, header.poc_lsb);
    if (pps.bottom_field_order) writer.se(0); // delta_pic_order_cnt_bottom
  }
  if (pps.redundant_pictures) writer.ue(0);
  writer.flag(true); // num_ref_idx_active_override: one reference, the previous picture
  writer.ue(0);
  writer.flag(false); // ref_pic_list_modification_flag_l0
  if (pps.weighted_pred) {
    writer.ue(0); // luma_log2_weight_denom
    if (sps.chroma_format_idc != 0) writer.ue(0);
    writer.flag(false); // luma_weight_l0_flag
    if (sps.chroma_format_idc != 0) writer.flag(false);
  }
  writer.flag(false);          // adaptive_ref_pic_marking_mode_flag: sliding window
  if (pps.cabac) writer.ue(0); // cabac_init_idc
  writer.se(pps.cabac ? kSkipQp - pps.init_qp : 0);
  if (pps.deblocking_control) writer.ue(1); // off
}

Bytes NoChangePicture::nal(const SliceHeader& header) const {
  BitWriter writer;
  write_slice_header(writer, header);
  if (format_.pps.cabac) {
    writer.align(true); // cabac_alignment_one_bit
    writer.append(cabac_payload_);
  } else {
    writer.ue(format_.sps.width_mbs * format_.sps.height_map_units); // mb_skip_run
    writer.trailing();
  }
  return make_nal(kNalHeader, writer.rbsp());
}

Bytes NoChangePicture::sample(const SliceHeader& header) const {
  const Bytes picture = nal(header);
  return join_sample({picture});
}

namespace {

// Copies an IDR slice bit by bit with another idr_pic_id. The header of an I slice is short (7.3.3): behind
// idr_pic_id only order count, marking, QP and deblocking. CABAC data start on a byte and keep their bytes.
class IdrSliceCopy {
 public:
  IdrSliceCopy(ByteView nal, const VideoFormat& format) : nal_(nal), format_(format), reader_(nal.subspan(1)) {}

  Result<Bytes> with(std::uint32_t idr_pic_id) {
    copy_ue(); // first_mb_in_slice
    const std::uint32_t type = copy_ue();
    if (type % 5 != 2) return unknown("IDR slices other than I");
    copy_ue(); // pic_parameter_set_id
    copy_u(format_.sps.frame_num_bits);
    (void)reader_.ue();
    writer_.ue(idr_pic_id);
    copy_header_tail();
    copy_data();
    if (!reader_.ok()) return Error{Errc::kCorrupt, "h264 IDR slice: cut off"};
    return make_nal(nal_[0], writer_.rbsp());
  }

 private:
  void copy_u(int bits) { writer_.u(bits, reader_.u(bits)); }
  std::uint32_t copy_ue() {
    const std::uint32_t value = reader_.ue();
    writer_.ue(value);
    return value;
  }

  void copy_header_tail() {
    if (format_.sps.poc_type == 0) {
      copy_u(format_.sps.poc_lsb_bits);
      if (format_.pps.bottom_field_order) copy_ue();
    }
    if (format_.pps.redundant_pictures) copy_ue();
    copy_u(2); // dec_ref_pic_marking of an IDR picture
    copy_ue(); // slice_qp_delta
    if (format_.pps.deblocking_control && copy_ue() != 1) {
      copy_ue();
      copy_ue();
    }
  }

  void copy_data() {
    if (format_.pps.cabac) {
      writer_.align(true); // cabac_alignment_one_bit, in both
      writer_.append(reader_.following_bytes());
      return;
    }
    while (reader_.more_data())
      copy_u(1);
    writer_.trailing();
    reader_.skip(1); // the stop bit, which must be there
  }

  ByteView nal_;
  const VideoFormat& format_;
  BitReader reader_;
  BitWriter writer_;
};

} // namespace

Result<Bytes> with_idr_pic_id(ByteView sample, const VideoFormat& format, std::uint32_t idr_pic_id) {
  if (auto known = check_known(format.sps, format.pps); !known) return known.error();
  auto nals = split_sample(sample, kLengthSize);
  if (!nals) return nals.error();
  std::vector<Bytes> rewritten;
  rewritten.reserve(nals->size()); // views into it must stay valid
  for (ByteView& nal : *nals) {
    if (nal_type(nal) != NalType::kIdrSlice) continue;
    if (nal.size() < 2) return Error{Errc::kCorrupt, "h264 IDR slice: too short"};
    auto copy = IdrSliceCopy(nal, format).with(idr_pic_id);
    if (!copy) return copy.error();
    rewritten.push_back(std::move(*copy));
    nal = rewritten.back();
  }
  return join_sample(*nals);
}

} // namespace pult::packager
