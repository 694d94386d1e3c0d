#include "packager/h264_headers.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace pult::packager {

namespace {

// 8192 x 8192 is beyond every level of H.264 (A.3.1); it keeps the arithmetic far from overflow.
constexpr std::uint32_t kMaxMbsPerSide = 512;

Error corrupt(std::string what) {
  return {Errc::kCorrupt, "h264 " + std::move(what)};
}

bool has_chroma_fields(std::uint8_t profile_idc) { // 7.3.2.1.1
  static constexpr std::array<std::uint8_t, 13> kProfiles{100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135};
  return std::find(kProfiles.begin(), kProfiles.end(), profile_idc) != kProfiles.end();
}

void skip_scaling_list(BitReader& reader, int size) { // 7.3.2.1.1.1
  std::int32_t last = 8;
  std::int32_t next = 8;
  for (int i = 0; i < size && reader.ok(); ++i) {
    if (next != 0) next = (last + reader.se()) & 255;
    if (next != 0) last = next;
  }
}

void skip_scaling_matrix(BitReader& reader, int lists) {
  for (int i = 0; i < lists && reader.ok(); ++i) {
    if (reader.flag()) skip_scaling_list(reader, i < 6 ? 16 : 64);
  }
}

void parse_chroma(BitReader& reader, Sps& sps) {
  sps.chroma_format_idc = reader.ue();
  if (sps.chroma_format_idc == 3) sps.separate_colour_planes = reader.flag();
  (void)reader.ue(); // bit_depth_luma_minus8
  (void)reader.ue(); // bit_depth_chroma_minus8
  reader.skip(1);    // qpprime_y_zero_transform_bypass_flag
  if (reader.flag()) skip_scaling_matrix(reader, sps.chroma_format_idc == 3 ? 12 : 8);
}

void parse_picture_order(BitReader& reader, Sps& sps) {
  sps.poc_type = reader.ue();
  if (sps.poc_type == 0) sps.poc_lsb_bits = static_cast<int>(std::min(reader.ue(), 100U)) + 4;
  if (sps.poc_type != 1) return;
  sps.poc_always_zero = reader.flag();
  (void)reader.se();
  (void)reader.se();
  const std::uint32_t cycle = reader.ue();
  for (std::uint32_t i = 0; i < cycle && reader.ok(); ++i)
    (void)reader.se();
}

bool within_limits(const Sps& sps) {
  return sps.id <= 31 && sps.chroma_format_idc <= 3 && sps.frame_num_bits <= 16 && sps.poc_type <= 2 &&
         sps.poc_lsb_bits <= 16 && sps.reference_frames <= 16 && sps.width_mbs <= kMaxMbsPerSide &&
         sps.height_map_units <= kMaxMbsPerSide;
}

Result<void> check_header(ByteView nal, NalType wanted, const char* name) {
  if (nal.size() < 2) return corrupt(std::string(name) + ": too short");
  if ((nal[0] & 0x80) != 0) return corrupt(std::string(name) + ": forbidden_zero_bit is set");
  if (nal_type(nal) != wanted) return corrupt(std::string(name) + ": another NAL unit type");
  return {};
}

} // namespace

Result<Sps> parse_sps(ByteView nal) {
  if (auto header = check_header(nal, NalType::kSps, "SPS"); !header) return header.error();
  BitReader reader(nal.subspan(1));
  Sps sps;
  sps.profile_idc = static_cast<std::uint8_t>(reader.u(8));
  sps.constraints = static_cast<std::uint8_t>(reader.u(8));
  sps.level_idc = static_cast<std::uint8_t>(reader.u(8));
  sps.id = reader.ue();
  if (has_chroma_fields(sps.profile_idc)) parse_chroma(reader, sps);
  sps.frame_num_bits = static_cast<int>(std::min(reader.ue(), 100U)) + 4;
  parse_picture_order(reader, sps);
  sps.reference_frames = reader.ue();
  reader.skip(1); // gaps_in_frame_num_value_allowed_flag
  sps.width_mbs = std::min(reader.ue(), kMaxMbsPerSide) + 1;
  sps.height_map_units = std::min(reader.ue(), kMaxMbsPerSide) + 1;
  sps.frame_mbs_only = reader.flag();
  if (!reader.ok()) return corrupt("SPS: cut off");
  if (!within_limits(sps)) return corrupt("SPS: a field beyond its limit");
  return sps;
}

