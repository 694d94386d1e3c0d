// The H.264 headers that the fill must understand: parameter sets, the first fields of a slice header, and the two
// containers of ISO/IEC 14496-15 (avcC record, length-prefixed samples).
//
// Not a decoder: fields that the fill does not need are read over. Everything is checked against the end of the bytes
// and against H.264's own limits, and a breach is a value. Pure functions, any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/result.hpp"
#include "packager/h264_bits.hpp"

namespace pult::packager {

enum class NalType : std::uint8_t {
  kSlice = 1,
  kIdrSlice = 5,
  kSei = 6,
  kSps = 7,
  kPps = 8,
  kDelimiter = 9,
};

[[nodiscard]] inline NalType nal_type(ByteView nal) {
  return static_cast<NalType>(nal[0] & 31);
}

struct Sps {
  std::uint32_t id = 0;
  std::uint8_t profile_idc = 0;
  std::uint8_t constraints = 0;
  std::uint8_t level_idc = 0;
  std::uint32_t chroma_format_idc = 1;
  bool separate_colour_planes = false;
  int frame_num_bits = 4;
  std::uint32_t poc_type = 0;
  int poc_lsb_bits = 4;         // poc_type 0
  bool poc_always_zero = false; // poc_type 1: delta_pic_order_always_zero_flag
  std::uint32_t reference_frames = 0;
  std::uint32_t width_mbs = 0;
  std::uint32_t height_map_units = 0; // macroblock rows when frame_mbs_only
  bool frame_mbs_only = true;
};

struct Pps {
  std::uint32_t id = 0;
  std::uint32_t sps_id = 0;
  bool cabac = false;
  bool bottom_field_order = false; // bottom_field_pic_order_in_frame_present_flag
  std::uint32_t slice_groups = 1;
  std::uint32_t references_l0 = 1;
  bool weighted_pred = false;
  int init_qp = 26;
  bool deblocking_control = false;
  bool redundant_pictures = false;
};

// What one slice header says about its picture.
struct SliceHeader {
  bool idr = false;
  bool reference = false; // nal_ref_idc is not 0
  std::uint32_t first_mb = 0;
  std::uint32_t slice_type = 0; // 0..9
  std::uint32_t frame_num = 0;
  std::uint32_t idr_pic_id = 0; // IDR only
  std::uint32_t poc_lsb = 0;    // poc_type 0 only

  bool operator==(const SliceHeader&) const = default;
};

[[nodiscard]] Result<Sps> parse_sps(ByteView nal);
[[nodiscard]] Result<Pps> parse_pps(ByteView nal);
[[nodiscard]] Result<SliceHeader> parse_slice_header(ByteView nal, const Sps& sps, const Pps& pps);

// AVCDecoderConfigurationRecord (ISO/IEC 14496-15 5.3.3.1).
struct AvcConfig {
  int length_size = 4; // bytes of the length before each NAL unit of a sample: 1, 2 or 4
  std::vector<Bytes> sps;
  std::vector<Bytes> pps;
};

[[nodiscard]] Result<AvcConfig> parse_avcc(ByteView record);
[[nodiscard]] Result<Bytes> make_avcc(const AvcConfig& config);

// The NAL units of one sample, as views into it. Empty NAL units and empty samples are refused.
[[nodiscard]] Result<std::vector<ByteView>> split_sample(ByteView sample, int length_size);
// The same with start codes (Annex B), as encoders write by default.
[[nodiscard]] std::vector<ByteView> split_annex_b(ByteView stream);
// With prefixes of kLengthSize bytes.
[[nodiscard]] Bytes join_sample(const std::vector<ByteView>& nals);

// One encoder's parameter sets, as the whole rung uses them: exactly one SPS and one PPS, length prefixes of 4 bytes.
inline constexpr int kLengthSize = 4;
struct VideoFormat {
  Sps sps;
  Pps pps;
};

[[nodiscard]] Result<VideoFormat> parse_video_format(ByteView avcc);
// The header of the first slice in a sample.
[[nodiscard]] Result<SliceHeader> parse_sample_header(ByteView sample, const VideoFormat& format);

} // namespace pult::packager