Result<Pps> parse_pps(ByteView nal) {
  if (auto header = check_header(nal, NalType::kPps, "PPS"); !header) return header.error();
  BitReader reader(nal.subspan(1));
  Pps pps;
  pps.id = reader.ue();
  pps.sps_id = reader.ue();
  pps.cabac = reader.flag();
  pps.bottom_field_order = reader.flag();
  pps.slice_groups = std::min(reader.ue(), 8U) + 1;
  if (pps.slice_groups > 1) return Error{Errc::kRefused, "h264 PPS: slice groups are not supported"};
  pps.references_l0 = std::min(reader.ue(), 32U) + 1;
  (void)reader.ue(); // num_ref_idx_l1_default_active_minus1
  pps.weighted_pred = reader.flag();
  reader.skip(2); // weighted_bipred_idc
  const std::int32_t qp = reader.se();
  (void)reader.se(); // pic_init_qs_minus26
  (void)reader.se(); // chroma_qp_index_offset
  pps.deblocking_control = reader.flag();
  reader.skip(1); // constrained_intra_pred_flag
  pps.redundant_pictures = reader.flag();
  if (!reader.ok()) return corrupt("PPS: cut off");
  if (pps.id > 255 || pps.sps_id > 31 || pps.references_l0 > 32 || qp < -62 || qp > 25)
    return corrupt("PPS: a field beyond its limit");
  pps.init_qp = 26 + qp;
  return pps;
}

Result<SliceHeader> parse_slice_header(ByteView nal, const Sps& sps, const Pps& pps) {
  if (nal.size() < 2 || (nal[0] & 0x80) != 0) return corrupt("slice: too short or forbidden_zero_bit is set");
  if (nal_type(nal) != NalType::kSlice && nal_type(nal) != NalType::kIdrSlice)
    return corrupt("slice: another NAL unit type");
  BitReader reader(nal.subspan(1));
  SliceHeader slice;
  slice.idr = nal_type(nal) == NalType::kIdrSlice;
  slice.reference = (nal[0] >> 5 & 3) != 0;
  slice.first_mb = reader.ue();
  slice.slice_type = reader.ue();
  const std::uint32_t pps_id = reader.ue();
  if (sps.separate_colour_planes) reader.skip(2);
  slice.frame_num = reader.u(sps.frame_num_bits);
  if (!sps.frame_mbs_only && reader.flag()) reader.skip(1); // field_pic_flag, bottom_field_flag
  if (slice.idr) slice.idr_pic_id = reader.ue();
  if (sps.poc_type == 0) slice.poc_lsb = reader.u(sps.poc_lsb_bits);
  if (!reader.ok()) return corrupt("slice header: cut off");
  if (slice.slice_type > 9 || slice.idr_pic_id > 65535) return corrupt("slice header: a field beyond its limit");
  if (pps_id != pps.id) return Error{Errc::kRefused, "h264 slice header: names another PPS"};
  return slice;
}

namespace {

// Reads the big-endian lengths and the bytes of the containers, checked.
class ByteReader {
 public:
  explicit ByteReader(ByteView data) : data_(data) {}

  [[nodiscard]] std::size_t left() const { return data_.size(); }
  [[nodiscard]] bool ok() const { return !failed_; }

  std::uint32_t integer(std::size_t width) {
    std::uint32_t value = 0;
    for (const std::uint8_t byte : bytes(width))
      value = value << 8 | byte;
    return value;
  }

  ByteView bytes(std::size_t count) {
    if (failed_ || count > data_.size()) {
      failed_ = true;
      return {};
    }
    const ByteView taken = data_.first(count);
    data_ = data_.subspan(count);
    return taken;
  }

 private:
  ByteView data_;
  bool failed_ = false;
};

Result<std::vector<Bytes>> read_sets(ByteReader& reader, std::uint32_t count) {
  std::vector<Bytes> sets;
  for (std::uint32_t i = 0; i < count; ++i) {
    const ByteView nal = reader.bytes(reader.integer(2));
    if (!reader.ok() || nal.empty()) return corrupt("avcC: a parameter set is cut off or empty");
    sets.emplace_back(nal.begin(), nal.end());
  }
  return sets;
}

void put_sets(Bytes& out, const std::vector<Bytes>& sets) {
  for (const Bytes& nal : sets) {
    out.push_back(static_cast<std::uint8_t>(nal.size() >> 8));
    out.push_back(static_cast<std::uint8_t>(nal.size()));
    out.insert(out.end(), nal.begin(), nal.end());
  }
}

} // namespace

Result<AvcConfig> parse_avcc(ByteView record) {
  ByteReader reader(record);
  if (reader.integer(1) != 1) return corrupt("avcC: version is not 1");
  (void)reader.bytes(3); // profile, compatibility, level: repeated in the SPS
  AvcConfig config;
  config.length_size = static_cast<int>(reader.integer(1) & 3U) + 1;
  const std::uint32_t sps_count = reader.integer(1) & 31U;
  auto sps = read_sets(reader, sps_count);
  if (!sps) return sps.error();
  const std::uint32_t pps_count = reader.integer(1);
  auto pps = read_sets(reader, pps_count);
  if (!pps) return pps.error();
  if (!reader.ok()) return corrupt("avcC: cut off");
  if (config.length_size == 3) return corrupt("avcC: length size 3 is reserved");
  config.sps = std::move(*sps);
  config.pps = std::move(*pps);
  return config;
}

Result<Bytes> make_avcc(const AvcConfig& config) {
  if (config.sps.empty() || config.sps.size() > 31 || config.pps.empty() || config.pps.size() > 255)
    return Error{Errc::kInvalidArgument, "h264 avcC: needs 1 to 31 SPS and 1 to 255 PPS"};
  for (const auto* sets : {&config.sps, &config.pps})
    for (const Bytes& nal : *sets)
      if (nal.size() < 4 || nal.size() > 65535) return Error{Errc::kInvalidArgument, "h264 avcC: size of a set"};
  const Bytes& sps = config.sps.front();
  Bytes out{1,
            sps[1],
            sps[2],
            sps[3],
            static_cast<std::uint8_t>(0xFC | (config.length_size - 1)),
            static_cast<std::uint8_t>(0xE0 | config.sps.size())};
  put_sets(out, config.sps);
  out.push_back(static_cast<std::uint8_t>(config.pps.size()));
  put_sets(out, config.pps);
  if (has_chroma_fields(sps[1])) { // 4:2:0, 8 bit, no SPS extension: all that the house encodes
    static constexpr std::array<std::uint8_t, 4> kHighTail{0xFD, 0xF8, 0xF8, 0};
    out.insert(out.end(), kHighTail.begin(), kHighTail.end());
  }
  return out;
}

Result<std::vector<ByteView>> split_sample(ByteView sample, int length_size) {
  ByteReader reader(sample);
  std::vector<ByteView> nals;
  while (reader.left() > 0) {
    const ByteView nal = reader.bytes(reader.integer(static_cast<std::size_t>(length_size)));
    if (!reader.ok()) return corrupt("sample: a NAL unit is longer than the sample");
    if (nal.empty()) return corrupt("sample: an empty NAL unit");
    nals.push_back(nal);
  }
  if (nals.empty()) return corrupt("sample: no NAL unit");
  return nals;
}

std::vector<ByteView> split_annex_b(ByteView stream) {
  static constexpr std::array<std::uint8_t, 3> kStart{0, 0, 1};
  std::vector<ByteView> nals;
  auto at = std::search(stream.begin(), stream.end(), kStart.begin(), kStart.end());
  while (at != stream.end()) {
    const auto begin = at + 3;
    at = std::search(begin, stream.end(), kStart.begin(), kStart.end());
    auto end = at;
    while (end != begin && *(end - 1) == 0)
      --end; // trailing_zero_8bits (B.1.1)
    if (end != begin) nals.emplace_back(begin, end);
  }
  return nals;
}

Bytes join_sample(const std::vector<ByteView>& nals) {
  Bytes sample;
  for (const ByteView nal : nals) {
    for (int shift = 24; shift >= 0; shift -= 8)
      sample.push_back(static_cast<std::uint8_t>(nal.size() >> shift));
    sample.insert(sample.end(), nal.begin(), nal.end());
  }
  return sample;
}

Result<VideoFormat> parse_video_format(ByteView avcc) {
  auto config = parse_avcc(avcc);
  if (!config) return config.error();
  if (config->sps.size() != 1 || config->pps.size() != 1)
    return Error{Errc::kRefused, "h264 avcC: more or fewer than one SPS and one PPS"};
  if (config->length_size != kLengthSize) return Error{Errc::kRefused, "h264 avcC: length prefixes are not of 4 bytes"};
  auto sps = parse_sps(config->sps.front());
  if (!sps) return sps.error();
  auto pps = parse_pps(config->pps.front());
  if (!pps) return pps.error();
  if (pps->sps_id != sps->id) return corrupt("avcC: the PPS names another SPS");
  return VideoFormat{*sps, *pps};
}

Result<SliceHeader> parse_sample_header(ByteView sample, const VideoFormat& format) {
  auto nals = split_sample(sample, kLengthSize);
  if (!nals) return nals.error();
  for (const ByteView nal : *nals) {
    if (nal_type(nal) == NalType::kSlice || nal_type(nal) == NalType::kIdrSlice)
      return parse_slice_header(nal, format.sps, format.pps);
  }
  return corrupt("sample: no slice");
}

} // namespace pult::packager
